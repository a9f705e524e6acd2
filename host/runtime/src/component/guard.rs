//! Turning a panic of the WebAssembly compiler into an error of the component.
//!
//! The compiler runs on bytes from outside. If it panics on a component, the rest of the host is not affected.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::error::PackageError;

/// Maximum length of the panic message in the error, in characters.
const TOLD: usize = 400;

/// Run the work and convert a panic into [`PackageError::Compiler`].
///
/// Unwind safety: the compiler drops its unfinished state during the unwind, and shares nothing before it is done.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, PackageError>) -> Result<T, PackageError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(failed(&*panic)))
}

/// Convert a panic payload into an error, with the first line of the panic message.
pub(crate) fn failed(panic: &(dyn Any + Send)) -> PackageError {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
    let said = said.and_then(|said| said.lines().next()).unwrap_or("no panic message");
    PackageError::Compiler(said.chars().take(TOLD).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_in_one_line() {
        for (panic, told) in [
            (Box::new("no") as Box<dyn Any + Send>, "no".to_owned()),
            (Box::new("not so\nat all".to_owned()), "not so".to_owned()),
            (Box::new("x".repeat(10_000)), "x".repeat(TOLD)),
            (Box::new(7), "no panic message".to_owned()),
        ] {
            let error = guarded::<()>(|| std::panic::resume_unwind(panic)).unwrap_err();
            assert_eq!(error, PackageError::Compiler(told));
        }
    }

    #[test]
    fn what_does_not_panic_is_passed_on() {
        assert_eq!(guarded(|| Ok(1)), Ok(1));
        assert_eq!(guarded::<()>(|| Err(PackageError::NotWasm)), Err(PackageError::NotWasm));
    }
}
