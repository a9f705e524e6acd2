//! Fixtures: arguments as JSON files, in the words of the contract.

mod lenient;

use std::fs;

use serde::de::DeserializeOwned;

use crate::env::Env;

impl Env {
    /// Read `fixtures/NAME` of the plugin's package: JSON as `tillhouse plugin run` takes it. Names are the contract's in
    /// snake case; a list, an optional or a flag that is not there is empty, absent or false.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::types::Cart;
    /// # async fn test(env: Env) {
    /// let cart: Cart = env.fixture("cart.json");
    /// env.pricing().price(cart).await.unwrap();
    /// # }
    /// ```
    ///
    /// # Panics
    /// When there is no such file, or it is no `T`.
    #[must_use]
    #[track_caller]
    pub fn fixture<T: DeserializeOwned>(&self, name: &str) -> T {
        let path = self.plugin().folder.join("fixtures").join(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        lenient::read(value).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}
