//! Inspection of a component: size, imports and exports, read from its bytes without compiling or running it.

mod authority;
mod release_diff;
mod size_breakdown;
#[cfg(test)]
mod tests;

use wasmparser::{Parser, Payload};

use super::compiler_panic::catch_panic;
use super::digest::Digest;
use super::error::PackageError;
use super::linker::check_import;
use super::package::{check_bytes, check_export};
use crate::api::capability::{Capabilities, Capability};

pub use authority::{Authority, STUB, describe_import, requested_authority};
pub use release_diff::{Change, ReleaseDiff};
pub use size_breakdown::SizeBreakdown;

/// Contents of a component file.
#[derive(Clone, Debug)]
pub struct ComponentInfo {
    /// SHA-256 of the file.
    pub digest: Digest,
    /// Size in bytes, broken down by use.
    pub sizes: SizeBreakdown,
    /// Names of the imports with versions, e.g. `tillhouse:host/log@0.2.0`, in the order of the file.
    pub imports: Vec<String>,
    /// Names of the exports with versions, e.g. `tillhouse:merchant/pricing@0.2.0`, in the order of the file.
    pub exports: Vec<String>,
}

impl ComponentInfo {
    /// Parse a component. `limit` is the maximum size in bytes.
    ///
    /// # Errors
    /// When the bytes are not a valid component, or exceed the limit.
    pub fn read(bytes: &[u8], limit: usize) -> Result<Self, PackageError> {
        check_bytes(bytes, limit)?;
        catch_panic(|| Self::parse(bytes))
    }

    fn parse(bytes: &[u8]) -> Result<Self, PackageError> {
        let mut component = Self {
            digest: Digest::of(bytes),
            sizes: SizeBreakdown::of(bytes.len()),
            imports: Vec::new(),
            exports: Vec::new(),
        };
        // Nesting depth: only imports and exports at depth 0 are those of the component itself.
        let mut depth = 0usize;
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload.map_err(|error| PackageError::Invalid(error.to_string()))?;
            match &payload {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            component.sizes.count(&payload);
            if depth == 0 {
                component.name(&payload)?;
            }
        }
        Ok(component)
    }

    fn name(&mut self, payload: &Payload<'_>) -> Result<(), PackageError> {
        let invalid = |error: wasmparser::BinaryReaderError| PackageError::Invalid(error.to_string());
        match payload {
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    self.imports.push(import.map_err(invalid)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone() {
                    self.exports.push(export.map_err(invalid)?.name.name.to_owned());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Everything in the names of its imports and exports that keeps the component from implementing this host's contract.
    #[must_use]
    pub fn problems(&self) -> Vec<PackageError> {
        let imports = self.imports.iter().filter_map(|import| check_import(import).err());
        let exports = self.exports.iter().filter_map(|export| check_export(export).err());
        let mut problems: Vec<PackageError> = imports.chain(exports).collect();
        // An export of another version is already reported; "no capability" would repeat it.
        let is_meant = problems
            .iter()
            .any(|problem| matches!(problem, PackageError::UnknownExport { .. }));
        if self.capabilities().decides_nothing() && !is_meant {
            problems.push(PackageError::NoCapability);
        }
        problems
    }

    /// The capabilities that it exports in a version that this host supports.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        let found = self
            .exports
            .iter()
            .filter_map(|export| check_export(export).ok().flatten());
        found.collect()
    }

    /// Whether it imports an interface of `tillhouse:host`, given without package and version, e.g. `egress`.
    #[must_use]
    pub fn uses(&self, interface: &str) -> bool {
        let of_host = |import: &String| {
            let name = import.strip_prefix("tillhouse:host/")?;
            Some(name.split('@').next().unwrap_or(name).to_owned())
        };
        self.imports.iter().filter_map(of_host).any(|name| name == interface)
    }

    /// The contract that it was built for, e.g. `tillhouse:merchant@0.2.0`, from its first export of `tillhouse:merchant`.
    #[must_use]
    pub fn contract(&self) -> Option<String> {
        let of_contract = |export: &String| {
            let (name, version) = export.split_once('@')?;
            name.starts_with("tillhouse:merchant/")
                .then(|| format!("tillhouse:merchant@{version}"))
        };
        self.exports.iter().find_map(of_contract)
    }

    /// Whether it exports a capability in a version that this host supports.
    #[must_use]
    pub fn exports(&self, capability: Capability) -> bool {
        self.capabilities().contains(capability)
    }
}
