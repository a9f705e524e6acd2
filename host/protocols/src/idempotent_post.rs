//! One POST under an idempotency key: replay the recorded response, or run the operation and record its response.

use std::future::Future;

use tokio::time::Instant;
use tracing::warn;

use super::error_response::ErrorResponse;
use super::idempotency::{KeyGuard, KeyRules};
use super::json::{self, JsonValue};
use super::state::AppState;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::IdempotencyKey;
use tillhouse_checkout::idempotency::{IdempotencyRecord, IdempotencyScope, Reply};
use tillhouse_checkout::operation::CheckoutResponse;
use tillhouse_checkout::ports::CommitError;

/// The response to a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PostOutcome {
    /// Produced by this request.
    Fresh(Reply),
    /// Recorded under the idempotency key by an earlier request.
    Replayed(Reply),
    /// An error response to this request; not a replay.
    Refused(ErrorResponse),
}

/// Why an operation did not succeed.
#[derive(Debug)]
pub(crate) enum PostError {
    /// The body does not match the schema of the release; the domain was not called. Not recorded, so that the client may send
    /// the corrected body under the same key.
    InvalidBody(ErrorResponse),
    /// Refused by the domain. Recorded under the key if a retry would get the same response ([`ErrorResponse::recordable`]).
    Domain(ErrorResponse),
}

/// How long a request waits for the one that holds its key, and what it does then.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DuplicateWait {
    /// The deadline of the caller; the answer is then that the first request is in progress.
    Until(Instant),
    /// The same for a payment, which answers a duplicate itself: with the session that is being paid.
    PaymentUntil(Instant),
}

/// Run an operation under an idempotency key. A duplicate of a request in progress waits for its response.
///
/// The key lookup comes first, then `work`, which parses the body and calls the domain. The caller runs this in a task of its
/// own, so that a client that disconnects neither stops the work nor frees the key.
pub(crate) async fn run_idempotent<W, F>(
    state: &AppState,
    rules: KeyRules,
    scope: Option<IdempotencyScope>,
    body: Option<&JsonValue>,
    wait: DuplicateWait,
    work: W,
) -> PostOutcome
where
    W: FnOnce(Option<IdempotencyKey>) -> F,
    F: Future<Output = Result<CheckoutResponse, PostError>>,
{
    let key = scope.map(|scope| IdempotencyKey {
        fingerprint: body.map_or_else(json::fingerprint_of_nothing, json::fingerprint),
        expires: state.service.now().after(state.limits.retention),
        scope,
    });
    run_under_key(state, rules, key, wait, work).await
}

/// The same for a key whose fingerprint the caller has made.
pub(crate) async fn run_under_key<W, F>(
    state: &AppState,
    rules: KeyRules,
    key: Option<IdempotencyKey>,
    wait: DuplicateWait,
    work: W,
) -> PostOutcome
where
    W: FnOnce(Option<IdempotencyKey>) -> F,
    F: Future<Output = Result<CheckoutResponse, PostError>>,
{
    let Some(key) = key else {
        return post_outcome(state, rules, None, work(None).await).await;
    };
    // Taken before the lookup: an earlier request that held the key has recorded its response by now.
    let _taken = match take_key(state, rules, &key, wait).await {
        Ok(taken) => taken,
        Err(error_response) => return PostOutcome::Refused(error_response),
    };
    match state.service.recorded_response(&key.scope).await {
        Ok(Some(record)) => replay(rules, &key, record),
        Ok(None) => {
            let done = work(Some(key.clone())).await;
            post_outcome(state, rules, Some(&key), done).await
        }
        Err(error) => {
            warn!("failed to look up the idempotency key: {error}");
            PostOutcome::Refused(ErrorResponse::unavailable(None))
        }
    }
}

/// Take the key, after the request that holds it. `None` for a payment that does not wait any longer.
async fn take_key(
    state: &AppState,
    rules: KeyRules,
    key: &IdempotencyKey,
    wait: DuplicateWait,
) -> Result<Option<KeyGuard>, ErrorResponse> {
    loop {
        let first = match state.in_flight.take(&key.scope, key.fingerprint) {
            Ok(taken) => return Ok(Some(taken)),
            Err(first) if !first.is_same(&key.fingerprint) => return Err(rules.conflict()),
            Err(first) => first,
        };
        match wait {
            DuplicateWait::Until(until) if !first.clone().ended(until).await => return Err(KeyRules::in_flight()),
            DuplicateWait::PaymentUntil(until) if !first.ended(until).await => return Ok(None),
            DuplicateWait::Until(_) | DuplicateWait::PaymentUntil(_) => {}
        }
    }
}

fn replay(rules: KeyRules, key: &IdempotencyKey, record: IdempotencyRecord) -> PostOutcome {
    if record.fingerprint == key.fingerprint {
        PostOutcome::Replayed(record.reply)
    } else {
        PostOutcome::Refused(rules.conflict())
    }
}

async fn post_outcome(
    state: &AppState,
    rules: KeyRules,
    key: Option<&IdempotencyKey>,
    done: Result<CheckoutResponse, PostError>,
) -> PostOutcome {
    match (done, key) {
        (Ok(CheckoutResponse::Fresh(reply) | CheckoutResponse::InProgress(reply)), _) => PostOutcome::Fresh(reply),
        (Ok(CheckoutResponse::Replay(record)), Some(key)) => replay(rules, key, record),
        (Ok(CheckoutResponse::Replay(record)), None) => PostOutcome::Replayed(record.reply),
        (Err(PostError::Domain(error_response)), Some(key)) if error_response.recordable => {
            record_error(state, rules, key, error_response).await
        }
        (Err(PostError::InvalidBody(error_response) | PostError::Domain(error_response)), _) => {
            PostOutcome::Refused(error_response)
        }
    }
}

/// Record an error response under its key. If another host process recorded one first, replay that one.
async fn record_error(
    state: &AppState,
    rules: KeyRules,
    key: &IdempotencyKey,
    error_response: ErrorResponse,
) -> PostOutcome {
    let error_response = error_response.kept();
    match state.service.record_response(key.record(error_response.reply())).await {
        Ok(()) => PostOutcome::Refused(error_response),
        Err(CheckoutError::Conflict(CommitError::Idempotency)) => {
            match state.service.recorded_response(&key.scope).await {
                Ok(Some(record)) => replay(rules, key, record),
                _ => PostOutcome::Refused(KeyRules::in_flight()),
            }
        }
        Err(error) => {
            warn!("failed to record the error response under its idempotency key: {error}");
            PostOutcome::Refused(error_response)
        }
    }
}
