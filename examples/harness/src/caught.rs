//! `catch_unwind` that returns the panic message and its location.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Once;
use std::task::Poll;

thread_local! {
    /// Whether this thread is inside [`caught`].
    static TRIES: Cell<bool> = const { Cell::new(false) };
    /// Location of the last panic.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The result of a function, or the message and location of its panic.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    listen();
    let tried_before = TRIES.replace(true);
    PLACE.set(None);
    let ended = catch_unwind(AssertUnwindSafe(run));
    TRIES.set(tried_before);
    ended.map_err(|panic| {
        let place = PLACE.take().map(|place| format!("\nat {place}"));
        words(panic.as_ref()) + &place.unwrap_or_default()
    })
}

/// Like [`caught`], for a future.
pub(crate) async fn caught_later<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    poll_fn(|context| match caught(|| future.as_mut().poll(context)) {
        Ok(Poll::Ready(given)) => Poll::Ready(Ok(given)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(panicked) => Poll::Ready(Err(panicked)),
    })
    .await
}

/// Only a panic hook receives the location. A caught panic is not printed: shrinking an example would print two
/// hundred.
fn listen() {
    static LISTENS: Once = Once::new();
    LISTENS.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            if TRIES.get() {
                PLACE.set(panicked.location().map(ToString::to_string));
            } else {
                usual(panicked);
            }
        }));
    });
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "panicked with a payload that is not text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_with_its_place() {
        assert_eq!(caught(|| 7), Ok(7));
        let told = caught(|| assert_eq!(1 + 1, 3, "sums")).unwrap_err();
        assert!(
            told.contains("sums") && told.contains("\nat ") && told.contains("caught.rs:"),
            "{told}"
        );
    }

    #[tokio::test]
    async fn a_future_may_panic_after_it_has_waited() {
        let told = caught_later(async {
            tokio::task::yield_now().await;
            panic!("late")
        });
        let told: Result<(), String> = told.await;
        assert!(told.unwrap_err().starts_with("late\nat "));
    }
}
