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
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let host = testing::Host::new().config("price", "599").answer(200, "ok").install();
/// assert_eq!(config::amount("price")?.minor(), 599);
/// assert!(host.requests().is_empty());
/// # Ok::<(), Failure>(())
/// ```
#[derive(Debug, Default)]
pub struct Host(State);

impl Host {
    /// A host with nothing in it.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let _host = testing::Host::new().install();
    /// assert_eq!(config::get("price"), None);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a configuration key.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let _host = testing::Host::new().config("tax.us.CA", "7.25").install();
    /// assert_eq!(config::get("tax.us.CA").as_deref(), Some("7.25"));
    /// ```
    #[must_use]
    pub fn config(mut self, key: &str, value: &str) -> Self {
        self.0.config.insert(key.into(), value.into());
        self
    }

    /// Sets the time of the call, in epoch milliseconds. 0 unless set.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let _host = testing::Host::new().at(1_000).install();
    /// assert_eq!(clock::now(), 1_000);
    /// ```
    #[must_use]
    pub const fn at(mut self, now: u64) -> Self {
        self.0.now = now;
        self
    }

    /// Adds an item to the catalog.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let _host = testing::Host::new().item(testing::item("tee", 2500)).install();
    /// assert!(catalog::get(&["tee".into()])[0].is_some());
    /// ```
    #[must_use]
    pub fn item(mut self, item: Item) -> Self {
        self.0.items.insert(item.id.clone(), item);
        self
    }

    /// Sets a column of an item.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let _host = testing::Host::new().column("tee", "custom_label_0", "1").install();
    /// assert_eq!(catalog::column("tee", "custom_label_0").as_deref(), Some("1"));
    /// ```
    #[must_use]
    pub fn column(mut self, item: &str, name: &str, value: &str) -> Self {
        self.0.columns.insert((item.into(), name.into()), value.into());
        self
    }

    /// Sets a counter.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let _host = testing::Host::new().counter("sold/tee", -4).install();
    /// assert_eq!(counters::peek("sold/tee")?, -4);
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn counter(mut self, key: &str, value: i64) -> Self {
        self.0.counters.insert(key.into(), value);
        self
    }

    /// Queues an answer to the next request that has none yet.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let _host = testing::Host::new().answer(402, "declined").install();
    /// assert_eq!(egress::get("acme", "/x").send()?.status, 402);
    /// # Ok::<(), Failure>(())
    /// ```
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
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let _host = testing::Host::new().no_answer("timeout", true).install();
    /// assert!(egress::get("acme", "/x").send().unwrap_err().sent);
    /// ```
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
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// {
    ///     let _host = testing::Host::new().config("a", "1").install();
    ///     assert!(config::get("a").is_some());
    /// }
    /// assert!(config::get("a").is_none(), "the host is gone");
    /// ```
    #[must_use = "the host is gone when the guard is dropped"]
    pub fn install(self) -> Installed {
        state::set(Some(self.0));
        Installed(())
    }
}

/// The host of this thread, to look at.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let host = testing::Host::new().install();
/// counters::add("sold/tee", -1, None)?;
/// assert_eq!(host.counter("sold/tee"), -1);
/// # Ok::<(), Failure>(())
/// ```
#[derive(Debug)]
pub struct Installed(());

impl Installed {
    /// Where a counter stands.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let host = testing::Host::new().install();
    /// assert_eq!(host.counter("never-moved"), 0);
    /// ```
    #[must_use]
    pub fn counter(&self, key: &str) -> i64 {
        state::with(|state| state.counters.get(key).copied().unwrap_or(0))
    }

    /// A value of `kv`.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let host = testing::Host::new().install();
    /// kv::set("note", b"fragile", kv::Expectation::Any)?;
    /// assert_eq!(host.value("note").as_deref(), Some(&b"fragile"[..]));
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn value(&self, key: &str) -> Option<Vec<u8>> {
        state::with(|state| state.values.get(key).map(|versioned| versioned.value.clone()))
    }

    /// The requests sent, oldest first.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let host = testing::Host::new().answer(200, "").install();
    /// egress::get("rates", "/quote").send()?;
    /// assert_eq!(host.requests()[0].upstream, "rates");
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        state::with(|state| state.requests.clone())
    }

    /// The log lines written, oldest first.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let host = testing::Host::new().install();
    /// log::warn("slow", &[("upstream".into(), "rates".into())]);
    /// assert_eq!(host.lines(), ["warn slow upstream=rates"]);
    /// ```
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        state::with(|state| state.lines.clone())
    }

    /// Changes a configuration key.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let host = testing::Host::new().config("rate", "5").install();
    /// host.set_config("rate", "6");
    /// assert_eq!(config::get("rate").as_deref(), Some("6"));
    /// ```
    pub fn set_config(&self, key: &str, value: &str) {
        state::with(|state| state.config.insert(key.into(), value.into()));
    }

    /// Imports an item anew.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let host = testing::Host::new().item(testing::item("tee", 2500)).install();
    /// host.set_item(testing::item("tee", 2000));
    /// assert_eq!(catalog::get(&["tee".into()])[0].as_ref().unwrap().price.minor, 2000);
    /// ```
    pub fn set_item(&self, item: Item) {
        state::with(|state| state.items.insert(item.id.clone(), item));
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        state::set(None);
    }
}
