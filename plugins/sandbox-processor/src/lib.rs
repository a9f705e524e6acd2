//! Charges cards with the sandbox's acquirer: a processor plugin to develop against, and the example to copy for another.
//!
//! What to take over: a type for what is sent and for what comes back (`wire.rs`), one place where an answer becomes an outcome
//! (`answer.rs`), charge and lookup (`charge.rs`), everything that is done to a charge later (`amend.rs`), and
//! `tests/component.rs`, where an acquirer that is scripted approves, declines, hangs up and tells what the plugin must not
//! learn. For a plugin that decides before payment, see `reference-shop` and, for one capability alone, `tax-table`.
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
