//! The rule about quotes in one call: they equal those of the single decisions.

use tillhouse_plugin_protocol::Capability;

use super::calls::{generate_catalog, items};
use super::quotes::install_for_quotes;
use super::{RuleResult, broken, does_not_apply};
use crate::env::Env;
use crate::generate::{any_cart, examples};

/// Number of generated carts of each catalog.
const CARTS: usize = 60;

pub(super) async fn equals_its_parts(env: &Env) -> RuleResult {
    if !env.exports(Capability::Quoting) {
        return does_not_apply("the component does not export quoting");
    }
    quotes_agree(env, &items(env)).await?;
    // Generated items have prices with and without tax; a plugin with a catalog of its own does not know them.
    let (_, currency) = env.catalog_and_currency();
    quotes_agree(env, &generate_catalog(env, &currency, 3)).await
}

async fn quotes_agree(env: &Env, items: &[String]) -> RuleResult {
    install_for_quotes(env).await?;
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    for cart in examples(&any_cart(&items), CARTS) {
        if let Err(differs) = env.quotes_agree(cart.clone()).await {
            return broken(format!("{differs}, for {cart:#?}"));
        }
    }
    Ok(())
}
