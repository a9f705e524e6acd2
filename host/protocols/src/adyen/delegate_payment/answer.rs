//! The answers of `delegate_payment` in Adyen's shape.

use axum::http::StatusCode;
use serde::Serialize;

use crate::adyen::errors::{path_of, without_root};
use crate::error_response::ErrorResponse;
use tillhouse_checkout::idempotency::Reply;
use tillhouse_checkout::vault::DelegatedPayment;

#[derive(Serialize)]
struct DelegatePaymentResponse<'a> {
    id: &'a str,
    expires_at: String,
}

/// The token, and when it expires: as the request allows, or earlier.
pub(super) fn token(delegated: &DelegatedPayment) -> Reply {
    let response = DelegatePaymentResponse {
        id: delegated.token.as_str(),
        expires_at: delegated.expires.rfc3339(),
    };
    Reply {
        status: StatusCode::OK.as_u16(),
        body: serde_json::to_vec(&response).unwrap_or_default(),
    }
}

/// The same error with a status that the document lists, and with paths as elsewhere in this dialect.
pub(super) fn in_this_dialect(error: ErrorResponse) -> ErrorResponse {
    let status = match error.status {
        StatusCode::BAD_REQUEST => StatusCode::UNPROCESSABLE_ENTITY,
        status => status,
    };
    ErrorResponse {
        status,
        message: without_root(&error.message).to_owned(),
        param: error.param.as_deref().and_then(path_of),
        ..error
    }
}
