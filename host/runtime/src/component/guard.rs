//! What the compiler does with bytes from outside may end in a panic of the compiler: then that is what is wrong with this
//! component, and nothing else of the host is touched.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::error::PackageError;

/// Characters of a panic's message that are told.
const TOLD: usize = 400;

/// Do the work, and tell its panic as an error of the component.
///
/// Whatever the compiler had begun is dropped with it; it takes nothing into use before it is done.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, PackageError>) -> Result<T, PackageError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(failed(&*panic)))
}

/// The error that a panic of the compiler is.
pub(crate) fn failed(panic: &(dyn Any + Send)) -> PackageError {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
    let said = said
        .and_then(|said| said.lines().next())
        .unwrap_or("it does not say why");
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
            (Box::new(7), "it does not say why".to_owned()),
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
