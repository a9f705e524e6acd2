//! ACP 2026-04-17: whole orders, notes, marketing consents and carts.

mod order_event;
pub(crate) mod requests;
mod session;

#[cfg(test)]
mod tests;

use super::carts::CARTS_V2026_04_17;
use super::delegate_payment;
use super::release_definition::ReleaseDefinition;
use super::v2026_01_30;
use crate::error_response::{ErrorType, RequestFields};
use crate::idempotency::KeyRules;
use axum::http::StatusCode;

pub(crate) static RELEASE: ReleaseDefinition = ReleaseDefinition {
    date: "2026-04-17",
    key_rules: KeyRules {
        required: true,
        conflict: StatusCode::UNPROCESSABLE_ENTITY,
        conflict_kind: ErrorType::InvalidRequest,
    },
    fields: RequestFields {
        consents: Some("$.marketing_consents"),
        ..v2026_01_30::FIELDS
    },
    read_create: requests::create,
    read_update: requests::update,
    read_complete: requests::complete,
    read_cancel: requests::cancel,
    render: session::render,
    carts: Some(CARTS_V2026_04_17),
    delegation: delegate_payment::DELEGATION_V2026_04_17,
    order_event: order_event::render,
};
