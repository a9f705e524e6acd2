//! Idempotency keys: one table for both simulators.
//!
//! The table contains only keys, fingerprints and answers. Each server decides how a conflict looks on the wire and
//! which answers are stored (Stripe v1: all of them once execution began, including 500s).

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use sha2::{Digest as _, Sha256};

use crate::answer::Answer;
use crate::sync::lock;

/// How long an answer is stored: both simulators promise at least 24 hours and may delete it afterwards.
const RETENTION_SECS: i64 = 24 * 60 * 60;

/// Maximum length of a key, in bytes.
pub(crate) const MAX_KEY_LENGTH: usize = 255;

/// The request for which a key was first used, and its answer.
struct Entry {
    fingerprint: [u8; 32],
    since: i64,
    answer: Option<Answer>,
}

/// Every key that was used. Requests are stored as digests because they contain card numbers; answers may contain them
/// too, so `Debug` does not show them.
#[derive(Default)]
pub(crate) struct Keys {
    entries: Mutex<HashMap<String, Entry>>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("count", &lock(&self.entries).len())
            .finish()
    }
}

/// What a request with a key may do.
#[derive(Debug)]
pub(crate) enum Begin {
    /// Execute the request, and save its answer in the claim.
    Fresh(Claim),
    /// Send this stored answer again.
    Replay(Answer),
    /// The first request with this key is still running.
    InFlight,
    /// The key was used with a different request.
    Conflict,
}

impl Keys {
    /// `request` must be equal exactly for equal requests.
    pub(crate) fn begin(self: &Arc<Self>, key: &str, request: &str, now: i64) -> Begin {
        let fingerprint = Sha256::digest(request.as_bytes()).into();
        let mut entries = lock(&self.entries);
        if let Some(entry) = entries.get(key).filter(|entry| now - entry.since < RETENTION_SECS) {
            return match &entry.answer {
                _ if entry.fingerprint != fingerprint => Begin::Conflict,
                Some(answer) => Begin::Replay(answer.clone()),
                None => Begin::InFlight,
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
        Begin::Fresh(Claim {
            keys: Arc::clone(self),
            key: key.to_owned(),
            saved: false,
        })
    }
}

/// The claim of a key by a running request; if it is dropped without an answer, the key is free again.
#[derive(Debug)]
pub(crate) struct Claim {
    keys: Arc<Keys>,
    key: String,
    saved: bool,
}

impl Claim {
    pub(crate) fn save(mut self, answer: &Answer) {
        self.saved = true;
        if let Some(entry) = lock(&self.keys.entries).get_mut(&self.key) {
            entry.answer = Some(answer.clone());
        }
    }
}

impl Drop for Claim {
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

    fn fresh(keys: &Arc<Keys>, now: i64) -> Option<Claim> {
        match keys.begin("k", "body", now) {
            Begin::Fresh(claim) => Some(claim),
            _ => None,
        }
    }

    #[test]
    fn a_dropped_claim_frees_the_key() {
        let keys = Arc::new(Keys::default());
        let claim = fresh(&keys, 0);
        assert!(matches!(keys.begin("k", "body", 0), Begin::InFlight));
        drop(claim);
        assert!(fresh(&keys, 0).is_some());
    }

    #[test]
    fn a_saved_answer_is_replayed_for_a_day_and_only_for_the_same_body() {
        let keys = Arc::new(Keys::default());
        let answer = Answer::new(StatusCode::OK, json!({"id": "x"}));
        fresh(&keys, 100).into_iter().for_each(|claim| claim.save(&answer));
        assert!(matches!(keys.begin("k", "body", 100 + RETENTION_SECS - 1), Begin::Replay(again) if again == answer));
        assert!(matches!(keys.begin("k", "other", 101), Begin::Conflict));
        assert!(fresh(&keys, 100 + RETENTION_SECS).is_some());
    }
}
