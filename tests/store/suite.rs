//! Requirements for every engine, as functions over the store's port. Each gets its own empty store.
//!
//! Nothing here waits for time to pass: tests advance the clock. Only leases use a clock of the engine; a test that needs an
//! expired lease polls until it has expired.

mod attempts;
mod buyers;
mod cards;
mod catalog_deletes;
mod catalog_model;
mod catalog_versions;
mod catalogs;
pub(crate) mod durability;
mod feed_changes;
mod feeds;
mod feeds_over;
pub(crate) mod fixtures;
mod holds;
mod idempotency;
mod journal;
mod leases;
mod operators;
mod outbox;
mod plugin_data;
mod promotions;
mod races;
mod refunds;
mod retention;
mod saved_carts;
mod sessions;
mod streams;
mod unit_of_work;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tillhouse_checkout::ports::{CatalogStore, CommitError, FeedQueue, Store};
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_checkout::unit_of_work::UnitOfWork;

/// A store under test and the clock that it uses.
pub(crate) struct Subject {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) catalogs: Arc<dyn CatalogStore>,
    pub(crate) feeds: Arc<dyn FeedQueue>,
    pub(crate) clock: Arc<ManualClock>,
}

impl Subject {
    pub(crate) fn new<S: Store + CatalogStore + FeedQueue + 'static>(store: Arc<S>, clock: Arc<ManualClock>) -> Self {
        Self {
            store: Arc::clone(&store) as Arc<dyn Store>,
            catalogs: Arc::clone(&store) as Arc<dyn CatalogStore>,
            feeds: store,
            clock,
        }
    }

    /// Commits a unit that must succeed.
    pub(crate) async fn commit(&self, unit: UnitOfWork) {
        self.store.commit(unit).await.unwrap();
    }

    /// Commits a unit that must fail, and returns the error.
    pub(crate) async fn refused(&self, unit: UnitOfWork) -> CommitError {
        self.store.commit(unit).await.unwrap_err()
    }
}

/// A clock that stands still until a test advances it.
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

/// A test as a function over a store.
pub(crate) type Check = for<'a> fn(&'a Subject) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

macro_rules! suite {
    ($($module:ident: $($test:ident),+;)+) => {
        /// Every test with its name.
        pub(crate) fn all() -> Vec<(&'static str, Check)> {
            vec![$($((
                concat!(stringify!($module), "::", stringify!($test)),
                (|subject| Box::pin($module::$test(subject))) as Check,
            )),+),+]
        }
    };
}

