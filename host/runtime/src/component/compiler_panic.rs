//! Turning a panic of the WebAssembly compiler into an error of the component.
//!
//! The compiler runs on bytes from outside. If it panics on a component, the rest of the host is not affected.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::error::PackageError;

/// Maximum length of the panic message in the error, in characters.
const MAX_MESSAGE_CHARS: usize = 400;

/// Run the work and convert a panic into [`PackageError::Compiler`].
///
/// Unwind safety: the compiler drops its unfinished state during the unwind, and shares nothing before it is done.
pub(crate) fn catch_panic<T>(work: impl FnOnce() -> Result<T, PackageError>) -> Result<T, PackageError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(panic_error(&*panic)))
}

/// Convert a panic payload into an error, with the first line of the panic message.
pub(crate) fn panic_error(panic: &(dyn Any + Send)) -> PackageError {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
    let message = message
        .and_then(|message| message.lines().next())
        .unwrap_or("no panic message");
    PackageError::Compiler(message.chars().take(MAX_MESSAGE_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_has_the_first_line_of_the_panic_message() {
        for (panic, expected) in [
            (Box::new("no") as Box<dyn Any + Send>, "no".to_owned()),
            (Box::new("not so\nat all".to_owned()), "not so".to_owned()),
            (Box::new("x".repeat(10_000)), "x".repeat(MAX_MESSAGE_CHARS)),
            (Box::new(7), "no panic message".to_owned()),
        ] {
            let error = catch_panic::<()>(|| std::panic::resume_unwind(panic)).unwrap_err();
            assert_eq!(error, PackageError::Compiler(expected));
        }
    }

    #[test]
    fn results_without_a_panic_are_unchanged() {
        assert_eq!(catch_panic(|| Ok(1)), Ok(1));
        assert_eq!(
            catch_panic::<()>(|| Err(PackageError::NotWasm)),
            Err(PackageError::NotWasm)
        );
    }
}
