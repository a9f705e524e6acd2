//! Charges cards with the sandbox's acquirer: a processor plugin to develop against and to copy from.
//!
//! The plugin never sees a card. It sends a request with holes, says which field of the credential goes where, and the host
//! fills them in. What the acquirer answers is read conservatively: only an answer that says so is an approval or a
//! decline, and everything else is unknown, for the host to settle by lookup.
//!
//! Configuration, all optional: `capture` (`true`), `currencies` (any), `idempotency-key-life-s` (86400),
//! `visibility-delay-s` (60), `timeout-ms` (the operator's bound). The manifest's upstream is `acquirer`, its secret
//! `api_key`.

use tillhouse_plugin::prelude::*;

mod amend;
mod answer;
mod charge;
mod listing;
mod settings;
mod wire;

/// The processor.
#[derive(Debug)]
pub struct Processor;

impl Lifecycle for Processor {
    fn describe() -> Info {
        Info::new(
            "sandbox-processor",
            env!("CARGO_PKG_VERSION"),
            "Charges cards with the sandbox's acquirer.",
        )
    }

    fn validate_config() -> Vec<Problem> {
        settings::problems()
    }
}

tillhouse_plugin::export!(
    Processor: payments, payments_void, payments_refund, payments_capture, payments_list, lifecycle
);
