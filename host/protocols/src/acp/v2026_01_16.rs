//! ACP 2026-01-16: the requests of 2025-12-12, with other outcomes of an authentication.

mod session;

use super::delegate_payment;
use super::release_definition::ReleaseDefinition;
use super::shape::authentication_result::request_v2026_01_16::AuthenticationResult;
use super::{v2025_09_29, v2025_12_12};

pub(crate) static RELEASE: ReleaseDefinition = ReleaseDefinition {
    date: "2026-01-16",
    key_rules: v2025_12_12::RELEASE.key_rules,
    fields: v2025_12_12::FIELDS,
    read_create: v2025_12_12::requests::create,
    read_update: v2025_12_12::requests::update,
    read_complete: v2025_12_12::requests::complete_with::<AuthenticationResult>,
    read_cancel: v2025_12_12::requests::cancel,
    render: session::render,
    carts: None,
    delegation: delegate_payment::DELEGATION_V2026_01_16,
    order_event: v2025_09_29::order_event::render,
};
