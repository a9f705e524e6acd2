//! One POST: find out whether it was answered before, do it if not, and keep the answer.

use std::future::Future;

use tracing::warn;

use super::idempotency::KeyRules;
use super::json::{self, Node};
use super::problem::Problem;
use super::state::Edges;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::operation::{Answer, Claim};
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::unit::{IdempotencyRecord, IdempotencyScope, Reply};

/// The answer to a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answered {
    /// Worked out now.
    Fresh(Reply),
    /// Given before.
    Replayed(Reply),
    /// An error of this request alone.
    Refused(Problem),
}

/// How an operation ends when it does not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Before anything was asked of the domain: the body does not fit the release. Not recorded, so that the key may be used
    /// for the mended body.
    Unread(Problem),
    /// The domain's word. Recorded where it would be the same the next time.
    Refused(Problem),
}

/// Run an operation under an idempotency key.
///
/// The order is that of the protocol reference §3: key lookup, then `work`, which reads the schema and dispatches.
/// The caller runs this in a task of its own, so that a client that hangs up neither stops the work nor frees the key.
pub(crate) async fn exchange<W, F>(
    edges: &Edges,
    rules: KeyRules,
    scope: Option<IdempotencyScope>,
    body: Option<&Node>,
    work: W,
) -> Answered
where
    W: FnOnce(Option<Claim>) -> F,
    F: Future<Output = Result<Answer, Failure>>,
{
    let Some(scope) = scope else {
        return settle(edges, rules, None, work(None).await).await;
    };
    // Taken before the lookup: whoever had the key before has recorded its answer by now.
    let Some(_taken) = edges.in_flight.take(&scope) else {
        return Answered::Refused(KeyRules::in_flight());
    };
    let claim = Claim {
        fingerprint: body.map_or_else(json::fingerprint_of_nothing, json::fingerprint),
        expires: edges.service.now().after(edges.limits.retention),
        scope,
    };
    match edges.service.recorded(&claim.scope).await {
        Ok(Some(record)) => replay(rules, &claim, record),
        Ok(None) => {
            let done = work(Some(claim.clone())).await;
            settle(edges, rules, Some(&claim), done).await
        }
        Err(error) => {
            warn!("idempotency lookup: {error}");
            Answered::Refused(Problem::unavailable(None))
        }
    }
}

fn replay(rules: KeyRules, claim: &Claim, record: IdempotencyRecord) -> Answered {
    if record.fingerprint == claim.fingerprint {
        Answered::Replayed(record.reply)
    } else {
        Answered::Refused(rules.conflict())
    }
}

async fn settle(edges: &Edges, rules: KeyRules, claim: Option<&Claim>, done: Result<Answer, Failure>) -> Answered {
    match (done, claim) {
        (Ok(Answer::Fresh(reply) | Answer::InProgress(reply)), _) => Answered::Fresh(reply),
        (Ok(Answer::Replay(record)), Some(claim)) => replay(rules, claim, record),
        (Ok(Answer::Replay(record)), None) => Answered::Replayed(record.reply),
        (Err(Failure::Refused(problem)), Some(claim)) if problem.lasting => record(edges, rules, claim, problem).await,
        (Err(Failure::Unread(problem) | Failure::Refused(problem)), _) => Answered::Refused(problem),
    }
}

/// Keep a refusal under its key. When another process was first, its answer is the answer.
async fn record(edges: &Edges, rules: KeyRules, claim: &Claim, problem: Problem) -> Answered {
    match edges.service.record(claim.record(problem.reply())).await {
        Ok(()) => Answered::Refused(problem),
        Err(CheckoutError::Conflict(CommitError::Idempotency)) => match edges.service.recorded(&claim.scope).await {
            Ok(Some(record)) => replay(rules, claim, record),
            _ => Answered::Refused(KeyRules::in_flight()),
        },
        Err(error) => {
            warn!("refusal was not recorded: {error}");
            Answered::Refused(problem)
        }
    }
}
