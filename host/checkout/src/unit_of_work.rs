//! One unit of work: everything that one phase of an operation changes, committed together or not at all.

use super::attempt::AttemptWrite;
use super::audit::AuditEntry;
use super::discrepancy::Discrepancy;
use super::idempotency::IdempotencyRecord;
use super::inbox::InboxEvent;
use super::order::OrderWrite;
use super::outbox::OutboxMessage;
use super::plugin_data::StagedChanges;
use super::refund::RefundWrite;
use super::saved_cart::SavedCartWrite;
use super::session::Session;
use super::vault::SealedCard;

/// A new or changed session.
#[derive(Clone, Debug)]
pub struct SessionWrite {
    /// The session as it is to be stored. Boxed, because units of work are moved a lot.
    pub session: Box<Session>,
    /// The revision that it replaces; `None` for a new session.
    pub replaces: Option<u64>,
}

/// Everything that one phase changes.
#[derive(Clone, Debug, Default)]
pub struct UnitOfWork {
    /// A new or changed checkout session.
    pub session: Option<SessionWrite>,
    /// A new or changed saved cart.
    pub saved_cart: Option<SavedCartWrite>,
    /// Changes of plugin data, and the versions that they rely on.
    pub staged: StagedChanges,
    /// The attempt that ends in this unit, so that [`Self::attempt`] begins in its place. Boxed, because few units have one.
    pub ended_attempt: Option<Box<AttemptWrite>>,
    /// A new payment attempt, or a transition of one.
    pub attempt: Option<AttemptWrite>,
    /// A card that was delegated, to keep until it pays. What a commit of an attempt does to a card follows from the attempt
    /// ([`super::vault::CardChange`]).
    pub card: Option<SealedCard>,
    /// The order of a checkout that was paid, or a change of one.
    pub order: Option<OrderWrite>,
    /// A new refund, or a transition of one.
    pub refund: Option<RefundWrite>,
    /// Messages to queue in the outbox.
    pub outbox: Vec<OutboxMessage>,
    /// The response to record under its idempotency key.
    pub idempotency: Option<IdempotencyRecord>,
    /// The event that this unit is the effect of. If it was received before, nothing of the unit is committed.
    pub event: Option<InboxEvent>,
    /// A discrepancy to keep for the operator.
    pub discrepancy: Option<Discrepancy>,
    /// An entry for the audit log.
    pub audit: Option<AuditEntry>,
}
