//! The effects of a test's calls: what they used, logged, sent and stored.

use tillhouse_plugin_protocol::call::{LogLine, SentRequest};
use tillhouse_plugin_protocol::data::{DataSnapshot, PutData, ReadData, SetCounter};

use super::Env;
use crate::usage::Usage;

impl Env {
    /// Resources that the last call used.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.pricing().price(cart().line("tee", 2)).await.unwrap();
    /// assert_eq!(env.usage().function, "pricing.price");
    /// env.usage().assert_under(instructions(200_000), mib(2), calls(0));
    /// # }
    /// ```
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.state().last.clone().of(&self.inner.plugin.folder)
    }

    /// Resources that all calls of this test used: the sum of instructions and requests, and the largest memory.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// for quantity in 1..=3 {
    ///     env.pricing().price(cart().line("tee", quantity)).await.unwrap();
    /// }
    /// env.total_usage().assert_under(instructions(600_000), mib(2), calls(0));
    /// # }
    /// ```
    #[must_use]
    pub fn total_usage(&self) -> Usage {
        self.state().total.clone().of(&self.inner.plugin.folder)
    }

    /// Lines that the plugin logged, oldest first, as they appear in the host's log.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.pricing().price(cart().line("gone", 1)).await.unwrap();
    /// assert!(env.logs().iter().any(|line| line.level == "warn" && line.text.contains("gone")));
    /// # }
    /// ```
    #[must_use]
    pub fn logs(&self) -> Vec<LogLine> {
        self.state().lines.clone()
    }

    /// Requests that the plugin sent, oldest first, as the host recorded them.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.payments().charge(order(), card::visa()).await.unwrap();
    /// assert_eq!((env.requests()[0].path.as_str(), &env.requests()[0].answer), ("/v1/charges", &Ok(201)));
    /// # }
    /// ```
    #[must_use]
    pub fn requests(&self) -> Vec<SentRequest> {
        self.state().requests.clone()
    }

    /// Entries of the plugin in `kv`, in the order of their keys.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.inventory().reserve("r1", cart().line("print", 1)).await.unwrap();
    /// assert_eq!(env.kv()[0].0, "reservation/r1");
    /// # }
    /// ```
    #[must_use]
    pub fn kv(&self) -> Vec<(String, Vec<u8>)> {
        self.data().values
    }

    /// Value of a counter of the plugin; 0 if it does not exist.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.inventory().reserve("r1", cart().line("print", 2)).await.unwrap();
    /// assert_eq!(env.counter("sold/print"), -2);
    /// # }
    /// ```
    #[must_use]
    pub fn counter(&self, key: &str) -> i64 {
        let counters = self.counters();
        counters
            .iter()
            .find(|(name, _)| name == key)
            .map_or(0, |(_, value)| *value)
    }

    /// Sets a counter of the plugin.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.set_counter("sold/print", -10);
    /// assert_eq!(env.inventory().check(cart().line("print", 1)).await.unwrap()[0].available, Some(0));
    /// # }
    /// ```
    pub fn set_counter(&self, key: &str, value: i64) -> &Self {
        let set = SetCounter {
            trial: self.inner.trial,
            plugin: self.inner.plugin.manifest.id.clone(),
            key: key.to_owned(),
            value,
        };
        let done = self.inner.program.ask_now(&set);
        done.unwrap_or_else(|problem| panic!("{problem}"));
        self
    }

    pub(crate) fn counters(&self) -> Vec<(String, i64)> {
        self.data().counters
    }

    /// All data of the plugin: `kv` entries and counters.
    pub(super) fn data(&self) -> DataSnapshot {
        let data = ReadData {
            trial: self.inner.trial,
            plugin: self.inner.plugin.manifest.id.clone(),
        };
        let kept = self.inner.program.ask_now(&data);
        kept.unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// Replaces all data of the plugin.
    pub(super) fn put_data(&self, kept: DataSnapshot) {
        let put = PutData {
            trial: self.inner.trial,
            plugin: self.inner.plugin.manifest.id.clone(),
            snapshot: kept,
        };
        let done = self.inner.program.ask_now(&put);
        done.unwrap_or_else(|problem| panic!("{problem}"));
    }
}
