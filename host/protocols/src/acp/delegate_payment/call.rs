//! One call: authenticated, deduplicated, and handed to the vault.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode};
use tracing::warn;
use zeroize::Zeroizing;

use super::{DelegationRules, PATH, errors};
use crate::acp::agent::AcpAgent;
use crate::acp::release::Release;
use crate::acp::shape::delegated_payment::request_v2025_09_29::{Delegation, delegation};
use crate::acp::shape::delegated_payment::response_v2025_09_29;
use crate::deadline::run_until;
use crate::error_response::{ErrorResponse, ErrorType};
use crate::idempotency::{KeyRules, read_key, scope};
use crate::idempotent_post::{DuplicateWait, PostError, PostOutcome, run_under_key};
use crate::json::{self, JsonValue};
use crate::request::{parse_json, read_body, require_body};
use crate::request_signature::SignedRequest;
use crate::settings::MerchantSettings;
use crate::state::AppState;
use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::idempotency::{IdempotencyKey, Reply};
use tillhouse_checkout::operation::CheckoutResponse;
use tillhouse_checkout::vault::{CardVault, DelegationError, DelegationRecorder, DelegationRequest};

/// The answer to a request with these headers and this body.
pub(super) async fn answer(
    state: AppState,
    merchant: Arc<MerchantSettings>,
    headers: &HeaderMap,
    body: Body,
) -> PostOutcome {
    let refused = PostOutcome::Refused;
    let offers = merchant.acp.as_ref().is_some_and(|acp| acp.has_vault());
    let Some(vault) = state.vault.clone().filter(|_| offers) else {
        return refused(ErrorResponse::route_not_found());
    };
    let agent = match AcpAgent::authenticate(state, merchant, headers) {
        Ok(agent) => agent,
        Err(error) => return refused(error),
    };
    let release = match Release::of(headers) {
        Ok(release) => release,
        Err(error) => return refused(error),
    };
    let call = DelegationCall { agent, release, vault };
    let rules = release.delegation();
    match call.run(headers, body).await {
        Ok(PostOutcome::Refused(error)) | Err(error) => refused(errors::in_codes_of(rules, error)),
        Ok(answered) => answered,
    }
}

#[derive(Clone)]
struct DelegationCall {
    agent: AcpAgent,
    release: Release,
    vault: Arc<dyn CardVault>,
}

impl DelegationCall {
    fn rules(&self) -> &'static DelegationRules {
        self.release.delegation()
    }

    /// The schema has no `type` for a key that was used for another request.
    fn key_rules(&self) -> KeyRules {
        KeyRules {
            conflict_kind: ErrorType::InvalidRequest,
            ..self.release.key_rules()
        }
    }

    async fn run(&self, headers: &HeaderMap, body: Body) -> Result<PostOutcome, ErrorResponse> {
        let (agent, state) = (&self.agent, &self.agent.state);
        state.ensure_in_service(&agent.merchant)?;
        let key = read_key(headers, self.key_rules())?;
        let bytes = Zeroizing::new(read_body(body, &state.limits).await?);
        let request = SignedRequest {
            method: &Method::POST,
            path: PATH,
            release: Some(self.release.date()),
            key: key.as_deref(),
        };
        agent.verify_signature(headers, &bytes, request).await?;
        let body = WipedBody(parse_json(headers, &bytes)?);
        let key = key.map(|key| self.key(key, &body));
        let until = agent.arrived.checked_add(state.limits.operation_deadline);
        let (call, recorded_under) = (self.clone(), key.clone());
        let work = async move {
            let wait = DuplicateWait::Until(call.agent.arrived + call.agent.state.limits.operation_deadline);
            let work = |key| call.delegate(body, key);
            run_under_key(&call.agent.state, call.key_rules(), key, wait, work).await
        };
        match run_until(state, until, None, None, work).await? {
            PostOutcome::Replayed(reply) => self.opened(recorded_under, reply),
            other => Ok(other),
        }
    }

    /// A plain hash of a body with a card number can be found by trial: the fingerprint is keyed.
    fn key(&self, key: String, body: &WipedBody) -> IdempotencyKey {
        let (caller, state) = (&self.agent.caller, &self.agent.state);
        let plain = body
            .0
            .as_ref()
            .map_or_else(json::fingerprint_of_nothing, json::fingerprint);
        IdempotencyKey {
            scope: scope(caller, PATH, Some(self.release.date()), key),
            fingerprint: self.vault.fingerprint(&caller.merchant, plain),
            expires: state.service.now().after(state.limits.retention),
        }
    }

    async fn delegate(&self, body: WipedBody, key: Option<IdempotencyKey>) -> Result<CheckoutResponse, PostError> {
        let read = require_body(body.0.as_ref()).and_then(|body| delegation(body, self.rules().limits));
        let delegation = read.map_err(|error| PostError::InvalidBody(error.into()))?;
        drop(body);
        let recorder = self.recorder(&delegation, key.clone());
        let request = request_of(&self.agent.caller, delegation);
        match self.vault.delegate(request, recorder).await {
            Ok(reply) => Ok(CheckoutResponse::Fresh(reply)),
            Err(DelegationError::KeyUsed) => self.recorded(key).await,
            Err(error) => {
                if let DelegationError::Unavailable(detail) = &error {
                    warn!(detail, "a card was not kept");
                }
                Err(PostError::Domain(errors::of_vault(&error)))
            }
        }
    }

    /// The metadata of the answer is that of the request, and what the vault adds.
    fn recorder(&self, delegation: &Delegation, key: Option<IdempotencyKey>) -> DelegationRecorder {
        let mut metadata = delegation.metadata.clone();
        metadata.insert("merchant_id".to_owned(), delegation.allowance.merchant_id.clone());
        if let Some(key) = &key {
            metadata.insert("idempotency_key".to_owned(), key.scope.key.clone());
        }
        DelegationRecorder {
            key,
            render: Arc::new(move |delegated| Reply {
                status: StatusCode::CREATED.as_u16(),
                body: response_v2025_09_29::render(delegated, &metadata),
            }),
        }
    }

    /// The answer that another host recorded first.
    async fn recorded(&self, key: Option<IdempotencyKey>) -> Result<CheckoutResponse, PostError> {
        let lost = || PostError::Domain(ErrorResponse::unavailable(None));
        let key = key.ok_or_else(lost)?;
        let found = self.agent.state.service.recorded_response(&key.scope).await;
        found.ok().flatten().map(CheckoutResponse::Replay).ok_or_else(lost)
    }

    fn opened(&self, key: Option<IdempotencyKey>, reply: Reply) -> Result<PostOutcome, ErrorResponse> {
        let key = key.ok_or_else(ErrorResponse::internal)?;
        let opened = self.vault.open_answer(&key.record(reply));
        let opened = opened.map_err(|_| ErrorResponse::unavailable(None))?;
        Ok(PostOutcome::Replayed(opened))
    }
}

fn request_of(caller: &Caller, delegation: Delegation) -> DelegationRequest {
    DelegationRequest {
        caller: caller.clone(),
        card: delegation.card,
        allowance: delegation.allowance,
        billing: delegation.billing,
        checks: delegation.checks,
        signals: delegation.signals,
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
