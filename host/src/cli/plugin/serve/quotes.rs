//! The operation that computes a whole quote.

use tillhouse_plugin_protocol::cart as protocol;
use tillhouse_plugin_protocol::quote::{Quote, QuoteReport, QuoteResult};
use tillhouse_plugin_protocol::{RequestError, RequestErrorKind};

use super::agents::agent;
use super::calls::record_to_protocol;
use super::lookups::currency;
use super::perform::{Perform, problem};
use super::server_state::ServerState;
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::ports::{DecisionError, PhaseKind, PhaseScope};
use tillhouse_checkout::time::Timestamp;
use tillhouse_runtime::trial::{MERCHANT, QuoteCalls};

/// The cart as the domain knows it: the fields of both are the same.
fn cart(cart: &protocol::Cart) -> serde_json::Result<Cart> {
    serde_json::to_value(cart).and_then(serde_json::from_value)
}

impl Perform for Quote {
    async fn perform(self, state: &ServerState) -> Result<QuoteReport, RequestError> {
        let open_trial = state.trials.get(self.trial.0)?;
        let cart = cart(&self.cart).map_err(|error| problem(RequestErrorKind::Protocol)(&error))?;
        let scope = PhaseScope {
            merchant: MerchantId::new(MERCHANT),
            session: SessionId::new(self.session),
            kind: PhaseKind::Quote,
            now: Timestamp(self.now_ms),
            currency: currency(&self.currency)?,
            locale: self.locale,
            time_zone: self.time_zone,
            agent: agent(self.agent),
            catalog: None,
            deadline: None,
        };
        let calls = if self.one_by_one {
            QuoteCalls::OneByOne
        } else {
            QuoteCalls::Whole
        };
        let _guard = open_trial.call_lock.lock().await;
        let quoted = Box::pin(open_trial.trial.quote(scope, &cart, calls)).await;
        let result = match quoted.quote {
            Ok(quote) => QuoteResult::Quote(
                serde_json::to_value(quote).map_err(|error| problem(RequestErrorKind::Machine)(&error))?,
            ),
            Err(CheckoutError::Contract(rule)) => QuoteResult::Broken(rule.to_string()),
            Err(CheckoutError::Decision(error @ DecisionError::Fault { .. })) => QuoteResult::Fault(error.to_string()),
            Err(
                refused @ (CheckoutError::Rejected(_) | CheckoutError::Decision(DecisionError::Misconfigured { .. })),
            ) => QuoteResult::Refused(refused.to_string()),
            Err(other) => QuoteResult::Rejected(other.to_string()),
        };
        Ok(QuoteReport {
            result,
            record: record_to_protocol(quoted.record),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn address() -> protocol::Address {
        protocol::Address {
            name: "Jane Doe".to_owned(),
            company: "Acme".to_owned(),
            line_one: "1 Main St".to_owned(),
            line_two: "Apt 4B".to_owned(),
            city: "Portland".to_owned(),
            region: "OR".to_owned(),
            country: "US".to_owned(),
            postal_code: "97201".to_owned(),
        }
    }

    fn buyer() -> protocol::Buyer {
        protocol::Buyer {
            first_name: some("Jane"),
            last_name: some("Doe"),
            full_name: some("Jane Doe"),
            email: some("jane@example.com"),
            phone: some("+1"),
            customer_id: some("c_1"),
            account: some("business"),
            authentication: some("authenticated"),
            company: Some(protocol::Company {
                name: "Acme".to_owned(),
                tax_id: some("DE1"),
                department: some("Purchasing"),
                cost_center: some("42"),
            }),
            tax_exemption: Some(protocol::TaxExemption {
                certificate: "cert_1".to_owned(),
                kind: "resale".to_owned(),
                regions: vec!["US-CA".to_owned()],
                expires: Some(1),
            }),
            loyalty: Some(protocol::Loyalty {
                tier: some("gold"),
                points: Some(7),
                member_since: some("2020"),
            }),
        }
    }

    fn recipient() -> protocol::Recipient {
        protocol::Recipient {
            name: some("Jane Doe"),
            phone: some("+1"),
            email: some("jane@example.com"),
            address: Some(address()),
        }
    }

    fn full_cart() -> protocol::Cart {
        protocol::Cart {
            lines: vec![protocol::CartLine {
                id: "l1".to_owned(),
                item: "tee".to_owned(),
                quantity: 2,
            }],
            codes: vec!["SAVE10".to_owned()],
            buyer: Some(buyer()),
            recipient: Some(recipient()),
            billing: Some(address()),
            groups: vec![protocol::Group {
                id: "g1".to_owned(),
                kind: "shipping".to_owned(),
                lines: vec!["l1".to_owned()],
                destination: Some(address()),
                recipient: Some(recipient()),
                location: some("downtown"),
                instructions: some("Ring twice"),
            }],
            choices: vec![protocol::Choice {
                option: "express".to_owned(),
                lines: vec!["l1".to_owned()],
            }],
            quote_id: some("q_1"),
            notes: some("A gift"),
            extensions: vec![("gift-wrap".to_owned(), "true".to_owned())],
        }
    }

    /// The domain may know more, such as the language, which a request of the protocol has outside of its cart.
    fn assert_holds(path: &str, known: &Value, sent: &Value) {
        match (known, sent) {
            (Value::Object(known), Value::Object(sent)) => {
                for (name, value) in sent {
                    assert_holds(
                        &format!("{path}.{name}"),
                        known.get(name).unwrap_or(&Value::Null),
                        value,
                    );
                }
            }
            (Value::Array(known), Value::Array(sent)) if known.len() == sent.len() => {
                for (known, sent) in known.iter().zip(sent) {
                    assert_holds(path, known, sent);
                }
            }
            _ => assert_eq!(known, sent, "{path}"),
        }
    }

    #[test]
    fn every_member_of_a_cart_reaches_the_domain() {
        let sent = full_cart();
        let known = serde_json::to_value(cart(&sent).unwrap()).unwrap();
        assert_holds("cart", &known, &serde_json::to_value(sent).unwrap());
    }
}
