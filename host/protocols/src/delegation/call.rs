//! One call of an authenticated caller, under its idempotency key.

use std::sync::Arc;

use axum::http::HeaderMap;
use tokio::time::Instant;
use tracing::warn;

use super::refusal::{masked, of_vault};
use super::{Delegation, DelegationShape};
use crate::deadline::run_until;
use crate::error_response::ErrorResponse;
use crate::idempotency::scope;
use crate::idempotent_post::{DuplicateWait, PostError, PostOutcome, run_under_key};
use crate::json::{self, JsonValue};
use crate::request::parse_json;
use crate::settings::MerchantSettings;
use crate::state::AppState;
use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::idempotency::{IdempotencyKey, Reply};
use tillhouse_checkout::operation::CheckoutResponse;
use tillhouse_checkout::vault::{CardVault, DelegationError, DelegationRecorder, DelegationRequest};

/// A call: who makes it, in which shape, and the vault that it is for.
#[derive(Clone)]
pub(crate) struct DelegationCall<Shape> {
    pub(crate) state: AppState,
    pub(crate) merchant: Arc<MerchantSettings>,
    pub(crate) caller: Caller,
    /// Arrival of the request head, from which the deadline counts.
    pub(crate) arrived: Instant,
    pub(crate) vault: Arc<dyn CardVault>,
    pub(crate) shape: Shape,
}

impl<Shape: DelegationShape> DelegationCall<Shape> {
    /// The answer to this body under this key. No error has a card number in it.
    pub(crate) async fn run(&self, headers: &HeaderMap, key: Option<String>, bytes: &[u8]) -> PostOutcome {
        match self.answer(headers, key, bytes).await {
            Ok(PostOutcome::Refused(error)) | Err(error) => PostOutcome::Refused(masked(error)),
            Ok(answered) => answered,
        }
    }

    async fn answer(
        &self,
        headers: &HeaderMap,
        key: Option<String>,
        bytes: &[u8],
    ) -> Result<PostOutcome, ErrorResponse> {
        let body = WipedBody(parse_json(headers, bytes)?);
        let key = key.map(|key| self.key(key, &body));
        let limit = self.state.limits.operation_deadline;
        let (call, recorded_under) = (self.clone(), key.clone());
        let work = async move {
            let wait = DuplicateWait::Until(call.arrived + limit);
            let work = |key| call.delegate(body, key);
            run_under_key(&call.state, call.shape.key_rules(), key, wait, work).await
        };
        match run_until(&self.state, self.arrived.checked_add(limit), None, None, work).await? {
            PostOutcome::Replayed(reply) => self.opened(recorded_under, reply),
            other => Ok(other),
        }
    }

    /// A plain hash of a body with a card number can be found by trial: the fingerprint is keyed.
    fn key(&self, key: String, body: &WipedBody) -> IdempotencyKey {
        let plain = body
            .0
            .as_ref()
            .map_or_else(json::fingerprint_of_nothing, json::fingerprint_with_cards);
        IdempotencyKey {
            scope: scope(&self.caller, self.shape.path(), Some(self.shape.release()), key),
            fingerprint: self.vault.fingerprint(&self.caller.merchant, plain),
            expires: self.state.service.now().after(self.state.limits.retention),
        }
    }

    async fn delegate(&self, body: WipedBody, key: Option<IdempotencyKey>) -> Result<CheckoutResponse, PostError> {
        let named = key.as_ref().map(|key| key.scope.key.as_str());
        let (delegation, render) = self.shape.read(body.0.as_ref(), &self.merchant, named)?;
        drop(body);
        let recorder = DelegationRecorder {
            key: key.clone(),
            render,
        };
        match self.vault.delegate(self.request(delegation), recorder).await {
            Ok(reply) => Ok(CheckoutResponse::Fresh(reply)),
            Err(DelegationError::KeyUsed) => self.recorded(key).await,
            Err(error) => {
                if let DelegationError::Unavailable(detail) = &error {
                    warn!(detail, "a card was not kept");
                }
                Err(PostError::Domain(of_vault(&error)))
            }
        }
    }

    fn request(&self, delegation: Delegation) -> DelegationRequest {
        DelegationRequest {
            caller: self.caller.clone(),
            card: delegation.card,
            allowance: delegation.allowance,
            billing: delegation.billing,
            checks: delegation.checks,
            signals: delegation.signals,
        }
    }

    /// The answer that another host recorded first.
    async fn recorded(&self, key: Option<IdempotencyKey>) -> Result<CheckoutResponse, PostError> {
        let lost = || PostError::Domain(ErrorResponse::unavailable(None));
        let key = key.ok_or_else(lost)?;
        let found = self.state.service.recorded_response(&key.scope).await;
        found.ok().flatten().map(CheckoutResponse::Replay).ok_or_else(lost)
    }

    fn opened(&self, key: Option<IdempotencyKey>, reply: Reply) -> Result<PostOutcome, ErrorResponse> {
        let key = key.ok_or_else(ErrorResponse::internal)?;
        let opened = self.vault.open_answer(&key.record(reply));
        let opened = opened.map_err(|_| ErrorResponse::unavailable(None))?;
        Ok(PostOutcome::Replayed(opened))
    }
}

/// A parsed body whose texts are wiped when it is dropped. What the transport has read of it is out of reach.
struct WipedBody(Option<JsonValue>);

impl Drop for WipedBody {
    fn drop(&mut self) {
        if let Some(body) = &mut self.0 {
            body.wipe();
        }
    }
}
