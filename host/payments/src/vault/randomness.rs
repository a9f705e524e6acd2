//! The source of the vault's tokens and nonces.

use std::fmt;
use std::io;

/// Unpredictable bytes. Injected, so that tests can know them.
pub trait Randomness: Send + Sync + fmt::Debug {
    /// Fill these bytes.
    ///
    /// # Errors
    /// If the operating system has none.
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()>;
}
