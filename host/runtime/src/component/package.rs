//! Loading a component: checking, compiling and linking its bytes, and finding its capabilities.

use std::fmt;

use wasmtime::Engine;
use wasmtime::component::{Component as Compiled, InstancePre, Linker};

use super::compiler_panic::catch_panic;
pub use super::digest::Digest;
pub use super::error::{ComponentPart, PackageError};
use super::exports::Exports;
use super::linker::check_import;
use crate::api::capability::{Capabilities, Capability};
use crate::api::interface::{TYPES_OF_MERCHANT, is_supported};
use crate::guest::limits::{CallLimits, Limits, MEMORIES, TABLES};
use crate::guest::state::GuestState;

/// Bytes of a page of linear memory, in which wasmtime counts what a memory begins with.
const PAGE: u64 = 64 << 10;

/// What a component file is told apart by, and its size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileIdentity {
    pub(crate) digest: Digest,
    size: usize,
}

impl FileIdentity {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self {
            digest: Digest::of(bytes),
            size: bytes.len(),
        }
    }
}

/// A limit of a merchant that a component exceeds before it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ExceededLimit {
    /// Key of the limit in the configuration.
    pub(crate) key: &'static str,
    pub(crate) needed: u64,
    pub(crate) limit: u64,
}

/// A compiled and linked component. Shared by all merchants that use it; the configuration is in the binding.
pub struct Component {
    file: FileIdentity,
    /// Bytes and elements with which its largest memory and table begin.
    initial: (u64, u64),
    capabilities: Capabilities,
    pub(crate) pre: InstancePre<GuestState>,
    pub(crate) exports: Exports,
}

impl Component {
    /// SHA-256 of the component file.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.file.digest
    }

    /// The capabilities that it exports.
    #[must_use]
    pub const fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// The limits, of those of a merchant, that are too small for this component to be used at all.
    pub(crate) fn exceeded(&self, limits: &Limits) -> Vec<ExceededLimit> {
        let smallest = |of_calls: fn(&CallLimits) -> usize| {
            let kinds = [&limits.decision, &limits.effect, &limits.processor, &limits.charge];
            kinds.into_iter().map(of_calls).min().unwrap_or(0) as u64
        };
        let (memory, elements) = self.initial;
        let needs = [
            ("component_bytes", self.file.size as u64, limits.component_bytes as u64),
            ("memory_bytes", memory, smallest(|calls| calls.memory_bytes)),
            ("table_elements", elements, smallest(|calls| calls.table_elements)),
        ];
        let exceeded = needs.into_iter().filter(|(_, needed, limit)| needed > limit);
        exceeded
            .map(|(key, needed, limit)| ExceededLimit { key, needed, limit })
            .collect()
    }

    /// Size of the compiled code in memory, in bytes.
    #[must_use]
    pub fn code_bytes(&self) -> u32 {
        let range = self.pre.component().image_range();
        let bytes = (range.end as usize).saturating_sub(range.start as usize);
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }

    /// Compile bytes that passed [`check_bytes`]. Blocks the thread: 0.2 to 0.4 s for a component of 220 KB.
    ///
    /// # Errors
    /// When the bytes do not validate or do not fit the pool, or the compiler panics.
    pub(crate) fn compile(engine: &Engine, bytes: &[u8]) -> Result<Compiled, PackageError> {
        catch_panic(|| Compiled::from_binary(engine, bytes).map_err(|error| link_error(&error)))
    }

    /// Link compiled code to the host imports, and find its capabilities.
    ///
    /// # Errors
    /// When the component does not implement this contract.
    pub(crate) fn link(
        engine: &Engine,
        linker: &Linker<GuestState>,
        file: FileIdentity,
        compiled: &Compiled,
    ) -> Result<Self, PackageError> {
        catch_panic(|| Self::linked(engine, linker, file, compiled))
    }

    fn linked(
        engine: &Engine,
        linker: &Linker<GuestState>,
        file: FileIdentity,
        compiled: &Compiled,
    ) -> Result<Self, PackageError> {
        check_counts(compiled)?;
        let ty = compiled.component_type();
        for (name, _) in ty.imports(engine) {
            check_import(name)?;
        }
        let exports: Vec<&str> = ty.exports(engine).map(|(name, _)| name).collect();
        let capabilities = capabilities(&exports)?;
        let pre = linker.instantiate_pre(compiled).map_err(invalid)?;
        let exports = Exports::find(&pre, capabilities).map_err(invalid)?;
        let required = compiled.resources_required();
        let initial = required.map_or((0, 0), |required| {
            (
                required.max_initial_memory_size.unwrap_or(0).saturating_mul(PAGE),
                required.max_initial_table_size.unwrap_or(0),
            )
        });
        Ok(Self {
            file,
            initial,
            capabilities,
            pre,
            exports,
        })
    }
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Component")
            .field("digest", &self.file.digest)
            .field("capabilities", &self.capabilities)
            .finish_non_exhaustive()
    }
}

/// Check the limits that the pool would enforce, for machines that allocate instances on demand.
fn check_counts(compiled: &Compiled) -> Result<(), PackageError> {
    let Some(required) = compiled.resources_required() else {
        return Ok(());
    };
    for (what, found, limit) in [
        (ComponentPart::Memory, required.num_memories, MEMORIES),
        (ComponentPart::Table, required.num_tables, TABLES),
    ] {
        let (found, limit) = (found as usize, limit as usize);
        if found > limit {
            return Err(PackageError::TooMany { what, found, limit });
        }
    }
    Ok(())
}

/// Fragments of the error messages of wasmtime 48.0.8 for a component that exceeds a limit of the pool.
///
/// Wasmtime has no error type for these. The version is pinned, and `tests::composed` fails if the text changes.
const COUNTED: [(&str, ComponentPart); 5] = [
    (
        " core module instances, which exceeds the configured maximum of ",
        ComponentPart::CoreInstance,
    ),
    (
        " Wasm linear memories, which exceeds the configured maximum of ",
        ComponentPart::Memory,
    ),
    (
        " tables, which exceeds the configured maximum of ",
        ComponentPart::Table,
    ),
    ("defined memories count of ", ComponentPart::MemoryOfModule),
    ("defined tables count of ", ComponentPart::TableOfModule),
];

/// Classify an error of the compiler.
fn link_error(error: &wasmtime::Error) -> PackageError {
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

/// Check that bytes are within the size limit and are a component, before compiling them.
///
/// The preamble identifies the kind of binary: version 13 and layer 1 for a component, version 1 and layer 0 for a core module.
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

/// The capability of an export. `None` for the contract's types, and for exports that are not of the contract.
///
/// # Errors
/// When the export is of a contract version that this host does not support, has no version, or is not a known capability.
pub(crate) fn check_export(export: &str) -> Result<Option<Capability>, PackageError> {
    let (interface, version) = export.split_once('@').unwrap_or((export, ""));
    let Some(name) = interface.strip_prefix("tillhouse:merchant/") else {
        return Ok(None);
    };
    match Capability::named(name) {
        Some(capability) if is_supported(version) => Ok(Some(capability)),
        None if TYPES_OF_MERCHANT.contains(&interface) && is_supported(version) => Ok(None),
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
