//! Charges at Adyen, over its public Checkout API: a payment plugin for merchants with an account there.
//!
//! `README.md` beside this folder has the configuration, and which facts are Adyen's documentation and which are assumptions.
//! The parts: the request of a payment (`request.rs`), the mapping of its response (`answer.rs`, `refusal.rs`, `errors.rs`),
//! amounts in Adyen's units (`units.rs`), changes of a payment (`changes.rs`), the Standard webhook (`notices.rs`).
//!
//! The plugin never sees a token or card data: it sends a request with placeholders and states which field of the credential goes
//! where. A response is an approval or a decline only if it says so; everything else is an unknown outcome. Adyen has no request
//! that looks a payment up, so lookups are `unsupported`: the host repeats the same request under the same key, to which Adyen
//! answers what it answered first, and the Standard webhook reports the outcome by itself.

use tillhouse_plugin::prelude::*;

mod answer;
mod authentication;
mod changes;
mod charge;
mod errors;
mod notices;
mod refusal;
mod request;
mod settings;
mod units;
mod wire;

/// Plugin type that implements the capabilities.
#[derive(Debug)]
pub struct Processor;

impl Lifecycle for Processor {
    fn describe() -> Info {
        Info::new(
            "adyen-processor",
            env!("CARGO_PKG_VERSION"),
            "Charges tokens and cards at Adyen.",
        )
    }

    fn validate_config() -> Vec<Diagnostic> {
        settings::problems()
    }
}

tillhouse_plugin::export!(
    Processor: payments, payments_void, payments_refund, payments_capture, payments_notices, payments_authentication, lifecycle
);
