//! A payment attempt: its recovery points, and what is known of the money.

mod authentication_wait;
mod history;
mod reversal_call;
mod state;
mod status;
mod stored;
mod transition;
mod wire_evidence;
mod write;

use serde::{Deserialize, Serialize};

use super::contact::Address;
use super::decision::{OrderIdentity, Reservation};
use super::device::Device;
use super::ids::{AttemptId, MerchantId, ProcessorReference, SessionId, TokenId};
use super::money::Money;
use super::payer::Payer;
use super::payment_token::PaymentToken;
use super::time::Timestamp;

pub use authentication_wait::AuthenticationWait;
pub use history::{AttemptHistory, RetrySchedule};
pub use reversal_call::{ReversalCall, SentReversal};
pub use state::{AttemptState, Paid, SentCharge, Unpaid};
pub use status::AttemptStatus;
pub use stored::{IncompleteAttemptError, StoredAttempt};
pub use wire_evidence::WireEvidence;
pub use write::AttemptWrite;

/// An attempt at paying a checkout session.
///
/// Invariant: no field holds card data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StoredAttempt", into = "StoredAttempt")]
pub struct Attempt {
    /// Id of the attempt, `pa_…`.
    pub id: AttemptId,
    /// Merchant that sells and is paid.
    pub merchant: MerchantId,
    /// Checkout session that it pays.
    pub session: SessionId,
    /// What pays it. Stored as `token`, or as `nothing_due`.
    pub payer: Payer,
    /// What is charged: the total that the caller was shown.
    pub amount: Money,
    /// Idempotency key of the call that resolves the token.
    pub resolve_key: String,
    /// Idempotency key of the charge at the processor.
    pub charge_key: String,
    /// Idempotency key of the report to the issuer of the token.
    pub report_key: String,
    /// Our reference of the charge at the processor.
    pub reference: String,
    /// The order that is made when it is paid.
    pub order: OrderIdentity,
    /// The stock that it holds.
    pub reservation: Reservation,
    /// The discount codes that it has redeemed.
    pub redeemed: Vec<String>,
    /// Billing address, kept so that the charge can be sent again with the same bytes.
    pub billing: Option<Address>,
    /// Device of the buyer, kept for the same reason.
    pub device: Device,
    /// When it began: `initiated_at` of the report.
    pub initiated: Timestamp,
    /// Recovery point that it has reached, or its outcome.
    pub state: AttemptState,
    /// What earlier states left behind.
    pub history: AttemptHistory,
    /// When it is worked on again.
    pub retry: RetrySchedule,
    /// Epoch of the lease that this copy was read under. The store sets it, and compares it with every write.
    pub epoch: u64,
}

impl Attempt {
    /// The token that pays it and its issuer, if one does.
    #[must_use]
    pub const fn payment_token(&self) -> Option<&PaymentToken> {
        self.payer.payment_token()
    }

    /// Id of the token that pays it, if one does.
    #[must_use]
    pub const fn token(&self) -> Option<&TokenId> {
        self.payer.token()
    }

    /// The name of its state.
    #[must_use]
    pub const fn status(&self) -> AttemptStatus {
        self.state.status()
    }

    /// Whether it may be written over one with that status.
    #[must_use]
    pub const fn may_follow(&self, before: AttemptStatus) -> bool {
        self.payer.may_move(before, self.status())
    }

