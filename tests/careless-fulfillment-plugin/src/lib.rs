//! Plugin without payments that calls a carrier with a secret, for the tests of the conformance suite.
//!
//! It behaves correctly unless its configuration key `mistake` names a mistake to make. With the key `flat-rate`, an amount, it ships
//! at that price when the carrier does not answer in time.

use tillhouse_plugin::{egress::Response, prelude::*};

/// Plugin type that implements the capabilities.
#[derive(Debug)]
pub struct CarelessFulfillment;

tillhouse_plugin::export!(CarelessFulfillment: fulfillment);

impl Fulfillment for CarelessFulfillment {
    fn options(_ctx: Context, cart: Cart, _amounts: Vec<LineAmount>) -> Result<Offer, Failure> {
        if cart.destination.is_none() {
            return Ok(Offer::default());
        }
        let request = egress::get("carrier", "/rates").bearer_secret("carrier_key");
        let answer = match (request.send(), config::parse::<i64>("flat-rate")?) {
            (Err(error), Some(price)) if error.code == "timeout" => {
                let flat = FulfillmentOption::shipping("flat", "Flat rate", Amount::new(price)?);
                return Ok(Offer::preselecting(flat));
            }
            (answer, _) => answer?,
        };
        if has_mistake("log-the-rates") {
            log::info("the carrier answered", &[("body".into(), text(&answer))]);
        }
        match answer.status {
            200 => Ok(Offer::preselecting(FulfillmentOption::shipping(
                "parcel",
                "Parcel",
                Amount::new(599)?,
            ))),
            _ if has_mistake("fail-with-the-rates") => Err(Failure::Misconfigured(text(&answer))),
            _ => Err(Failure::Unavailable(None)),
        }
    }
}

/// Whether the configuration enables this mistake.
fn has_mistake(mistake: &str) -> bool {
    config::get("mistake").is_some_and(|named| named == mistake)
}

fn text(answer: &Response) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}
