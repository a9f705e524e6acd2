//! Whole quotes, as a host makes them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tillhouse_plugin::types::Cart;
use tillhouse_plugin_protocol::Capability;
use tillhouse_plugin_protocol::quote::{Quote as Ask, QuoteResult};

use super::Env;
use super::asker::agent_to_protocol;
use super::failure_message::config_rejected;
use crate::checkout::CheckoutError;
use crate::diff;
use crate::plugin::Plugin;
use crate::quote::{NotQuoted, Quote, to_protocol};

/// Capabilities that decide a part of a quote.
const DECIDES: [Capability; 4] = [
    Capability::Pricing,
    Capability::Inventory,
    Capability::Fulfillment,
    Capability::Tax,
];

/// How the decisions of a quote are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QuoteMode {
    /// As a host does: in one call if the plugin exports `quoting`.
    AsHost,
    /// Each in a call of its own.
    OneByOne,
}

impl Env {
    /// Quotes a cart as a host does. The reference shop makes the decisions that the plugin does not make.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let quote = env.quote(cart().line("tee", 2).to(address::us("CA"))).await.unwrap();
    /// assert_eq!(quote.line("line_1"), net(50_00).tax(3_63));
    /// env.usage().assert_under(instructions(2_000_000), mib(4), calls(0));
    /// # }
    /// ```
    ///
    /// [`usage`](Self::usage), [`logs`](Self::logs) and [`requests`](Self::requests) cover all calls of the quote.
    ///
    /// # Errors
    /// When the plugin rejects the cart, breaks a rule of the contract or gives no answer.
    ///
    /// # Panics
    /// When the configuration is invalid, or the reference shop is needed and not found.
    pub async fn quote(&self, cart: impl Into<Cart>) -> Result<Quote, NotQuoted> {
        self.quote_by(cart.into(), QuoteMode::AsHost).await
    }

    /// Quotes a cart in one call, and decision by decision. A plugin that exports `quoting` must answer the same both
    /// ways.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// use tillhouse_harness::generate::any_cart;
    ///
    /// # async fn test(env: Env) {
    /// env.for_all(500, any_cart(&["tee", "mug"]), async |cart| env.quotes_agree(cart).await).await;
    /// # }
    /// ```
    ///
    /// # Errors
    /// The first member of the quote that differs, with both values.
    ///
    /// # Panics
    /// When the plugin does not export `quoting`, or its configuration is invalid.
    pub async fn quotes_agree(&self, cart: impl Into<Cart>) -> Result<(), String> {
        assert!(
            self.exports(Capability::Quoting),
            "the component does not export quoting"
        );
        let cart = cart.into();
        let whole = self.quote_by(cart.clone(), QuoteMode::AsHost).await;
        compared(&whole, &self.quote_by(cart, QuoteMode::OneByOne).await)
    }

    fn quote_by(
        &self,
        cart: Cart,
        mode: QuoteMode,
    ) -> Pin<Box<dyn Future<Output = Result<Quote, NotQuoted>> + Send + '_>> {
        // Boxed, so that the tests of each plugin do not compile it again.
        Box::pin(async move {
            let fallback = self
                .fallback()
                .unwrap_or_else(|missing| panic!("cannot make a whole quote: {missing}"));
            let _call = self.inner.call_lock.lock().await;
            if let Err(problems) = self.install_beside(fallback.as_deref()).await {
                panic!("{}", config_rejected(&problems));
            }
            self.ask_quote(cart, mode).await
        })
    }

    /// Quotes a cart with the plugins that are installed.
    pub(crate) async fn ask_quote(&self, cart: Cart, mode: QuoteMode) -> Result<Quote, NotQuoted> {
        self.ready_upstreams(None).await;
        let it = self.state().settings.clone();
        let ask = Ask {
            trial: self.inner.trial,
            cart: to_protocol(cart),
            now_ms: it.now_ms,
            currency: it.currency,
            session: it.session,
            locale: it.locale,
            time_zone: it.time_zone,
            agent: agent_to_protocol(it.agent),
            one_by_one: mode == QuoteMode::OneByOne,
        };
        let quoted = self.inner.program.ask(&ask).await;
        let quoted = quoted.unwrap_or_else(|problem| panic!("{problem}"));
        self.add_record("quote", quoted.record);
        self.fail_on_unexpected_requests();
        match quoted.result {
            QuoteResult::Quote(quote) => Ok(Quote::read(quote)),
            QuoteResult::Broken(how) => Err(NotQuoted::Broken(how)),
            QuoteResult::Fault(how) => Err(NotQuoted::Fault(how)),
            QuoteResult::Refused(why) => Err(NotQuoted::Refused(why)),
            QuoteResult::Rejected(why) => Err(NotQuoted::Rejected(why)),
        }
    }

    /// Number of the four decisions of a quote that the plugin makes.
    pub(crate) fn decisions_of_a_quote(&self) -> usize {
        DECIDES.iter().filter(|capability| self.exports(**capability)).count()
    }

    /// The plugin that makes the other decisions; `None` if there are none and it is not available.
    pub(crate) fn fallback(&self) -> Result<Option<Arc<Plugin>>, CheckoutError> {
        if self.decisions_of_a_quote() == DECIDES.len() {
            return Ok(Plugin::reference());
        }
        Plugin::require_reference().map(Some)
    }
}

/// Compares the quote in one call with that of the single decisions.
fn compared(whole: &Result<Quote, NotQuoted>, parts: &Result<Quote, NotQuoted>) -> Result<(), String> {
    let texts = match (whole, parts) {
        (Ok(whole), Ok(parts)) => return diff::first_difference(whole.json(), parts.json()).map_or(Ok(()), Err),
        // The same reason may be worded with the name of another function.
        (Err(whole), Err(parts)) if std::mem::discriminant(whole) == std::mem::discriminant(parts) => return Ok(()),
        (whole, parts) => [whole, parts].map(|quoted| match quoted {
            Ok(_) => "it is quoted".to_owned(),
            Err(why) => why.to_string(),
        }),
    };
    let [whole, parts] = texts;
    Err(format!("in one call: {whole}; decision by decision: {parts}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn quote(tax: i64) -> Result<Quote, NotQuoted> {
        let totals = json!({"items_base": 1_00, "items_discount": 0, "subtotal": 1_00, "discount": 0, "fulfillment": 0,
            "fees": 0, "tax": tax, "total": 1_00 + tax});
        let none = Value::Array(Vec::new());
        Ok(Quote::read(
            json!({"lines": none, "options": none, "fees": none, "selected": none, "totals": totals}),
        ))
    }

    #[test]
    fn the_first_member_that_differs_is_named_with_both_values() {
        assert_eq!(compared(&quote(19), &quote(19)), Ok(()));
        let differs = compared(&quote(19), &quote(20)).unwrap_err();
        assert_eq!(differs, "totals.tax is 19 in one call and 20 decision by decision");
    }

    #[test]
    fn a_refusal_both_ways_is_the_same_answer_however_it_is_worded() {
        let refused = |text: &str| Err(NotQuoted::Refused(text.to_owned()));
        assert_eq!(
            compared(&refused("quoting.quote: dollars"), &refused("pricing.price: dollars")),
            Ok(())
        );
        assert_eq!(
            compared(&quote(19), &refused("dollars")).unwrap_err(),
            "in one call: it is quoted; decision by decision: refused: dollars"
        );
    }
}
