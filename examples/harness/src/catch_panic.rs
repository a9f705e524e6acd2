//! `catch_unwind` that returns the panic message and its location.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Once;
use std::task::Poll;

thread_local! {
    /// Whether this thread is inside [`catch_panic`].
    static IS_CATCHING: Cell<bool> = const { Cell::new(false) };
    /// Location of the last panic.
    static LOCATION: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The result of a function, or the message and location of its panic.
pub(crate) fn catch_panic<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    install_hook();
    let was_catching = IS_CATCHING.replace(true);
    LOCATION.set(None);
    let ended = catch_unwind(AssertUnwindSafe(run));
    IS_CATCHING.set(was_catching);
    ended.map_err(|panic| {
        let location = LOCATION.take().map(|location| format!("\nat {location}"));
        panic_message(panic.as_ref()) + &location.unwrap_or_default()
    })
}

/// Like [`catch_panic`], for a future.
pub(crate) async fn catch_panic_async<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    poll_fn(|context| match catch_panic(|| future.as_mut().poll(context)) {
        Ok(Poll::Ready(given)) => Poll::Ready(Ok(given)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(panicked) => Poll::Ready(Err(panicked)),
    })
    .await
}

/// Only a panic hook receives the location. A caught panic is not printed: shrinking an example would print two
/// hundred.
fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            if IS_CATCHING.get() {
                LOCATION.set(panicked.location().map(ToString::to_string));
            } else {
                previous(panicked);
            }
        }));
    });
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "panicked with a payload that is not text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_returned_with_its_location() {
        assert_eq!(catch_panic(|| 7), Ok(7));
        let message = catch_panic(|| assert_eq!(1 + 1, 3, "sums")).unwrap_err();
        assert!(
            message.contains("sums") && message.contains("\nat ") && message.contains("catch_panic.rs:"),
            "{message}"
        );
    }

    #[tokio::test]
    async fn a_future_may_panic_after_it_has_waited() {
        let message = catch_panic_async(async {
            tokio::task::yield_now().await;
            panic!("late")
        });
        let message: Result<(), String> = message.await;
        assert!(message.unwrap_err().starts_with("late\nat "));
    }
}
