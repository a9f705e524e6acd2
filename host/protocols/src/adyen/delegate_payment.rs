//! `delegate_payment` in Adyen's shape: the agent's vault delegates a card to the merchant's, and gets a token for it.
//!
//! Served only for a merchant with a vault and with keys for this route (`[adyen.delegate]`), which are not those of the agents' edge: the
//! document names a credential of its own. The name of a key is that of the agent whose sessions are paid. What Adyen's document leaves
//! open is decided here:
//!
//! - It lists 401, 403 and 422 only. So a body, a version or an idempotency key that is wrong is 422, and 403 an account that is not the
//!   merchant's. The statuses of HTTP itself (413, 415, 429, 503 …) stay.
//! - "Get more information from the error message" says nothing of its form: the body of an error is the flat object of ACP's
//!   `delegate_payment`, with paths as elsewhere in this dialect, without `$`.
//! - It states no limits for texts: a name or a line of an address has 256 characters at most, and metadata as much as in ACP.
//! - `exp_month` and `exp_year` are optional, and belong together.
//! - `blocked` is the assessment of the agent's own side: there is no token for the card.
//! - The token begins like any of the host's vault, `vt_`, by which the agents' edge tells it from one of Adyen's vault.

mod answer;
mod request;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::auth;
use crate::delegation::{Delegation, DelegationCall, DelegationShape, RenderToken, semantic};
use crate::error_response::{ErrorResponse, ErrorType};
use crate::idempotency::{KeyRules, read_key};
use crate::idempotent_post::{PostError, PostOutcome};
use crate::json::JsonValue;
use crate::request::{read_body, require_body};
use crate::respond;
use crate::settings::{AdyenSettings, MerchantSettings};
use crate::state::AppState;
use request::RequestedDelegation;
use tillhouse_checkout::caller::{Caller, Protocol};

/// The path at Adyen, without the merchant's prefix.
pub(crate) const PATH: &str = "/paltokenization/servlet/Recurring/Agentic/acp/v1/agentic_commerce/delegate_payment";
/// The only release, and the header that must name it.
const RELEASE: &str = "2025-09-29";
const RELEASE_HEADER: &str = "api-version";

const KEY_RULES: KeyRules = KeyRules {
    required: false,
    conflict: StatusCode::UNPROCESSABLE_ENTITY,
    conflict_kind: ErrorType::InvalidRequest,
};

pub(crate) async fn receive(
    State(state): State<AppState>,
    Extension(merchant): Extension<Arc<MerchantSettings>>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let answered = match run(state, merchant, &head.headers, body).await {
        Ok(PostOutcome::Refused(error)) | Err(error) => PostOutcome::Refused(answer::in_this_dialect(error)),
        Ok(answered) => answered,
    };
    respond::from_post_outcome(&head.headers, answered)
}

async fn run(
    state: AppState,
    merchant: Arc<MerchantSettings>,
    headers: &HeaderMap,
    body: Body,
) -> Result<PostOutcome, ErrorResponse> {
    let arrived = Instant::now();
    let served = merchant.adyen.as_ref().filter(|adyen| !adyen.delegate_keys.is_empty());
    let (Some(adyen), Some(vault)) = (served, state.vault.clone()) else {
        return Err(ErrorResponse::route_not_found());
    };
    let caller = authenticate(&merchant, adyen, headers)?;
    check_release(headers)?;
    state.ensure_in_service(&merchant)?;
    let key = read_key(headers, KEY_RULES)?;
    let bytes = Zeroizing::new(read_body(body, &state.limits).await?);
    let call = DelegationCall {
        state,
        merchant,
        caller,
        arrived,
        vault,
        shape: AdyenDelegation,
    };
    Ok(call.run(headers, key, &bytes).await)
}

fn authenticate(
    merchant: &MerchantSettings,
    adyen: &AdyenSettings,
    headers: &HeaderMap,
) -> Result<Caller, ErrorResponse> {
    let known = auth::bearer(headers).and_then(|token| auth::known_key(token, &adyen.delegate_keys));
    let known = known.ok_or_else(ErrorResponse::unauthorized)?;
    Ok(Caller {
        merchant: merchant.id.clone(),
        protocol: Protocol::AdyenAgent,
        principal: Some(known.name().to_owned()),
    })
}

fn check_release(headers: &HeaderMap) -> Result<(), ErrorResponse> {
    let named = headers.get(RELEASE_HEADER).and_then(|value| value.to_str().ok());
    if named.map(str::trim) == Some(RELEASE) {
        return Ok(());
    }
    let code = match named {
        Some(_) => "unsupported_api_version",
        None => "missing_api_version",
    };
    let message = format!("the API-Version header must be {RELEASE}");
    Err(ErrorResponse {
        supported_versions: &[RELEASE],
        ..ErrorResponse::request(StatusCode::UNPROCESSABLE_ENTITY, code, message).not_recorded()
    })
}

/// The request in Adyen's shape.
#[derive(Clone, Copy)]
struct AdyenDelegation;

impl DelegationShape for AdyenDelegation {
    fn path(self) -> &'static str {
        PATH
    }

    fn release(self) -> &'static str {
        RELEASE
    }

    fn key_rules(self) -> KeyRules {
        KEY_RULES
    }

    fn read(
        self,
        body: Option<&JsonValue>,
        merchant: &MerchantSettings,
        _key: Option<&str>,
    ) -> Result<(Delegation, RenderToken), PostError> {
        let read = require_body(body).and_then(request::delegation);
        let request = read.map_err(|error| PostError::InvalidBody(error.into()))?;
        check(&request, merchant).map_err(PostError::Domain)?;
        Ok((request.delegation, Arc::new(answer::token)))
    }
}

/// The card is for an account of the merchant, and its own side does not block it.
fn check(request: &RequestedDelegation, merchant: &MerchantSettings) -> Result<(), ErrorResponse> {
    let mut accounts = merchant.adyen.iter();
    let is_own =
        |adyen: &Arc<AdyenSettings>| [&adyen.merchant_account, &adyen.company_account].contains(&&request.merchant_id);
    if !accounts.any(is_own) {
        let path = "$.allowance.merchant_id";
        let message = format!("{path}: is not an account that takes delegated cards here");
        let error = ErrorResponse::request(StatusCode::FORBIDDEN, "merchant_not_enabled", message);
        return Err(error.with_param(path).not_recorded());
    }
    if request.is_blocked {
        let message = "is blocked, so that the card does not get a token; pay with another one";
        return Err(semantic("$.risk_signals.action", message));
    }
    Ok(())
}
