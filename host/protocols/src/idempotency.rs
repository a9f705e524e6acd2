//! Idempotency keys: one effect and one response per key.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::error_response::{ErrorResponse, ErrorType};
use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::idempotency::IdempotencyScope;

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
        Ok(key) if (1..=MAX_KEY).contains(&key.len()) && !key.contains('\t') => Ok(Some(key.to_owned())),
        _ => Err(bad(
            "invalid_idempotency_key",
            "the Idempotency-Key header must be 1 to 255 printable ASCII characters",
        )),
    }
}

/// The scope within which a key is unique: the caller, path and release. Callers without a principal share the name of their
/// protocol.
///
/// The path is without the merchant's prefix `/m/{merchant}`. The release is part of the scope because a response in one release
/// is not valid in another; `None` for a protocol with a single release.
pub(crate) fn scope(caller: &Caller, path: &str, release: Option<&str>, key: String) -> IdempotencyScope {
    IdempotencyScope {
        merchant: caller.merchant.clone(),
        principal: caller
            .principal
            .as_deref()
            .unwrap_or(caller.protocol.as_str())
            .to_owned(),
        endpoint: match release {
            Some(release) => format!("POST {path} {release}"),
            None => format!("POST {path}"),
        },
        key,
    }
}

/// Keys of requests in progress in this process. Between processes, the store decides.
#[derive(Clone, Debug, Default)]
pub(crate) struct InFlight(Arc<Mutex<HashMap<IdempotencyScope, InProgress>>>);

/// The request that holds a key.
#[derive(Clone, Debug)]
pub(crate) struct InProgress {
    fingerprint: [u8; 32],
    /// Closed once the request has ended.
    ended: watch::Receiver<()>,
}

impl InProgress {
    /// Whether it has this body: it is the same request then.
    pub(crate) fn is_same(&self, fingerprint: &[u8; 32]) -> bool {
        self.fingerprint == *fingerprint
    }

    /// Wait until it has ended; false if that takes longer.
    pub(crate) async fn ended(mut self, until: Instant) -> bool {
        // Nothing is ever sent: the channel closes with the guard of the key.
        timeout_at(until, self.ended.changed()).await.is_ok()
    }
}

impl InFlight {
    /// Take a key for a request with this body.
    ///
    /// # Errors
    /// The request that holds it.
    pub(crate) fn take(&self, scope: &IdempotencyScope, fingerprint: [u8; 32]) -> Result<KeyGuard, InProgress> {
        let mut scopes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match scopes.entry(scope.clone()) {
            Entry::Occupied(held) => Err(held.get().clone()),
            Entry::Vacant(free) => {
                let (end, ended) = watch::channel(());
                free.insert(InProgress { fingerprint, ended });
                Ok(KeyGuard {
                    all: self.clone(),
                    scope: scope.clone(),
                    _end: end,
                })
            }
        }
    }
}

/// Guard of a key in progress; dropping it frees the key, and wakes those that wait for it.
///
/// It is held by the task that does the work and not by the connection, which may be closed first.
#[derive(Debug)]
pub(crate) struct KeyGuard {
    all: InFlight,
    scope: IdempotencyScope,
    _end: watch::Sender<()>,
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
    use tillhouse_checkout::caller::Protocol;
    use tillhouse_checkout::ids::MerchantId;

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
        for bad in ["", "a\tb", &"k".repeat(256)] {
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

    #[tokio::test]
    async fn a_key_is_taken_once_and_freed_by_the_end_of_the_work() {
        let all = InFlight::default();
        let caller = Caller {
            merchant: MerchantId::new("m"),
            protocol: Protocol::Acp,
            principal: Some("agent".into()),
        };
        let here = scope(&caller, "/checkout_sessions/a", None, "k".into());
        let there = scope(&caller, "/checkout_sessions/b", None, "k".into());
        let taken = all.take(&here, [1; 32]).unwrap();
        let held = all.take(&here, [1; 32]).unwrap_err();
        assert!(held.is_same(&[1; 32]) && !held.is_same(&[2; 32]));
        assert!(all.take(&there, [1; 32]).is_ok());
        let (begun, soon) = (Instant::now(), Duration::from_secs(60));
        assert!(!held.clone().ended(begun).await, "it goes on");
        drop(taken);
        assert!(held.ended(begun + soon).await);
        assert!(all.take(&here, [2; 32]).is_ok());
    }
}
