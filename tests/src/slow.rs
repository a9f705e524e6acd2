//! A plugin that is slow when a test wants it to be.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use tillhouse_checkout::ids::SessionId;
use tillhouse_runtime::{Observer, PluginCall};

/// An observer that delays what follows a plugin call, for as long as a test wants.
#[derive(Debug)]
pub struct Slow {
    function: &'static str,
    held: Mutex<bool>,
    delayed: AtomicUsize,
    released: Condvar,
}

impl Slow {
    /// Delays what follows this function, while it is held.
    #[must_use]
    pub fn after(function: &'static str) -> Arc<Self> {
        Arc::new(Self {
            function,
            held: Mutex::new(false),
            delayed: AtomicUsize::new(0),
            released: Condvar::new(),
        })
    }

    /// Delays from now on.
    pub fn hold(&self) {
        *self.held.lock().unwrap() = true;
    }

    /// Whether a call is being delayed.
    #[must_use]
    pub fn is_delaying(&self) -> bool {
        self.delayed.load(Ordering::SeqCst) > 0
    }

    /// Release what is delayed, and delay nothing from now on.
    pub fn release(&self) {
        *self.held.lock().unwrap() = false;
        self.released.notify_all();
    }
}

impl Observer for Slow {
    fn called(&self, _: &SessionId, call: &PluginCall) {
        if call.function == self.function {
            tokio::task::block_in_place(|| {
                let held = self.held.lock().unwrap();
                self.delayed.fetch_add(1, Ordering::SeqCst);
                drop(self.released.wait_while(held, |held| *held).unwrap());
                self.delayed.fetch_sub(1, Ordering::SeqCst);
            });
        }
    }
}
