//! Idempotency keys: one table for both simulators.
//!
//! The table contains only keys, fingerprints and answers. Each server decides how a conflict looks on the wire and
//! which answers are stored (Stripe v1: all of them once execution began, including 500s).

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use sha2::{Digest as _, Sha256};

use crate::answer::JsonAnswer;
use crate::sync::lock;

/// How long an answer is stored: both simulators promise at least 24 hours and may delete it afterwards.
const RETENTION_SECS: i64 = 24 * 60 * 60;

/// Maximum length of a key, in bytes.
pub(crate) const MAX_KEY_LENGTH: usize = 255;

/// The request for which a key was first used, and its answer.
struct Entry {
    fingerprint: [u8; 32],
    since: i64,
    answer: Option<JsonAnswer>,
}

/// Every key that was used. Requests are stored as digests because they contain card numbers; answers may contain them
/// too, so `Debug` does not show them.
#[derive(Default)]
pub(crate) struct IdempotencyKeys {
    entries: Mutex<HashMap<String, Entry>>,
}

impl fmt::Debug for IdempotencyKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdempotencyKeys")
            .field("count", &lock(&self.entries).len())
            .finish()
    }
}

/// What a request with a key may do.
#[derive(Debug)]
pub(crate) enum KeyState {
    /// Execute the request, and save its answer in the guard.
    Fresh(KeyGuard),
    /// Send this stored answer again.
    Replay(JsonAnswer),
    /// The first request with this key is still running.
    InFlight,
    /// The key was used with a different request.
    Conflict,
}

impl IdempotencyKeys {
    /// `request` must be equal exactly for equal requests.
    pub(crate) fn begin(self: &Arc<Self>, key: &str, request: &str, now: i64) -> KeyState {
        let fingerprint = Sha256::digest(request.as_bytes()).into();
        let mut entries = lock(&self.entries);
        if let Some(entry) = entries.get(key).filter(|entry| now - entry.since < RETENTION_SECS) {
            return match &entry.answer {
                _ if entry.fingerprint != fingerprint => KeyState::Conflict,
                Some(answer) => KeyState::Replay(answer.clone()),
                None => KeyState::InFlight,
            };
        }
        entries.insert(
            key.to_owned(),
            Entry {
                fingerprint,
                since: now,
                answer: None,
            },
        );
        KeyState::Fresh(KeyGuard {
            keys: Arc::clone(self),
            key: key.to_owned(),
            saved: false,
        })
    }
}

/// Guards a key for a running request; if it is dropped without an answer, the key is free again.
#[derive(Debug)]
pub(crate) struct KeyGuard {
    keys: Arc<IdempotencyKeys>,
    key: String,
    saved: bool,
}

impl KeyGuard {
    pub(crate) fn save(mut self, answer: &JsonAnswer) {
        self.saved = true;
        if let Some(entry) = lock(&self.keys.entries).get_mut(&self.key) {
            entry.answer = Some(answer.clone());
        }
    }
}

impl Drop for KeyGuard {
    fn drop(&mut self) {
        if !self.saved {
            lock(&self.keys.entries).remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use super::*;

    fn fresh(keys: &Arc<IdempotencyKeys>, now: i64) -> Option<KeyGuard> {
        match keys.begin("k", "body", now) {
            KeyState::Fresh(guard) => Some(guard),
            _ => None,
        }
    }

    #[test]
    fn a_dropped_guard_frees_the_key() {
        let keys = Arc::new(IdempotencyKeys::default());
        let guard = fresh(&keys, 0);
        assert!(matches!(keys.begin("k", "body", 0), KeyState::InFlight));
        drop(guard);
        assert!(fresh(&keys, 0).is_some());
    }

    #[test]
    fn a_saved_answer_is_replayed_for_a_day_and_only_for_the_same_body() {
        let keys = Arc::new(IdempotencyKeys::default());
        let answer = JsonAnswer::new(StatusCode::OK, json!({"id": "x"}));
        fresh(&keys, 100).into_iter().for_each(|guard| guard.save(&answer));
        assert!(
            matches!(keys.begin("k", "body", 100 + RETENTION_SECS - 1), KeyState::Replay(again) if again == answer)
        );
        assert!(matches!(keys.begin("k", "other", 101), KeyState::Conflict));
        assert!(fresh(&keys, 100 + RETENTION_SECS).is_some());
    }
}
