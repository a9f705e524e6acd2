//! Memory of signatures: each is good for one request.
//!
//! What was seen is kept in the store for as long as the signature is fresh, as a record under an idempotency key: hosts that share a
//! store share the memory, and it outlives a restart.

use std::time::Duration;

use axum::http::Method;
use sha2::{Digest, Sha256};
use tracing::warn;

use super::{RequestSignatureError, VerifiedSignature};
use crate::error_response::ErrorResponse;
use crate::signature::TOLERANCE_S;
use crate::state::AppState;
use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::{IdempotencyRecord, IdempotencyScope, Reply};
use tillhouse_checkout::ports::CommitError;

/// Place of the memory among the endpoints of idempotency keys; no request has such a path.
const ENDPOINT: &str = "signatures";

/// The request that a signature was sent with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignedRequest<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    /// The release that the request names, to which its idempotency key belongs; `None` where requests name none.
    pub(crate) release: Option<&'a str>,
    /// The idempotency key of the request.
    pub(crate) key: Option<&'a str>,
}

impl SignedRequest<'_> {
    /// Whether it may come again with the same signature: it has no second effect.
    fn may_repeat(self) -> bool {
        self.method.is_safe() || self.key.is_some()
    }

    fn fingerprint(self) -> [u8; 32] {
        let (release, key) = (self.release.unwrap_or_default(), self.key.unwrap_or_default());
        Sha256::digest(format!("{}\n{}\n{release}\n{key}", self.method, self.path)).into()
    }
}

/// Remember the signature of a request. That of a GET too: it covers an empty body, and would be good for a POST with none.
///
/// # Errors
/// 401 if the signature was used for another request, or for this one, which is not a GET, without an idempotency key; 503 if the store
/// does not answer.
pub(crate) async fn remember(
    state: &AppState,
    caller: &Caller,
    signature: &VerifiedSignature,
    request: SignedRequest<'_>,
) -> Result<(), ErrorResponse> {
    let record = record(state, caller, signature, request);
    let (scope, fingerprint) = (record.scope.clone(), record.fingerprint);
    match state.service.record_response(record).await {
        Ok(()) => Ok(()),
        Err(CheckoutError::Conflict(CommitError::Idempotency)) => {
            let first = state.service.recorded_response(&scope).await.map_err(unavailable)?;
            let repeated = first.is_none_or(|first| first.fingerprint == fingerprint);
            if repeated && request.may_repeat() {
                Ok(())
            } else {
                Err(RequestSignatureError::Replayed.into())
            }
        }
        Err(error) => Err(unavailable(error)),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "used as a function that maps errors")]
fn unavailable(error: CheckoutError) -> ErrorResponse {
    warn!("failed to remember the signature of a request: {error}");
    ErrorResponse::unavailable(None)
}

fn record(
    state: &AppState,
    caller: &Caller,
    signature: &VerifiedSignature,
    request: SignedRequest<'_>,
) -> IdempotencyRecord {
    let principal = caller.principal.as_deref().unwrap_or(caller.protocol.as_str());
    IdempotencyRecord {
        scope: IdempotencyScope {
            merchant: caller.merchant.clone(),
            principal: principal.to_owned(),
            endpoint: ENDPOINT.to_owned(),
            key: hex::encode(Sha256::digest(&signature.bytes)),
        },
        fingerprint: request.fingerprint(),
        reply: Reply {
            status: 0,
            body: Vec::new(),
        },
        // A timestamp may be as far in the future as in the past.
        expires: state.service.now().after(Duration::from_secs(2 * TOLERANCE_S)),
    }
}
