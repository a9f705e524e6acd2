//! Components: manifest, inspection and checks of the bytes, and the cache of compiled code.

pub(crate) mod cache;
pub(crate) mod compiler_panic;
pub(crate) mod digest;
pub(crate) mod error;
pub(crate) mod exports;
pub mod inspect;
pub(crate) mod linker;
pub mod manifest;
pub mod package;
