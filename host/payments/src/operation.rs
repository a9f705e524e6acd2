//! The identity of a call into the processor's plugin, so that a repeated call is the same operation.

use std::time::Duration;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::decision::{Operation, ProcessorIdempotency};
use tillhouse_checkout::time::Timestamp;

/// The operation of an attempt, as the plugin sees it: one id and one key for every call about its charge.
pub(crate) fn operation(attempt: &Attempt, tries: u32, now: Timestamp) -> Operation {
    Operation {
        id: attempt.id.as_str().to_owned(),
        attempt: tries,
        idempotency_key: attempt.charge_key.clone(),
        reference: attempt.reference.clone(),
        now,
    }
}

/// The operation of the charge. The charge after an authentication that the processor asked for is another request than the one that it
/// answered so, under the same reference: it has an id and a key of its own.
pub(crate) fn charge_operation(attempt: &Attempt) -> Operation {
    let first = operation(attempt, 1, attempt.initiated);
    if attempt.history.proof.is_some() && attempt.waits_with_resolved_token() {
        Operation {
            id: format!("{}-authenticated", first.id),
            ..first
        }
    } else {
        first
    }
}

/// The operation of a lookup of the charge. It names the charge that was made last.
pub(crate) fn charge_lookup(attempt: &Attempt, now: Timestamp) -> Operation {
    Operation {
        now,
        ..charge_operation(attempt)
    }
}

/// The operation of a call that voids, refunds or cancels the charge; `verb` says which. It has a key of its own, because a
/// processor keeps its response under a key, and accepts the key of the charge for the charge only. The key has at most 45
/// characters, the smallest limit of the processors in use.
pub(crate) fn amendment(attempt: &Attempt, verb: &str, now: Timestamp) -> Operation {
    Operation {
        idempotency_key: format!("{}-{verb}", attempt.charge_key),
        ..charge_lookup(attempt, now)
    }
}

/// Whether the processor still keeps the key of a call that was made first at `first`, with a margin.
pub(crate) fn is_key_kept(idempotency: &ProcessorIdempotency, first: Timestamp, now: Timestamp) -> bool {
    let lifetime = Duration::from_secs(idempotency.key_life_s.into());
    let margin = (lifetime / 4).min(Duration::from_secs(3600));
    now < first.after(lifetime.saturating_sub(margin))
}
