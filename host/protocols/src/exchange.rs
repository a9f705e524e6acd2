//! One POST under an idempotency key: replay the recorded response, or run the operation and record its response.

use std::future::Future;

use tracing::warn;

use super::idempotency::KeyRules;
use super::json::{self, Node};
use super::problem::Problem;
use super::state::Edges;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::IdempotencyKey;
use tillhouse_checkout::operation::{Answer};
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::idempotency::{IdempotencyRecord, IdempotencyScope, Reply};

/// The response to a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answered {
    /// Produced by this request.
    Fresh(Reply),
    /// Recorded under the idempotency key by an earlier request.
    Replayed(Reply),
    /// An error response to this request; not a replay.
    Refused(Problem),
}

/// Why an operation did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The body does not match the schema of the release; the domain was not called. Not recorded, so that the client may send
    /// the corrected body under the same key.
    Unread(Problem),
    /// Refused by the domain. Recorded under the key if a retry would get the same response (`Problem::lasting`).
    Refused(Problem),
}

/// Run an operation under an idempotency key.
///
/// The key lookup comes first, then `work`, which parses the body and calls the domain. The caller runs this in a task of its
/// own, so that a client that disconnects neither stops the work nor frees the key.
pub(crate) async fn exchange<W, F>(
    edges: &Edges,
    rules: KeyRules,
    scope: Option<IdempotencyScope>,
    body: Option<&Node>,
    work: W,
) -> Answered
where
    W: FnOnce(Option<IdempotencyKey>) -> F,
    F: Future<Output = Result<Answer, Failure>>,
{
    let Some(scope) = scope else {
        return settle(edges, rules, None, work(None).await).await;
    };
    // Taken before the lookup: an earlier request that held the key has recorded its response by now.
    let Some(_taken) = edges.in_flight.take(&scope) else {
        return Answered::Refused(KeyRules::in_flight());
    };
    let key = IdempotencyKey {
        fingerprint: body.map_or_else(json::fingerprint_of_nothing, json::fingerprint),
        expires: edges.service.now().after(edges.limits.retention),
        scope,
    };
    match edges.service.recorded(&key.scope).await {
        Ok(Some(record)) => replay(rules, &key, record),
        Ok(None) => {
            let done = work(Some(key.clone())).await;
            settle(edges, rules, Some(&key), done).await
        }
        Err(error) => {
            warn!("failed to look up the idempotency key: {error}");
            Answered::Refused(Problem::unavailable(None))
        }
    }
}

fn replay(rules: KeyRules, key: &IdempotencyKey, record: IdempotencyRecord) -> Answered {
    if record.fingerprint == key.fingerprint {
        Answered::Replayed(record.reply)
    } else {
        Answered::Refused(rules.conflict())
    }
}

async fn settle(edges: &Edges, rules: KeyRules, key: Option<&IdempotencyKey>, done: Result<Answer, Failure>) -> Answered {
    match (done, key) {
        (Ok(Answer::Fresh(reply) | Answer::InProgress(reply)), _) => Answered::Fresh(reply),
        (Ok(Answer::Replay(record)), Some(key)) => replay(rules, key, record),
        (Ok(Answer::Replay(record)), None) => Answered::Replayed(record.reply),
        (Err(Failure::Refused(problem)), Some(key)) if problem.lasting => record(edges, rules, key, problem).await,
        (Err(Failure::Unread(problem) | Failure::Refused(problem)), _) => Answered::Refused(problem),
    }
}

/// Record an error response under its key. If another host process recorded one first, replay that one.
async fn record(edges: &Edges, rules: KeyRules, key: &IdempotencyKey, problem: Problem) -> Answered {
    match edges.service.record(key.record(problem.reply())).await {
        Ok(()) => Answered::Refused(problem),
        Err(CheckoutError::Conflict(CommitError::Idempotency)) => match edges.service.recorded(&key.scope).await {
            Ok(Some(record)) => replay(rules, key, record),
            _ => Answered::Refused(KeyRules::in_flight()),
        },
        Err(error) => {
            warn!("failed to record the error response under its idempotency key: {error}");
            Answered::Refused(problem)
        }
    }
}
