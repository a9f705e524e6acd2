//! Charges cards at the sandbox's acquirer: a payment plugin for development, and an example for other processors.
//!
//! To write a plugin for another processor, start with: the types of requests and responses (`wire.rs`), the mapping of
//! responses to outcomes (`answer.rs`), charge and lookup (`charge.rs`), authentications (`authentication.rs`), changes of
//! a charge and lookups of them (`changes.rs`), and `tests/component.rs`, where a scripted acquirer approves, declines, closes connections and returns data
//! that the plugin must not see. For capabilities before payment, see `reference-shop`; for a plugin with one capability, see
//! `tax-table`.
//!
//! The plugin never sees card data. It sends a request with placeholders and states which field of the credential goes where;
//! the host fills them in. Responses are interpreted conservatively: only an explicit response is an approval or a decline.
//! Everything else is an unknown outcome, which the host resolves by lookup.
//!
//! Configuration, all optional: `capture` (default `true`), `currencies` (any), `idempotency-key-life-s` (86400),
//! `visibility-delay-s` (60), `timeout-ms` (the operator's timeout), `notice-secret` (none: events are rejected),
//! `authenticate-last4` (the sandbox's cards that need an authentication), and for authentications `acquirer-bin`,
//! `acquirer-country`, `acquirer-merchant-id`, `merchant-name` (those of the sandbox). The
//! manifest's upstream is `acquirer`, its secret `api_key`.
//!
//! `notice-secret` is configuration instead of a secret of the manifest, because a plugin cannot read secrets: the host fills
//! them into outgoing requests, but this one is needed to verify incoming events. An attacker who knows it can only report a
//! pending charge as approved: the host accepts an approval of the amount due, and looks up everything else at the acquirer.

use tillhouse_plugin::prelude::*;

mod answer;
mod authentication;
mod changes;
mod charge;
mod listing;
mod notices;
mod settings;
mod wire;

/// Plugin type that implements the capabilities.
#[derive(Debug)]
pub struct Processor;

impl Lifecycle for Processor {
    fn describe() -> Info {
        Info::new(
            "sandbox-processor",
            env!("CARGO_PKG_VERSION"),
            "Charges cards at the sandbox's acquirer.",
        )
    }

    fn validate_config() -> Vec<Diagnostic> {
        settings::problems()
    }
}

tillhouse_plugin::export!(
    Processor: payments, payments_void, payments_refund, payments_capture, payments_cancel_by_reference, payments_list,
    payments_notices, payments_authentication, lifecycle
);
