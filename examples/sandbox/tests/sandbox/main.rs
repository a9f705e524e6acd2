//! Tests of the simulators over HTTP, and of the agent against a scripted shop.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod acquirer_cards;
mod acquirer_faults;
mod acquirer_money;
mod acquirer_notices;
mod adyen_advanced;
mod adyen_checkout;
mod adyen_dialect;
mod adyen_faults;
mod adyen_inbox;
mod adyen_merchant;
mod adyen_sequences;
mod adyen_standard;
mod adyen_vault;
mod adyen_webhooks;
mod agent;
mod authentication;
mod client;
mod delegate_payment;
mod receiver;
mod shop;
mod stripe_after_sale;
mod stripe_catalog_imports;
mod stripe_feed_events;
mod stripe_feeds;
mod stripe_guide;
mod stripe_idempotency;
mod stripe_records;
mod stripe_refunds;
mod stripe_tokens;
mod stripe_units;
mod stripe_versions;
