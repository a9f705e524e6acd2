//! Payments: money moves once.
//!
//! Four services over one `context`: [`Paying`] takes an attempt through its recovery points, [`Recovery`] resumes what a crash
//! or a silent processor left open, [`Outbox`] reports to Stripe, the merchant's plugin and webhook targets afterwards, [`Expiry`]
//! ends overdue sessions. Paying and recovery share what they both do: `charging` makes a charge, [`classify`] decides what became
//! of it, `settlement` commits that, `token_resolution` calls the token service with retries, `reservation_release` releases
//! stock.
//!
//! Invariants: no guest code runs between a charge and the commit of its outcome. The one exception is the release of the stock of
//! a charge that was not approved: it takes half a second at most, and cannot prevent the commit. A host that works on an attempt
//! holds its lease, and every commit is fenced by it. No outcome is decided by time alone.

pub mod adyen;
pub mod api;
mod backoff;
mod charging;
pub mod classify;
mod context;
mod expiry;
mod in_progress;
pub mod issuer;
mod merchant_limits;
mod operation;
pub mod operator;
mod ordering;
mod outbox;
mod outside;
mod paying;
mod recovery;
mod refreshing;
mod refund_call;
mod refunding;
mod reservation_release;
mod settlement;
pub mod stripe;
#[cfg(test)]
mod testing;
mod timings;
pub mod token;
mod token_resolution;
mod unknown_outcome;
pub mod vault;
pub mod webhooks;

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use tillhouse_checkout::ids::HostId;
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::ports::{OrderEventPublisher, Processor};
use tillhouse_checkout::service::CheckoutService;

pub use backoff::Backoff;
use charging::Charging;
use context::PaymentContext;
pub use expiry::{Expiry, Retention};
use in_progress::InProgress;
use issuer::TokenIssuers;
pub use ordering::{ChangeOrderError, ChangedOrder, Ordering};
pub use outbox::Outbox;
pub use outbox::report;
pub use outside::OutsidePayments;
pub use paying::Paying;
pub use recovery::Recovery;
use recovery::RecoveryParts;
pub use recovery::manual_settlement;
pub use refunding::Refunding;
pub use refunding::manual_settlement as manual_refund_settlement;
pub use refunding::{AskRefundError, AskedRefund, RefundRequest};
use reservation_release::ReservationRelease;
use settlement::Settlement;
pub use timings::Timings;
use token_resolution::TokenResolution;
pub use token_resolution::TokenRetries;

/// What the payment services of a host are made of.
#[derive(Debug)]
pub struct PaymentParts {
    /// The checkout service, with the store, the merchants and the clock.
    pub checkout: CheckoutService,
    /// The merchants' processors, behind their plugins.
    pub processor: Arc<dyn Processor>,
    /// The issuers of payment tokens.
    pub issuers: TokenIssuers,
    /// Makes and sends order events.
    pub publisher: Arc<dyn OrderEventPublisher>,
    /// This host, as the holder of its leases.
    pub lease_holder: LeaseHolder,
    /// How long payments may take.
    pub timings: Timings,
}

/// The payment services of one host. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Payments {
    paying: Paying,
    recovery: Recovery,
    refunding: Refunding,
    ordering: Ordering,
    outside: OutsidePayments,
    outbox: Outbox,
    expiry: Expiry,
    context: Arc<PaymentContext>,
}

impl Payments {
    /// The services over these parts. No worker runs yet.
    #[must_use]
    pub fn new(parts: PaymentParts) -> Self {
        let context = Arc::new(PaymentContext {
            checkout: parts.checkout,
            processor: parts.processor,
            issuers: parts.issuers,
            publisher: parts.publisher,
            timings: parts.timings,
            lease_holder: parts.lease_holder,
            in_progress: InProgress::default(),
            refunds_in_progress: InProgress::default(),
            stopping: CancellationToken::new(),
            outbox_wake: Notify::new(),
            recovery_wake: Notify::new(),
        });
        let reservations = ReservationRelease::new(Arc::clone(&context));
        let tokens = TokenResolution::new(Arc::clone(&context));
        let charging = Charging::new(Arc::clone(&context));
        let settlement = Settlement::new(Arc::clone(&context), reservations.clone());
        let refunding = Refunding::new(Arc::clone(&context));
        let paying = Paying::new(
            Arc::clone(&context),
            tokens.clone(),
            charging.clone(),
            settlement.clone(),
            reservations.clone(),
        );
        let outside = OutsidePayments::new(
            Arc::clone(&context),
            paying.clone(),
            settlement.clone(),
            reservations.clone(),
        );
        let recovery = Recovery::new(RecoveryParts {
            context: Arc::clone(&context),
            tokens,
            charging,
            settlement,
            refunding: refunding.clone(),
            outside: outside.clone(),
        });
        Self {
            paying,
            recovery,
            refunding,
            ordering: Ordering::new(Arc::clone(&context)),
            outside,
            outbox: Outbox::new(Arc::clone(&context), reservations),
            expiry: Expiry::new(Arc::clone(&context)),
            context,
        }
    }

    /// Start the workers: outbox, recovery, lease renewal and expiry. Each stops once the token is cancelled and what it has
    /// begun is finished.
    pub fn spawn_workers(&self, workers: &TaskTracker, stop: &CancellationToken) {
        workers.spawn(self.outbox.clone().run(stop.clone()));
        workers.spawn(self.recovery.clone().run(stop.clone()));
        workers.spawn(self.recovery.clone().renew_leases(stop.clone()));
        workers.spawn(self.expiry.clone().run(stop.clone()));
    }

    /// The service that completes checkout sessions.
    #[must_use]
    pub const fn paying(&self) -> &Paying {
        &self.paying
    }

    /// The service of checkouts that another party is paid for.
    #[must_use]
    pub const fn outside(&self) -> &OutsidePayments {
        &self.outside
    }

    /// The service that refunds orders.
    #[must_use]
    pub const fn refunding(&self) -> &Refunding {
        &self.refunding
    }

    /// The service that changes orders after they were placed.
    #[must_use]
    pub const fn ordering(&self) -> &Ordering {
        &self.ordering
    }

    /// The service that settles what was left open.
    #[must_use]
    pub const fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// The service that delivers the messages of the outbox.
    #[must_use]
    pub const fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// The service that expires overdue sessions.
    #[must_use]
    pub const fn expiry(&self) -> &Expiry {
        &self.expiry
    }

    /// This process, as the audit log and the leases name it.
    #[must_use]
    pub fn host(&self) -> &HostId {
        &self.context.lease_holder.host
    }

    /// This process, as it takes leases.
    #[must_use]
    pub fn lease_holder(&self) -> &LeaseHolder {
        &self.context.lease_holder
    }
}
