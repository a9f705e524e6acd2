//! The token vault: `delegate_payment` as Adyen's platform serves it to the vault of an agent.

mod error;
mod request;

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::json;

pub(super) use self::error::{VaultDialect, VaultError};
use self::request::Delegation;
use super::Operation;
use super::state::AdyenState;
use super::token::AgenticToken;
use crate::answer::{JsonAnswer, Outcome};
use crate::auth::bearer_of;
use crate::id::AgenticTokenId;
use crate::incoming_request::IncomingRequest;
use crate::sync::lock;

/// Where a card is delegated, below the base URL.
pub const DELEGATE_PATH: &str = "/paltokenization/servlet/Recurring/Agentic/acp/v1/agentic_commerce/delegate_payment";

/// The only release of the vault's API.
pub const DELEGATE_VERSION: &str = "2025-09-29";

pub(super) async fn delegate(State(state): State<Arc<AdyenState>>, incoming: IncomingRequest) -> Response {
    if bearer_of(&incoming).as_deref() != Some(state.config.vault_key.reveal()) {
        return VaultError::unauthorized().into_response();
    }
    if incoming.header("api-version") != Some(DELEGATE_VERSION) {
        let rule = format!("must be {DELEGATE_VERSION}.");
        return VaultError::invalid("API-Version", &rule).into_response();
    }
    let fingerprint = String::from_utf8_lossy(&incoming.body).into_owned();
    let (shared, body) = (Arc::clone(&state), incoming.body.clone());
    let work = async move {
        match issue(&shared, &body) {
            Ok(answer) => Outcome::stored(answer),
            Err(error) => error.into(),
        }
    };
    Arc::clone(&state.pipeline)
        .write::<VaultDialect, _>(Operation::Delegate, incoming, fingerprint, work)
        .await
}

fn issue(state: &AdyenState, body: &[u8]) -> Result<JsonAnswer, VaultError> {
    let delegation = Delegation::read(body, state.pipeline.clock.now())?;
    if !state.is_account(&delegation.merchant_id) {
        return Err(VaultError::forbidden());
    }
    let session = delegation.checkout_session_id;
    // Sessions of a merchant's own agent API are not known here, but those of this simulator are.
    if lock(&state.sessions).is_final(&session) {
        return Err(VaultError::invalid(
            "allowance.checkout_session_id",
            "cannot be paid any more.",
        ));
    }
    let id = AgenticTokenId::generate();
    lock(&state.tokens).issue(AgenticToken {
        id: id.clone(),
        checkout_session_id: session,
        merchant_id: delegation.merchant_id,
        max_amount: delegation.max_amount,
        expires_at: delegation.expires_at.as_second(),
        used: false,
        last4: delegation.last4,
        card: delegation.card,
        good_through: delegation.good_through,
    });
    Ok(JsonAnswer::ok(
        json!({"id": id, "expires_at": delegation.expires_at.to_string()}),
    ))
}
