//! Charges cards with the sandbox's acquirer: a processor plugin to develop against and to copy from.
//!
//! The plugin never sees a card. It sends a request with holes, says which field of the credential goes where, and the host
//! fills them in. What the acquirer answers is read conservatively: only an answer that says so is an approval or a
//! decline, and everything else is unknown, for the host to settle by lookup.
//!
//! Configuration, all optional: `capture` (`true`), `currencies` (any), `idempotency-key-life-s` (86400),
//! `visibility-delay-s` (60), `timeout-ms` (the operator's bound), `notice-secret` (none: notices are refused). The manifest's
//! upstream is `acquirer`, its secret `api_key`.
//!
//! `notice-secret` is configuration and not a secret of the manifest, because a plugin cannot read those: the host fills them
//! into requests that go out, and this one verifies what comes in. Whoever knows it can say that a pending charge was approved,
//! and no more: the host takes an approval of the amount due at its word and asks the acquirer about everything else.

use tillhouse_plugin::prelude::*;

mod amend;
mod answer;
mod charge;
mod listing;
mod notices;
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
    Processor: payments, payments_void, payments_refund, payments_capture, payments_cancel_by_reference, payments_list,
    payments_notices, lifecycle
);
