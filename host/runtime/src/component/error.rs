//! Why bytes are refused.

use std::fmt;

/// Why bytes are no plugin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// Over the limit.
    #[error(
        "the component has {size} bytes; the limit is {limit}. Build with opt-level, lto and strip as `plugin new` does"
    )]
    TooLarge {
        /// Bytes there are.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Compiled code, which is never taken from outside.
    #[error("this is compiled code (.cwasm); upload the .wasm component")]
    Precompiled,
    /// A module of core WebAssembly.
    #[error("this is a core module, not a component; build for wasm32-wasip2")]
    CoreModule,
    /// No WebAssembly.
    #[error("this is not WebAssembly")]
    NotWasm,
    /// Does not validate, or does not fit the pool. Carries wasmtime's words.
    #[error("the component is not valid here: {0}")]
    Invalid(String),
    /// Composed of more than the pool has for one component.
    #[error(
        "the component has {found} {what}; the limit is {limit}. Compose it of fewer components, or merge their modules"
    )]
    TooMany {
        /// What there are too many of.
        what: Part,
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A panic of the compiler. Carries its words.
    #[error(
        "the WebAssembly compiler failed on this component: {0}. That is a fault of the host, not of the plugin: report it \
         with the file, and until it is corrected build the plugin as one component that is not composed of others"
    )]
    Compiler(String),
    /// An import that the host does not serve.
    #[error("the component imports {import}: {remedy}")]
    UnknownImport {
        /// The import.
        import: String,
        /// What to do instead.
        remedy: &'static str,
    },
    /// An export of a contract version that the host does not speak.
    #[error(
        "the component exports {export}; this host speaks tillhouse:merchant 0.1; rebuild with tillhouse-plugin 0.1"
    )]
    UnknownExport {
        /// The export.
        export: String,
    },
    /// Nothing to decide.
    #[error("the component exports no capability of tillhouse:merchant; see `export!` of tillhouse-plugin")]
    NoCapability,
    /// The host is going down.
    #[error("the host is shutting down")]
    ShuttingDown,
}

/// What a component is made of, as far as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Instances of core modules, those of adapters included.
    CoreInstance,
    /// Linear memories.
    Memory,
    /// Tables.
    Table,
    /// Linear memories of one core module.
    MemoryOfModule,
    /// Tables of one core module.
    TableOfModule,
}

impl fmt::Display for Part {
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
