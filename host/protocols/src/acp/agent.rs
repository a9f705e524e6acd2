//! The agent that calls: authenticated, before its request names a release.

use std::sync::Arc;

use axum::http::HeaderMap;
use tokio::time::Instant;

use crate::auth;
use crate::error_response::ErrorResponse;
use crate::request_signature::{self, SignedRequest};
use crate::settings::{AcpSettings, MerchantSettings, RequestSigning};
use crate::state::AppState;
use tillhouse_checkout::caller::{Caller, Protocol};

/// An authenticated agent of a merchant.
#[derive(Clone, Debug)]
pub(crate) struct AcpAgent {
    pub(crate) state: AppState,
    pub(crate) merchant: Arc<MerchantSettings>,
    pub(crate) settings: Arc<AcpSettings>,
    pub(crate) caller: Caller,
    /// Arrival of the request head, from which deadlines count.
    pub(crate) arrived: Instant,
    signing: Option<Arc<RequestSigning>>,
}

impl AcpAgent {
    /// Authenticate the caller by its bearer key.
    ///
    /// # Errors
    /// 404 if the merchant does not serve ACP, 401 without a valid key.
    pub(crate) fn authenticate(
        state: AppState,
        merchant: Arc<MerchantSettings>,
        headers: &HeaderMap,
    ) -> Result<Self, ErrorResponse> {
        let arrived = Instant::now();
        let settings = merchant.acp.clone().ok_or_else(ErrorResponse::route_not_found)?;
        let known = auth::bearer(headers).and_then(|token| auth::known_key(token, &settings.keys));
        let known = known.ok_or_else(ErrorResponse::unauthorized)?;
        let caller = Caller {
            merchant: merchant.id.clone(),
            protocol: Protocol::Acp,
            principal: Some(known.name().to_owned()),
        };
        let signing = known.signing().cloned();
        Ok(Self {
            state,
            merchant,
            settings,
            caller,
            arrived,
            signing,
        })
    }

    /// Verify the signature of a request with this body, and remember it, so that it is good for this request only. Returns whether
    /// there is one. A GET has an empty body.
    ///
    /// # Errors
    /// 401 when the signature is missing though it is demanded, not valid, or was used for another request; 503 if the store does not
    /// answer.
    pub(crate) async fn verify_signature(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        request: SignedRequest<'_>,
    ) -> Result<bool, ErrorResponse> {
        let Some(signing) = &self.signing else {
            return Ok(false);
        };
        let signature = request_signature::verify(headers, body, signing, self.state.service.now())?;
        let Some(signature) = signature else {
            return Ok(false);
        };
        request_signature::remember(&self.state, &self.caller, &signature, request).await?;
        Ok(true)
    }

    /// Whether requests of this agent may or must be signed.
    pub(crate) const fn may_sign(&self) -> bool {
        self.signing.is_some()
    }
}
