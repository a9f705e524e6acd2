//! Codes of the diagnostics, besides those of the TOML reader.

/// The component: its format, imports, exports or size.
pub const COMPONENT: &str = "component";
/// The manifest is missing, or does not match the component.
pub const MANIFEST: &str = "manifest";
/// A value of the configuration that the schema does not allow.
pub const CONFIGURATION: &str = "configuration";
/// The schema of the configuration.
pub const SCHEMA: &str = "schema";
/// A file that cannot be read.
pub const FILE: &str = "file";
/// An error of cargo: the package or its dependencies.
pub const CARGO: &str = "cargo";
/// An error of the compiler.
pub const RUSTC: &str = "rustc";
