//! `POST /agentic_commerce/delegate_payment`: an agent delegates a card to the merchant's vault, and gets a token for it.
//!
//! Served only for a merchant with a vault. The callers are the agents of the merchant, with their own keys: a token pays a session
//! of the agent that delegated it. Nothing of a request is logged or recorded; the answer is recorded sealed.

mod call;
mod errors;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;

pub(crate) use errors::ErrorCodes;

use super::shape::delegated_payment::request_v2025_09_29::Limits;
use crate::respond;
use crate::settings::MerchantSettings;
use crate::state::AppState;

/// The path, without the merchant's prefix.
pub(crate) const PATH: &str = "/agentic_commerce/delegate_payment";

/// Rules of `delegate_payment` in a release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DelegationRules {
    /// Limits of the request.
    pub(crate) limits: Limits,
    /// Codes of errors that the release has.
    pub(crate) codes: ErrorCodes,
}

/// The rules that 2025-09-29 brought.
pub(crate) const DELEGATION_V2025_09_29: DelegationRules = DelegationRules {
    limits: Limits {
        longest_iin: 6,
        needs_risk_signals: true,
    },
    codes: ErrorCodes::DuplicateRequest,
};

/// The rules of 2026-01-16, which alone before 2026-04-17 has longer numbers of issuers.
pub(crate) const DELEGATION_V2026_01_16: DelegationRules = DelegationRules {
    limits: Limits {
        longest_iin: 8,
        needs_risk_signals: true,
    },
    codes: ErrorCodes::DuplicateRequest,
};

/// The rules that 2026-04-17 brought.
pub(crate) const DELEGATION_V2026_04_17: DelegationRules = DelegationRules {
    limits: Limits {
        longest_iin: 8,
        needs_risk_signals: false,
    },
    codes: ErrorCodes::InFlight,
};

pub(crate) async fn receive(
    State(state): State<AppState>,
    Extension(merchant): Extension<Arc<MerchantSettings>>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let answered = call::answer(state, merchant, &head.headers, body).await;
    respond::from_post_outcome(&head.headers, answered)
}