suite! {
    unit_of_work: a_unit_commits_every_part, a_unit_that_fails_leaves_nothing, an_empty_unit_is_committed,
        an_order_is_unique_per_checkout_and_by_its_id, an_order_is_replaced_revision_by_revision,
        a_completed_session_is_read_with_its_order_as_it_is_now;
    saved_carts: a_cart_is_written_once_per_revision, a_cart_belongs_to_its_merchant, a_checkout_and_its_cart_are_one_unit,
        carts_are_counted_by_their_principal_while_they_live, expired_carts_are_purged;
    sessions: a_session_is_written_once_per_revision, a_session_belongs_to_its_merchant, a_final_session_never_changes,
        a_payment_under_way_is_never_canceled_and_never_expires, sessions_over_their_time_come_oldest_first,
        open_sessions_are_counted_by_their_principal;
    attempts: a_checkout_has_one_live_attempt, an_attempt_that_ended_makes_room_for_another,
        attempts_of_a_session_are_those_of_its_merchant, an_attempt_moves_only_from_the_state_it_is_in, an_attempt_moves_only_where_it_may, a_resolved_token_is_used_up,
        a_token_that_was_never_resolved_may_be_tried_again, a_token_that_is_shown_to_be_unused_is_free,
        references_are_unique_per_merchant, what_an_attempt_pays_never_changes, an_attempt_is_found_by_its_reference,
        an_attempt_without_a_token_charges_nothing;
    holds: a_hold_is_left_alone_until_its_time_is_over, a_payment_of_another_party_moves_only_where_it_may,
        an_attempt_is_found_by_the_reference_of_its_charge,
        a_reference_of_another_party_pays_one_attempt, a_live_attempt_is_found_by_its_order,
        a_hold_ends_in_the_unit_that_begins_the_next, a_held_session_never_expires_and_may_be_canceled;
    leases: open_attempts_are_claimed_oldest_first, a_claim_is_exclusive, no_status_check_happens_before_the_next_attempt,
        one_attempt_is_claimed_whenever_it_is_due, the_busy_are_passed_over, a_new_attempt_begins_leased,
        driving_on_keeps_the_lease, a_state_without_due_work_ends_the_lease, a_lease_that_ran_out_is_taken_over,
        the_former_holder_is_fenced_off, what_is_put_aside_while_resolving_is_free_for_all, renewing_holds_on,
        renewing_tells_what_was_lost, letting_go_frees_everything;
    refunds: refunds_are_never_more_than_the_order_was_paid_with, a_refund_is_refused_once_the_order_has_changed_or_has_less_left,
        a_refund_is_asked_for_once_and_for_an_order_that_there_is,
        refunds_that_are_asked_for_at_once_do_not_exceed_it_together, a_refund_moves_only_where_it_may,
        open_refunds_are_leased_oldest_first_by_one_host, the_former_holder_of_a_refund_is_fenced_off,
        a_session_stays_while_a_refund_is_open_and_goes_with_it_afterwards,
        the_record_of_a_payment_is_kept_with_its_attempt;
    plugin_data: values_have_versions_that_only_grow, a_stale_read_refuses_the_unit, namespaces_do_not_mix,
        counters_keep_their_floor, writes_apply_in_order, a_counter_at_its_limits_is_refused, keys_may_hold_anything,
        what_a_plugin_keeps_is_measured_in_its_own_namespace;
    idempotency: an_answer_is_found_until_it_expires, a_second_answer_is_refused_until_the_first_expires,
        scopes_do_not_mix, expired_answers_are_forgotten;
    outbox: a_message_stays_until_it_is_delivered, a_message_is_queued_once, a_postponed_message_waits,
        a_buried_message_is_not_tried_again, a_settled_message_stays_settled, messages_come_oldest_first,
        a_message_is_claimed_by_one, a_busy_merchant_is_passed_over, a_lane_is_passed_over_without_its_neighbours,
        obligations_and_events_are_leased_apart, a_message_is_taken_over_when_its_lease_runs_out,
        letting_go_frees_messages, what_ended_is_forgotten_when_it_is_old;
    streams: a_stream_is_delivered_in_order_one_at_a_time, a_postponed_head_holds_its_stream_up,
        a_dead_head_does_not_hold_its_stream_up, streams_and_kinds_do_not_wait_for_each_other,
        merchants_do_not_share_a_stream_or_a_message;
    journal: an_event_is_received_once, events_are_listed_by_source, a_break_is_kept_as_it_was_first_seen,
        the_audit_log_is_one_chain, old_events_are_forgotten;
    operators: attempts_are_listed_by_any_condition, messages_are_listed_by_any_condition,
        dead_messages_are_queued_once_more, replaying_writes_into_the_audit_log;
    retention: unpaid_sessions_go_with_all_that_depends_on_them,
        what_is_live_undelivered_or_in_discrepancy_stays_whatever_its_age,
        paid_sessions_go_with_their_orders_and_only_where_they_have_a_horizon,
        a_large_backlog_of_sessions_goes_in_batches, the_audit_log_is_cut_at_its_old_end_and_says_so;
    buyers: sessions_are_found_by_id_order_and_any_text, an_erased_buyer_is_nowhere_and_what_was_paid_stays,
        an_erasure_of_what_has_changed_since_changes_nothing,
        the_saved_carts_of_a_buyer_are_erased_by_the_address, events_of_a_buyer_with_a_longer_address_stay;
    cards: a_card_is_stored_as_it_is_and_belongs_to_its_merchant, an_attempt_takes_a_card_and_no_other_attempt_does,
        a_card_for_another_session_cannot_be_taken, the_security_code_is_wiped_with_charging_and_the_card_with_the_end,
        cards_are_purged_at_their_time, all_cards_can_be_deleted;
    catalogs: an_import_makes_the_next_version_and_those_before_stay, rows_are_read_by_id_in_the_order_of_the_ids,
        nothing_of_an_import_is_seen_before_it_is_finished, an_import_that_is_given_up_leaves_nothing,
        the_first_of_two_rows_is_kept_and_both_lines_are_told, a_delete_wins_wherever_it_is,
        rows_that_a_file_does_not_have_stay_or_go_as_asked, a_file_that_changes_nothing_makes_no_version,
        one_import_of_a_merchant_runs_at_a_time, imports_of_other_merchants_wait_for_their_turn;
    catalog_versions: rows_of_forgotten_versions_are_gone_and_others_stay, pages_are_in_the_byte_order_of_the_ids,
        changes_are_what_differs_between_two_versions;
    catalog_deletes: deletes_do_not_depend_on_the_order_of_rows_nor_on_batches, an_import_knows_whether_it_changes_anything;
    catalog_model: random_imports_make_the_versions_of_a_model;
    promotions: promotions_and_items_do_not_mix, promotions_are_replaced_changed_deleted_and_forgotten;
    feeds: one_upload_is_open_for_each_destination, one_of_many_that_ask_at_once_is_kept,
        an_upload_is_leased_when_it_is_due_and_by_one_host, uploads_beside_each_other_are_leased_oldest_first,
        a_lease_lasts_over_steps_and_ends_with_the_upload, the_former_holder_of_an_upload_is_fenced_off,
        word_that_an_upload_is_over_makes_it_due, uploads_are_found_by_any_condition;
    feeds_over: every_open_upload_is_given_up_when_the_store_is_behind, an_upload_is_given_up_whichever_host_holds_it,
        what_later_uploads_depend_on_is_kept_and_found, an_upload_that_a_clock_ahead_has_postponed_is_due,
        old_uploads_are_purged_but_for_the_newest_of_each_kind;
    feed_changes: items_are_remembered_as_they_were_uploaded, counters_are_found_by_when_they_changed;
    races: one_of_many_attempts_wins, one_of_many_writers_of_a_revision_wins, one_of_many_answers_wins,
        a_conflict_does_not_touch_its_neighbours, counters_never_fall_below_their_floor,
        counters_moved_in_any_order_add_up, one_of_many_that_read_the_same_wins, one_of_many_workers_gets_each,
        audit_entries_of_many_form_one_chain;
}
