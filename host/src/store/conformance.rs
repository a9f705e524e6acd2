//! What every engine must do, as functions over the port. An engine runs them all with [`conformance!`].
//!
//! Each test gets an empty store. Nothing here waits for time to pass: the clock is moved.

pub(crate) mod attempts;
pub(crate) mod durability;
pub(crate) mod fixtures;
pub(crate) mod idempotency;
pub(crate) mod outbox;
pub(crate) mod plugin_data;
pub(crate) mod races;
pub(crate) mod units;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::checkout::ports::{CommitError, Store};
use crate::checkout::time::{Clock, Timestamp};
use crate::checkout::unit::UnitOfWork;

/// A store under test and the clock that it looks at.
pub(crate) struct Subject {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<ManualClock>,
}

impl Subject {
    /// Commit what must succeed.
    pub(crate) async fn commit(&self, unit: UnitOfWork) {
        self.store.commit(unit).await.unwrap();
    }

    /// Commit what must fail.
    pub(crate) async fn refused(&self, unit: UnitOfWork) -> CommitError {
        self.store.commit(unit).await.unwrap_err()
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub(crate) struct ManualClock(AtomicU64);

impl ManualClock {
    pub(crate) const fn at(now: Timestamp) -> Self {
        Self(AtomicU64::new(now.0))
    }

    pub(crate) fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Run the suite against the engine whose empty store the function opens. What it returns dereferences to [`Subject`].
macro_rules! conformance {
    ($open:path) => {
        $crate::store::conformance::conformance! { $open;
            units: a_unit_commits_every_part, a_unit_that_fails_leaves_nothing, a_session_is_written_once_per_revision,
                a_session_belongs_to_its_merchant, an_order_is_unique_per_checkout_and_by_its_id, an_empty_unit_is_committed;
            attempts: a_checkout_has_one_live_attempt, a_refused_attempt_makes_room_for_another,
                an_attempt_moves_only_from_the_state_it_is_in, a_resolved_token_is_used_up,
                a_token_that_was_never_resolved_may_be_tried_again, references_are_unique_per_merchant,
                what_an_attempt_pays_never_changes, open_attempts_are_claimed_in_the_order_of_their_next_try;
            plugin_data: values_have_versions_that_only_grow, a_stale_read_refuses_the_unit, namespaces_do_not_mix,
                counters_keep_their_floor, writes_apply_in_order, a_counter_at_its_limits_is_refused;
            idempotency: an_answer_is_found_until_it_expires, a_second_answer_is_refused_until_the_first_expires,
                scopes_do_not_mix, expired_answers_are_forgotten;
            outbox: a_message_stays_until_it_is_delivered, a_message_is_queued_once, a_postponed_message_waits,
                a_buried_message_is_not_tried_again, a_settled_message_stays_settled, messages_come_oldest_first;
            races: one_of_many_attempts_wins, one_of_many_writers_of_a_revision_wins, one_of_many_answers_wins,
                a_conflict_does_not_touch_its_neighbours, counters_never_fall_below_their_floor;
        }
    };
    ($open:path; $($module:ident: $($test:ident),+;)+) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                $crate::store::conformance::$module::$test(&$open()).await;
            }
        )+)+
    };
}
pub(crate) use conformance;
