//! A simulated host for unit tests, in native builds only.
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
//! A host is installed for the current thread until its guard is dropped, so that tests do not affect each other. Writes take
//! effect immediately; the real host stages them and detects conflicts at commit.

mod fixtures;
pub(crate) mod imports;
mod orders;
mod state;
mod test_credential;

use self::state::State;
pub use self::{
    fixtures::{address, cart, context, item, line_amount, notice, operation, tax_request},
    orders::{charge_order, draft, order_event},
    test_credential::TestCredential,
};
pub use crate::bindings::tillhouse::host::egress::Request;
use crate::{
    catalog::Item,
    egress::{Error, Response},
};

/// Builder for a test host.
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
    /// Creates a host without configuration, catalog and data.
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

    /// Sets the value of a configuration key.
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

    /// Sets the time of the call in epoch milliseconds. The default is 0.
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

    /// Sets the value of a counter.
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

    /// Queues a response for the next request that has none yet.
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

    /// Queues an error for the next request that has no response yet; `sent` says whether bytes may have left the host.
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
            message: "error queued by the test".into(),
            sent,
        }));
        self
    }

    /// Installs the host for this thread until the guard is dropped.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// {
    ///     let _host = testing::Host::new().config("a", "1").install();
    ///     assert!(config::get("a").is_some());
    /// }
    /// assert!(config::get("a").is_none(), "the host is uninstalled");
    /// ```
    #[must_use = "dropping the guard uninstalls the host"]
    pub fn install(self) -> Installed {
        state::set(Some(self.0));
        Installed(())
    }
}

/// Guard and inspector of the host that is installed for this thread.
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
    /// Returns the value of a counter; 0 if it was never changed.
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

    /// Returns a value of `kv`; `None` if the key does not exist.
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

    /// Returns the requests that the plugin sent, oldest first.
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

    /// Returns the lines that the plugin logged, oldest first.
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

    /// Changes the value of a configuration key.
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

    /// Adds or replaces an item of the catalog.
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
