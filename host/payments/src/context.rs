//! What every payment service works with.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::decision::ProcessorProfile;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, OrderId, RefundId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::order::Order;
use tillhouse_checkout::ports::{
    CommitError, OrderEventPublisher, PhaseKind, PhaseScope, Processor, SessionKey, SessionSearch, Store,
};
use tillhouse_checkout::service::CheckoutService;
use tillhouse_checkout::session::{Agent, Session};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use crate::backoff::Backoff;
use crate::in_progress::InProgress;
use crate::issuer::TokenIssuers;
use crate::merchant_limits::MerchantLimits;
use crate::timings::Timings;

/// How often the commit of a known outcome is tried; after that, recovery checks the status of the charge.
const COMMIT_TRIES: u32 = 5;

/// Pauses between these tries.
const COMMIT_BACKOFF: Backoff = Backoff {
    first: Duration::from_millis(50),
    longest: Duration::from_millis(200),
};

/// The collaborators and the shared state of the payment services of one host.
#[derive(Debug)]
pub(crate) struct PaymentContext {
    pub(crate) checkout: CheckoutService,
    pub(crate) processor: Arc<dyn Processor>,
    pub(crate) issuers: TokenIssuers,
    pub(crate) publisher: Arc<dyn OrderEventPublisher>,
    pub(crate) timings: Timings,
    /// This host, as the holder of the leases that it takes.
    pub(crate) lease_holder: LeaseHolder,
    /// The attempts that tasks of this host work on.
    pub(crate) in_progress: InProgress,
    /// The refunds that tasks of this host work on.
    pub(crate) refunds_in_progress: InProgress<RefundId>,
    /// Cancelled when the host stops: from then on no task waits for a retry.
    pub(crate) stopping: CancellationToken,
    /// Wakes the outbox worker: a message was queued.
    pub(crate) outbox_wake: Notify,
    /// Wakes the recovery worker: an attempt was left open.
    pub(crate) recovery_wake: Notify,
}

impl PaymentContext {
    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.checkout.store
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.checkout.clock.now()
    }

    /// The session, if this attempt still pays it.
    pub(crate) async fn session_paid_by(&self, attempt: &Attempt) -> Result<Option<Session>, CheckoutError> {
        let session = self.checkout.load(&attempt.merchant, &attempt.session).await?;
        Ok(is_paying(&session, attempt).then_some(session))
    }

    /// An order of a merchant, with the session that it came from.
    pub(crate) async fn order_named(
        &self,
        merchant: &MerchantId,
        order: &OrderId,
    ) -> Result<Option<(Session, Order)>, CheckoutError> {
        let search = SessionSearch {
            merchant: merchant.clone(),
            by: SessionKey::Order(order.clone()),
        };
        let found = self.store().find_sessions(&search, 0, 1).await?.sessions.pop();
        let Some(session) = found else { return Ok(None) };
        let order = self.store().order(merchant, &session.id).await?;
        Ok(order.map(|order| {
            let order = order.with_lines_of(&session.quote);
            (session, order)
        }))
    }

    /// Keep an event with what belongs to it; false when it was received before, and then nothing is kept.
    pub(crate) async fn keep(&self, unit: UnitOfWork) -> Result<bool, CheckoutError> {
        match self.store().commit(unit).await {
            Ok(()) => Ok(true),
            Err(CommitError::EventSeen) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Commit a known outcome; retried while the store gives no answer.
    pub(crate) async fn commit_outcome(&self, unit: &UnitOfWork) -> Result<(), CommitError> {
        let mut failures = 0;
        loop {
            match self.store().commit(unit.clone()).await {
                Err(CommitError::Store(_)) if failures + 1 < COMMIT_TRIES => {
                    tokio::time::sleep(COMMIT_BACKOFF.pause(failures)).await;
                    failures += 1;
                }
                other => return other,
            }
        }
    }

    /// How long a call may be invisible at the processor after it was made: as its plugin declares, or the configured floor.
    pub(crate) fn visibility_delay(&self, profile: &ProcessorProfile) -> Duration {
        let declared = Duration::from_secs(profile.visibility_delay_s.into());
        declared.max(self.timings.absence_floor)
    }

    /// Until when a call may leave that is about to be committed as sent. A host that was paused after the commit does not make it later:
    /// another may have found by then that the processor does not know the call.
    pub(crate) fn latest_send(&self) -> Instant {
        Instant::now() + self.timings.absence_floor
    }

    /// When an attempt is resumed after this many tries that decided nothing.
    pub(crate) fn next_try(&self, tries: u32) -> Timestamp {
        let pauses = &self.timings.status_checks;
        let pause = usize::try_from(tries)
            .ok()
            .and_then(|at| pauses.get(at))
            .or(pauses.last());
        self.now().after(pause.copied().unwrap_or_default())
    }

    /// A phase about an attempt whose session is not at hand.
    pub(crate) fn attempt_scope(&self, attempt: &Attempt, kind: PhaseKind) -> PhaseScope {
        PhaseScope {
            merchant: attempt.merchant.clone(),
            session: attempt.session.clone(),
            kind,
            now: self.now(),
            currency: attempt.amount.currency,
            locale: None,
            time_zone: None,
            agent: Agent::default(),
            catalog: None,
            deadline: None,
        }
    }

    /// The merchants whose work a worker leaves alone now: those that have reached their limit, and those that are out of service.
    /// Their work waits unchanged: without the merchant's plugin no try could succeed, and each would count as a retry.
    pub(crate) fn merchants_to_skip(&self, limits: &MerchantLimits) -> Vec<MerchantId> {
        let mut merchants = limits.at_limit();
        merchants.extend(self.checkout.outages.iter().map(|(merchant, _)| merchant));
        merchants
    }
}

/// Whether this attempt pays the session now, or waits for the buyer to pay it.
pub(crate) fn is_paying(session: &Session, attempt: &Attempt) -> bool {
    session.live_attempt() == Some(&attempt.id)
}
