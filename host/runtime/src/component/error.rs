//! Errors of loading a component.

use std::fmt;

use crate::api::interface::{CONTRACT_VERSION, REBUILD};

/// Why a file cannot be loaded as a plugin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// The file is larger than [`Limits::component_bytes`](crate::Limits::component_bytes).
    #[error(
        "the component has {size} bytes; the limit is {limit}. Build with opt-level, lto and strip as `plugin new` does"
    )]
    TooLarge {
        /// Size of the file in bytes.
        size: usize,
        /// Maximum size in bytes.
        limit: usize,
    },
    /// The file is code compiled by wasmtime, which the host never accepts from outside because it cannot be verified.
    #[error("this is compiled code (.cwasm); upload the .wasm component")]
    Precompiled,
    /// The file is a core WebAssembly module instead of a component.
    #[error("this is a core module, not a component; build for wasm32-wasip2")]
    CoreModule,
    /// The file does not start with a WebAssembly header.
    #[error("this is not WebAssembly")]
    NotWasm,
    /// The component does not validate or does not fit the pool. Carries wasmtime's error message.
    #[error("invalid component: {0}")]
    Invalid(String),
    /// The component has more instances, memories or tables than the pool allows for one component.
    #[error(
        "the component has {found} {what}; the limit is {limit}. Compose it of fewer components, or merge their modules"
    )]
    TooMany {
        /// Kind of part that there are too many of.
        what: ComponentPart,
        /// Number in the component.
        found: usize,
        /// Maximum number per component.
        limit: usize,
    },
    /// The compiler panicked. Carries the first line of the panic message.
    #[error(
        "the WebAssembly compiler panicked on this component: {0}. This is a bug of the host, not of the plugin: report it \
         with the file. Until it is fixed, build the plugin as a single component that is not composed of others"
    )]
    Compiler(String),
    /// The component imports an interface that the host does not provide.
    #[error("the component imports {import}: {remedy}")]
    UnknownImport {
        /// Name of the import with its version, e.g. `wasi:http/types@0.2.0`.
        import: String,
        /// How to fix it.
        remedy: &'static str,
    },
    /// The component exports a capability in a contract version that the host does not support, or an unknown capability.
    #[error("the component exports {export}; this host supports tillhouse:merchant {CONTRACT_VERSION}; {REBUILD}")]
    UnknownExport {
        /// Name of the export with its version, e.g. `tillhouse:merchant/pricing@0.2.0`.
        export: String,
    },
    /// The component exports no capability, or only `lifecycle`.
    #[error("the component exports no capability of tillhouse:merchant; see `export!` of tillhouse-plugin")]
    NoCapability,
    /// The host is shutting down, so the component was not loaded.
    #[error("the host is shutting down")]
    ShuttingDown,
}

/// Parts of a component whose number is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComponentPart {
    /// Instances of core modules, including adapters.
    CoreInstance,
    /// Linear memories of all instances together.
    Memory,
    /// Tables of all instances together.
    Table,
    /// Linear memories of one core module.
    MemoryOfModule,
    /// Tables of one core module.
    TableOfModule,
}

impl fmt::Display for ComponentPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CoreInstance => "core instances",
            Self::Memory => "memories",
            Self::Table => "tables",
            Self::MemoryOfModule => "memories in one core module",
            Self::TableOfModule => "tables in one core module",
        })
    }
}
