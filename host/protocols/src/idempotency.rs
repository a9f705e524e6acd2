//! Idempotency keys: one effect and one response per key.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};

use super::error_response::{ErrorResponse, ErrorType};
use tillhouse_checkout::idempotency::IdempotencyScope;
use tillhouse_checkout::ids::MerchantId;

/// Request header with the key; the response to a POST echoes it.
pub(crate) const KEY_HEADER: &str = "idempotency-key";
/// Response header, `true` on a replayed response.
pub(crate) const REPLAYED_HEADER: &str = "idempotent-replayed";
/// Maximum length of a key, in bytes.
const MAX_KEY: usize = 255;

/// Rules for idempotency keys, which differ by protocol and release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyRules {
    /// Whether a POST without a key is refused with 400.
    pub(crate) required: bool,
    /// Status when a key is reused with another body.
    pub(crate) conflict: StatusCode,
    /// `type` of the error when a key is reused with another body.
    pub(crate) conflict_kind: ErrorType,
}

impl KeyRules {
    /// The error when a key is reused with another body. Never recorded: the key belongs to the first request.
    pub(crate) fn conflict(&self) -> ErrorResponse {
        let message = "this Idempotency-Key was used with another request; use a new key for a new request";
        ErrorResponse::request(self.conflict, "idempotency_conflict", message)
            .with_type(self.conflict_kind)
            .not_recorded()
    }

    /// The 409 for a key whose first request is still in progress.
    pub(crate) fn in_flight() -> ErrorResponse {
        let message = "a request with this Idempotency-Key is in progress; retry shortly";
        ErrorResponse::request(StatusCode::CONFLICT, "idempotency_in_flight", message)
            .with_retry_after(Duration::from_secs(1))
    }
}

/// The idempotency key of a request: an opaque string, quotes included.
///
/// # Errors
/// When it is required and missing, empty, longer than 255 characters, or not printable ASCII.
pub(crate) fn read_key(headers: &HeaderMap, rules: KeyRules) -> Result<Option<String>, ErrorResponse> {
    let bad = |code: &str, message: &str| ErrorResponse::request(StatusCode::BAD_REQUEST, code, message).not_recorded();
    let Some(value) = headers.get(KEY_HEADER) else {
        return if rules.required {
            Err(bad(
                "idempotency_key_required",
                "the Idempotency-Key header is required on every POST; send a UUID",
            ))
        } else {
            Ok(None)
        };
    };
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= MAX_KEY => Ok(Some(key.to_owned())),
        _ => Err(bad(
            "invalid_idempotency_key",
            "the Idempotency-Key header must be 1 to 255 printable ASCII characters",
        )),
    }
}

/// The scope within which a key is unique: merchant, principal, path and release.
///
/// The path is without the merchant's prefix `/m/{merchant}`. The release is part of the scope because a response in one release
/// is not valid in another; `None` for a protocol with a single release.
pub(crate) fn scope(
    merchant: &MerchantId,
    principal: &str,
    path: &str,
    release: Option<&str>,
    key: String,
) -> IdempotencyScope {
    IdempotencyScope {
        merchant: merchant.clone(),
        principal: principal.to_owned(),
        endpoint: match release {
            Some(release) => format!("POST {path} {release}"),
            None => format!("POST {path}"),
        },
        key,
    }
}

/// Keys of requests in progress in this process. Between processes, the store decides.
#[derive(Clone, Debug, Default)]
pub(crate) struct InFlight(Arc<Mutex<HashSet<IdempotencyScope>>>);

impl InFlight {
    /// Take a key; `None` while another request holds it.
    pub(crate) fn take(&self, scope: &IdempotencyScope) -> Option<KeyGuard> {
        let mut scopes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        scopes.insert(scope.clone()).then(|| KeyGuard {
            all: self.clone(),
            scope: scope.clone(),
        })
    }
}

/// Guard of a key in progress; dropping it frees the key.
///
/// It is held by the task that does the work and not by the connection, which may be closed first.
#[derive(Debug)]
pub(crate) struct KeyGuard {
    all: InFlight,
    scope: IdempotencyScope,
}

impl Drop for KeyGuard {
    fn drop(&mut self) {
        let mut scopes = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        scopes.remove(&self.scope);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: KeyRules = KeyRules {
        required: true,
        conflict: StatusCode::UNPROCESSABLE_ENTITY,
        conflict_kind: ErrorType::InvalidRequest,
    };

    fn headers(key: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(KEY_HEADER, key.parse().unwrap());
        headers
    }

    #[test]
    fn keys_are_opaque_and_bounded() {
        let longest = "k".repeat(255);
        assert_eq!(read_key(&headers(&longest), RULES).unwrap(), Some(longest));
        assert_eq!(read_key(&headers("\"q\""), RULES).unwrap().as_deref(), Some("\"q\""));
        for bad in ["", &"k".repeat(256)] {
            let error_response = read_key(&headers(bad), RULES).unwrap_err();
            assert_eq!(error_response.code, "invalid_idempotency_key");
            assert!(!error_response.recordable);
        }
    }

    #[test]
    fn a_missing_key_is_refused_only_where_it_is_required() {
        let optional = KeyRules {
            required: false,
            ..RULES
        };
        assert_eq!(read_key(&HeaderMap::new(), optional).unwrap(), None);
        let error_response = read_key(&HeaderMap::new(), RULES).unwrap_err();
        assert_eq!(
            (error_response.status.as_u16(), error_response.code.as_str()),
            (400, "idempotency_key_required")
        );
    }

    #[test]
    fn a_key_is_taken_once_and_freed_by_the_end_of_the_work() {
        let all = InFlight::default();
        let here = scope(&MerchantId::new("m"), "agent", "/checkout_sessions/a", None, "k".into());
        let there = scope(&MerchantId::new("m"), "agent", "/checkout_sessions/b", None, "k".into());
        let taken = all.take(&here).unwrap();
        assert!(all.take(&here).is_none());
        assert!(all.take(&there).is_some());
        drop(taken);
        assert!(all.take(&here).is_some());
    }
}