    /// Why it is in its state, or why its last step was repeated.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.state.reason().or(self.history.reason.as_deref())
    }

    /// The authentication of the buyer that it waits for, or has waited for.
    #[must_use]
    pub const fn authentication_wait(&self) -> Option<&AuthenticationWait> {
        match &self.state {
            AttemptState::AuthenticationRequired(wait) => Some(wait),
            _ => self.history.authentication.as_ref(),
        }
    }

    /// Whether its token was resolved before it waited for the buyer.
    #[must_use]
    pub fn waits_with_resolved_token(&self) -> bool {
        self.authentication_wait().is_some_and(|wait| wait.token_resolved)
    }

    /// The charge, once it was sent.
    #[must_use]
    pub const fn charge(&self) -> Option<&SentCharge> {
        match &self.state {
            AttemptState::Charging(charge) => Some(charge),
            _ => self.history.charge.as_ref(),
        }
    }

    /// Until when stock is or was held for the payment of another party.
    #[must_use]
    pub const fn held_until(&self) -> Option<Timestamp> {
        match &self.state {
            AttemptState::Awaiting { until } => Some(*until),
            _ => self.history.held_until,
        }
    }

    /// Since when its outcome is or was unknown.
    #[must_use]
    pub const fn unknown_since(&self) -> Option<Timestamp> {
        match &self.state {
            AttemptState::Unknown { since, .. } | AttemptState::NeedsReview { since, .. } => Some(*since),
            _ => self.history.unknown_since,
        }
    }

    /// The last moment at which a charge may have been on its way.
    #[must_use]
    pub fn last_sent(&self) -> Timestamp {
        self.unknown_since()
            .or(self.charge().map(|charge| charge.sent))
            .unwrap_or(self.initiated)
    }

    /// The processor's reference of its charge, once it is known.
    #[must_use]
    pub const fn processor_reference(&self) -> Option<&ProcessorReference> {
        match &self.state {
            AttemptState::Voiding { charge, .. } => Some(charge),
            AttemptState::Approved {
                paid: Paid::Charge(charge),
                ..
            } => Some(charge),
            _ => self.history.processor_reference.as_ref(),
        }
    }

    /// Whether it ended and its token was never resolved: the store then lets the token pay another attempt.
    #[must_use]
    pub const fn token_unused(&self) -> bool {
        matches!(&self.state, AttemptState::Failed { token_unused: true, .. })
    }

    /// Whether the host that writes it keeps its lease, because a task continues with it. An attempt with a retry time is left
    /// to any host.
    #[must_use]
    pub const fn keeps_lease(&self) -> bool {
        let is_reversing = matches!(self.state, AttemptState::Voiding { .. }) && self.history.reversal.is_some();
        (self.status().is_in_progress() || is_reversing) && self.retry.next.is_none()
    }

    /// Whether its token may have been consumed. Resolving a token consumes it, and `Resolving` is committed before that is
    /// tried. `Reserved`, `AuthenticationRequired` and `Failed` say nothing by themselves: a token that was consumed before stays
    /// consumed.
    #[must_use]
    pub const fn consumes_token(&self) -> bool {
        let before_token = matches!(
            self.status(),
            AttemptStatus::Reserved
                | AttemptStatus::AuthenticationRequired
                | AttemptStatus::Awaiting
                | AttemptStatus::Failed
        );
        self.token().is_some() && !before_token
    }
}

#[cfg(test)]
mod fixture {
    use super::*;
    use crate::ids::ReservationId;
    use crate::money::{Amount, Currency};

    /// An attempt that was just reserved.
    pub(super) fn attempt() -> Attempt {
        Attempt {
            id: AttemptId::new("pa_1"),
            merchant: MerchantId::new("acme"),
            session: SessionId::new("cs_1"),
            payer: Payer::Token(PaymentToken::stripe("spt_1")),
            amount: Money {
                amount: Amount::new(4598).unwrap(),
                currency: Currency::new("usd").unwrap(),
            },
            resolve_key: "resolve".into(),
            charge_key: "charge".into(),
            report_key: "report".into(),
            reference: "pa_1".into(),
            order: OrderIdentity {
                id: "order-1".into(),
                number: None,
                permalink: "https://shop.example.com/orders/1".into(),
                confirmation: None,
            },
            reservation: Reservation {
                id: ReservationId::new("pa_1"),
                lines: Vec::new(),
                expires: Timestamp(9000),
            },
            redeemed: Vec::new(),
            billing: None,
            device: Device::default(),
            initiated: Timestamp(1000),
            state: AttemptState::Reserved,
            history: AttemptHistory::default(),
            retry: RetrySchedule::default(),
            epoch: 0,
        }
    }
}
