//! One call: authenticated, and handed on in the shape of its release.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode};
use zeroize::Zeroizing;

use super::{DelegationRules, PATH, errors};
use crate::acp::agent::AcpAgent;
use crate::acp::release::Release;
use crate::acp::shape::delegated_payment::request_v2025_09_29::delegation;
use crate::acp::shape::delegated_payment::response_v2025_09_29;
use crate::delegation::{Delegation, DelegationCall, DelegationShape, RenderToken, semantic};
use crate::error_response::{ErrorResponse, ErrorType};
use crate::idempotency::{KeyRules, read_key};
use crate::idempotent_post::{PostError, PostOutcome};
use crate::json::JsonValue;
use crate::request::{read_body, require_body};
use crate::request_signature::SignedRequest;
use crate::settings::MerchantSettings;
use crate::state::AppState;
use tillhouse_checkout::idempotency::Reply;
use tillhouse_checkout::payment_token::IssuerName;
use tillhouse_checkout::vault::CardVault;

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
    let shape = AcpDelegation(release);
    match run(&agent, vault, shape, headers, body).await {
        Ok(PostOutcome::Refused(error)) | Err(error) => refused(errors::in_codes_of(shape.rules(), error)),
        Ok(answered) => answered,
    }
}

async fn run(
    agent: &AcpAgent,
    vault: Arc<dyn CardVault>,
    shape: AcpDelegation,
    headers: &HeaderMap,
    body: Body,
) -> Result<PostOutcome, ErrorResponse> {
    let state = &agent.state;
    state.ensure_in_service(&agent.merchant)?;
    let key = read_key(headers, shape.key_rules())?;
    let bytes = Zeroizing::new(read_body(body, &state.limits).await?);
    let request = SignedRequest {
        method: &Method::POST,
        path: PATH,
        release: Some(shape.release()),
        key: key.as_deref(),
    };
    agent.verify_signature(headers, &bytes, request).await?;
    let call = DelegationCall {
        state: state.clone(),
        merchant: agent.merchant.clone(),
        caller: agent.caller.clone(),
        arrived: agent.arrived,
        vault,
        shape,
    };
    Ok(call.run(headers, key, &bytes).await)
}

/// The request of a release.
#[derive(Clone, Copy)]
struct AcpDelegation(Release);

impl AcpDelegation {
    fn rules(self) -> &'static DelegationRules {
        self.0.delegation()
    }
}

impl DelegationShape for AcpDelegation {
    fn path(self) -> &'static str {
        PATH
    }

    fn release(self) -> &'static str {
        self.0.date()
    }

    /// The schema has no `type` for a key that was used for another request.
    fn key_rules(self) -> KeyRules {
        KeyRules {
            conflict_kind: ErrorType::InvalidRequest,
            ..self.0.key_rules()
        }
    }

    /// The metadata of the answer is that of the request, and what the vault adds.
    fn read(
        self,
        body: Option<&JsonValue>,
        merchant: &MerchantSettings,
        key: Option<&str>,
    ) -> Result<(Delegation, RenderToken), PostError> {
        let read = require_body(body).and_then(|body| delegation(body, self.rules().limits));
        let request = read.map_err(|error| PostError::InvalidBody(error.into()))?;
        check_merchant(merchant, &request.merchant_id).map_err(PostError::Domain)?;
        let mut metadata = request.metadata;
        metadata.insert("merchant_id".to_owned(), request.merchant_id);
        if let Some(key) = key {
            metadata.insert("idempotency_key".to_owned(), key.to_owned());
        }
        let render: RenderToken = Arc::new(move |delegated| Reply {
            status: StatusCode::CREATED.as_u16(),
            body: response_v2025_09_29::render(delegated, &metadata),
        });
        Ok((request.delegation, render))
    }
}

/// The card is for the merchant under the id that the vault's payment handler advertises.
fn check_merchant(merchant: &MerchantSettings, id: &str) -> Result<(), ErrorResponse> {
    let mut handlers = merchant.acp.iter().flat_map(|acp| &acp.handlers);
    if handlers.any(|handler| handler.issuer == IssuerName::Vault && handler.config.merchant_id == id) {
        return Ok(());
    }
    let message = "is not the id that the merchant's payment handler advertises";
    Err(semantic("$.allowance.merchant_id", message))
}
