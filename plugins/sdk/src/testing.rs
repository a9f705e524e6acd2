//! A host for unit tests, in native builds only.
//!
//! ```
//! use tillhouse_plugin::prelude::*;
//!
//! let host = testing::Host::new().config("limit", "3").item(testing::item("tee", 2500)).install();
//! assert_eq!(config::parse::<u32>("limit").unwrap(), Some(3));
//! counters::add("sold/tee", -1, Some(-5)).unwrap();
//! assert_eq!(host.counter("sold/tee"), -1);
//! ```
//!
//! A host is installed for the current thread until its guard is dropped, so tests do not see each other's. Writes take
//! effect at once; the real host stages them and judges conflicts at commit.

mod fixtures;
pub(crate) mod imports;
mod state;

pub use self::fixtures::{TestCredential, address, cart, context, item, operation};
use self::state::State;
pub use crate::bindings::tillhouse::host::egress::Request;
use crate::{
    catalog::Item,
    egress::{Error, Response},
};

/// A host in the making.
#[derive(Debug, Default)]
pub struct Host(State);

impl Host {
    /// A host with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a configuration key.
    #[must_use]
    pub fn config(mut self, key: &str, value: &str) -> Self {
        self.0.config.insert(key.into(), value.into());
        self
    }

    /// Sets the time of the call, in epoch milliseconds. 0 unless set.
    #[must_use]
    pub const fn at(mut self, now: u64) -> Self {
        self.0.now = now;
        self
    }

    /// Adds an item to the catalog.
    #[must_use]
    pub fn item(mut self, item: Item) -> Self {
        self.0.items.insert(item.id.clone(), item);
        self
    }

    /// Sets a column of an item.
    #[must_use]
    pub fn column(mut self, item: &str, name: &str, value: &str) -> Self {
        self.0.columns.insert((item.into(), name.into()), value.into());
        self
    }

    /// Sets a counter.
    #[must_use]
    pub fn counter(mut self, key: &str, value: i64) -> Self {
        self.0.counters.insert(key.into(), value);
        self
    }

    /// Queues an answer to the next request that has none yet.
    #[must_use]
    pub fn answer(mut self, status: u16, body: &str) -> Self {
        self.0.answers.push_back(Ok(Response {
            status,
            headers: Vec::new(),
            body: body.into(),
        }));
        self
    }

    /// Queues an error for the next request that has no answer yet.
    #[must_use]
    pub fn no_answer(mut self, code: &str, sent: bool) -> Self {
        self.0.answers.push_back(Err(Error {
            code: code.into(),
            message: "as the test says".into(),
            sent,
        }));
        self
    }

    /// Makes it the host of this thread until the guard is dropped.
    #[must_use = "the host is gone when the guard is dropped"]
    pub fn install(self) -> Installed {
        state::set(Some(self.0));
        Installed(())
    }
}

/// The host of this thread, to look at.
#[derive(Debug)]
pub struct Installed(());

impl Installed {
    /// Where a counter stands.
    #[must_use]
    pub fn counter(&self, key: &str) -> i64 {
        state::with(|state| state.counters.get(key).copied().unwrap_or(0))
    }

    /// A value of `kv`.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<Vec<u8>> {
        state::with(|state| state.values.get(key).map(|versioned| versioned.value.clone()))
    }

    /// The requests sent, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        state::with(|state| state.requests.clone())
    }

    /// The log lines written, oldest first.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        state::with(|state| state.lines.clone())
    }

    /// Changes a configuration key.
    pub fn set_config(&self, key: &str, value: &str) {
        state::with(|state| state.config.insert(key.into(), value.into()));
    }

    /// Imports an item anew.
    pub fn set_item(&self, item: Item) {
        state::with(|state| state.items.insert(item.id.clone(), item));
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        state::set(None);
    }
}
