//! A component from its bytes: checked, compiled, and with its capabilities found.

use std::fmt;

use wasmtime::Engine;
use wasmtime::component::{Component as Compiled, InstancePre, Linker};

pub use super::digest::Digest;
pub use super::error::{PackageError, Part};
use super::exports::Exports;
use super::guard::guarded;
use super::linker::check_import;
use crate::api::capability::{Capabilities, Capability};
use crate::guest::limits::{MEMORIES, TABLES};
use crate::guest::state::State;

/// A component, compiled and linked. Shared by every merchant that uses it; configuration is theirs.
pub struct Component {
    digest: Digest,
    capabilities: Capabilities,
    pub(crate) pre: InstancePre<State>,
    pub(crate) exports: Exports,
}

impl Component {
    /// Its identity.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// What it exports.
    #[must_use]
    pub const fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// Bytes of compiled code.
    #[must_use]
    pub fn code_bytes(&self) -> u32 {
        let range = self.pre.component().image_range();
        let bytes = (range.end as usize).saturating_sub(range.start as usize);
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }

    /// Compile bytes that [`check_bytes`] lets pass. Holds its thread for a few hundred milliseconds per megabyte.
    ///
    /// # Errors
    /// When they do not validate, do not fit the pool, or are what the compiler fails on.
    pub(crate) fn compile(engine: &Engine, bytes: &[u8]) -> Result<Compiled, PackageError> {
        guarded(|| Compiled::from_binary(engine, bytes).map_err(|error| refused(&error)))
    }

    /// Link code to the host's imports, and find its capabilities.
    ///
    /// # Errors
    /// When it is no plugin of this contract.
    pub(crate) fn link(
        engine: &Engine,
        linker: &Linker<State>,
        digest: Digest,
        compiled: &Compiled,
    ) -> Result<Self, PackageError> {
        guarded(|| Self::linked(engine, linker, digest, compiled))
    }

    fn linked(
        engine: &Engine,
        linker: &Linker<State>,
        digest: Digest,
        compiled: &Compiled,
    ) -> Result<Self, PackageError> {
        fits(compiled)?;
        let ty = compiled.component_type();
        for (name, _) in ty.imports(engine) {
            check_import(name)?;
        }
        let exports: Vec<&str> = ty.exports(engine).map(|(name, _)| name).collect();
        let capabilities = capabilities(&exports)?;
        let pre = linker.instantiate_pre(compiled).map_err(invalid)?;
        let exports = Exports::find(&pre, capabilities).map_err(invalid)?;
        Ok(Self {
            digest,
            capabilities,
            pre,
            exports,
        })
    }
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Component")
            .field("digest", &self.digest)
            .field("capabilities", &self.capabilities)
            .finish_non_exhaustive()
    }
}

/// Where there is no pool that says so, the limits of a pool hold as well.
fn fits(compiled: &Compiled) -> Result<(), PackageError> {
    let Some(required) = compiled.resources_required() else {
        return Ok(());
    };
    for (what, found, limit) in [
        (Part::Memory, required.num_memories, MEMORIES),
        (Part::Table, required.num_tables, TABLES),
    ] {
        let (found, limit) = (found as usize, limit as usize);
        if found > limit {
            return Err(PackageError::TooMany { what, found, limit });
        }
    }
    Ok(())
}

/// What the pool of wasmtime 48.0.8 says of a component that it has no room for; it has words for it and no type. The version is
/// pinned, and `tests::composed` notices a change.
const COUNTED: [(&str, Part); 5] = [
    (
        " core module instances, which exceeds the configured maximum of ",
        Part::CoreInstance,
    ),
    (
        " Wasm linear memories, which exceeds the configured maximum of ",
        Part::Memory,
    ),
    (" tables, which exceeds the configured maximum of ", Part::Table),
    ("defined memories count of ", Part::MemoryOfModule),
    ("defined tables count of ", Part::TableOfModule),
];

/// What a component is refused for.
fn refused(error: &wasmtime::Error) -> PackageError {
    let cause = error.root_cause().to_string();
    let counted = COUNTED.iter().find(|(words, _)| cause.contains(words));
    let mut numbers = cause
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|word| word.parse().ok());
    match (counted, numbers.next(), numbers.next()) {
        (Some(&(_, what)), Some(found), Some(limit)) => PackageError::TooMany { what, found, limit },
        _ => PackageError::Invalid(format!("{error:#}")),
    }
}

fn invalid(error: wasmtime::Error) -> PackageError {
    PackageError::Invalid(format!("{error:#}"))
}

/// Whether bytes may be compiled at all.
///
/// The preamble says what kind of binary it is (component model binary format: version 13 and layer 1 for a component).
pub(crate) fn check_bytes(bytes: &[u8], limit: usize) -> Result<(), PackageError> {
    if bytes.len() > limit {
        return Err(PackageError::TooLarge {
            size: bytes.len(),
            limit,
        });
    }
    if Engine::detect_precompiled(bytes).is_some() {
        return Err(PackageError::Precompiled);
    }
    match bytes.get(..8) {
        Some(b"\0asm\x0d\0\x01\0") => Ok(()),
        Some(b"\0asm\x01\0\0\0") => Err(PackageError::CoreModule),
        _ => Err(PackageError::NotWasm),
    }
}

/// The capability that an export of the contract is; `None` for types that come along, and for what is not of the contract.
///
/// # Errors
/// When it is of a version of the contract that this host does not speak, or of no version at all.
pub(crate) fn check_export(export: &str) -> Result<Option<Capability>, PackageError> {
    let Some(name) = export.strip_prefix("tillhouse:merchant/") else {
        return Ok(None);
    };
    let (name, version) = name.split_once('@').unwrap_or((name, ""));
    match Capability::named(name) {
        Some(capability) if version.starts_with("0.1.") => Ok(Some(capability)),
        None if name == "types" && version.starts_with("0.1.") => Ok(None),
        _ => Err(PackageError::UnknownExport {
            export: export.to_owned(),
        }),
    }
}

fn capabilities(exports: &[&str]) -> Result<Capabilities, PackageError> {
    let mut found = Capabilities::default();
    for export in exports {
        if let Some(capability) = check_export(export)? {
            found.insert(capability);
        }
    }
    if found.decides_nothing() {
        return Err(PackageError::NoCapability);
    }
    Ok(found)
}
