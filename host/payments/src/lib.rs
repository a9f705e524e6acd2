//! Payments: money moves once.
//!
//! [`saga`] drives one attempt through its recovery points; [`judge`] decides what became of a charge; [`conclude`] commits
//! that. `resolve` and `resume` see a token through a token service that fails in passing. [`settle`] takes up what a crash or a
//! silent processor left open, [`notices`] what a processor says by itself, and [`outbox`] tells Stripe and the merchant
//! afterwards. [`sweep`] ends what is over its time.
//!
//! Invariants: no guest code runs between a charge and the commit of its outcome, but for giving back the stock of one that was
//! refused: for a moment, and without a say in whether the outcome is committed. Whoever works on an attempt holds its lease,
//! and every commit is fenced by it. No outcome is decided by time alone.

mod authentication;
pub mod by_hand;
mod cause;
pub mod conclude;
mod deliver;
mod doubt;
mod driven;
mod give_back;
mod inquire;
pub mod judge;
pub mod notices;
pub mod operator;
pub mod outbox;
mod refuse;
pub mod release;
pub mod report;
pub mod reserve;
mod resolve;
mod resume;
pub mod retry;
pub mod saga;
pub mod settle;
mod shares;
pub mod stripe;
pub mod sweep;
pub mod till;
pub mod token;
pub mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::decision::{ChargeOrder, Operation};
use tillhouse_checkout::ports::{Announcer, PhaseKind, PhaseScope, Processor};
use tillhouse_checkout::service::Checkout;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::Claimant;

pub use driven::Driven;
pub use retry::Retries;
pub use sweep::Retention;
use token::TokenService;

/// How long things may take.
#[derive(Clone, Debug)]
pub struct Timings {
    /// Stock that lives elsewhere is to be set aside for this long at the least. No reservation is given up by time here: a
    /// live attempt keeps its own, and one that ended gives it back at once.
    pub reservation_ttl: Duration,
    /// A token must live at least this much longer when it is checked, because the charge still has to be made.
    pub token_margin: Duration,
    /// How the token service is asked again while a task waits for it.
    pub token_retries: Retries,
    /// Pauses between the lookups of an unknown outcome; the last one repeats.
    pub lookups: Vec<Duration>,
    /// A charge that the processor does not know counts as never made after this long at the earliest, whatever shorter time
    /// its plugin declares (reliability reference §1.4).
    pub absence_floor: Duration,
    /// An outcome that is unknown for this long is forbidden at the processor where that is possible, and else needs a person.
    pub review_after: Duration,
    /// How often the completer looks for open attempts that nobody told it of.
    pub settle_tick: Duration,
    /// How often the outbox looks for messages that are due.
    pub outbox_tick: Duration,
    /// How often what is over its time is swept.
    pub sweep: Duration,
    /// How long what is over is kept.
    pub retention: Retention,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            reservation_ttl: Duration::from_secs(24 * 3600),
            token_margin: Duration::from_secs(60),
            token_retries: Retries::default(),
            lookups: [1, 2, 5, 15, 60, 300].map(Duration::from_secs).to_vec(),
            absence_floor: Duration::from_secs(15 * 60),
            review_after: Duration::from_secs(3600),
            settle_tick: settle::TICK,
            outbox_tick: Duration::from_secs(1),
            sweep: Duration::from_secs(60),
            retention: Retention::default(),
        }
    }
}

/// The payment service.
#[derive(Debug)]
pub struct Payments {
    /// The rest of the checkout.
    pub checkout: Checkout,
    /// The merchant's processor.
    pub processor: Arc<dyn Processor>,
    /// The issuer of shared payment tokens.
    pub tokens: Arc<dyn TokenService>,
    /// Who else is told of orders.
    pub announcer: Arc<dyn Announcer>,
    /// Payments under way. Closing it and waiting is how the host drains.
    pub tasks: TaskTracker,
    /// Cancelled when the host stops: nothing waits for another try then.
    pub stopping: CancellationToken,
    /// Who this host is when it takes work on, and for how long.
    pub claimant: Claimant,
    /// Wakes the outbox worker.
    pub outbox_wake: Notify,
    /// Wakes the worker that looks unknown outcomes up.
    pub settle_wake: Notify,
    /// The attempts that a task of this host is driving now.
    pub driven: Driven,
    /// How long things may take.
    pub timings: Timings,
}

impl Payments {
    /// Where the charge of an attempt is made. Like the call itself it follows from the session and the attempt, its time
    /// included, so that a second call makes the same request.
    fn charge_scope(&self, session: &Session, attempt: &Attempt) -> PhaseScope {
        PhaseScope {
            now: attempt.initiated,
            ..self.checkout.scope(session, PhaseKind::Payment)
        }
    }

    /// How the charge of an attempt is called.
    fn charge_call(&self, session: &Session, attempt: &Attempt) -> (Operation, ChargeOrder) {
        let merchant = self.checkout.merchants.get(&attempt.merchant).ok();
        let order = ChargeOrder {
            session: session.id.to_string(),
            order: attempt.order.id.clone(),
            amount: attempt.amount,
            statement: merchant.and_then(|merchant| merchant.statement.clone()),
            billing: attempt.billing.clone(),
            shipping: session.cart.destination().cloned(),
            email: session.cart.buyer.as_ref().and_then(|buyer| buyer.email.clone()),
        };
        (operation(attempt, 1, attempt.initiated), order)
    }
}

/// The operation of a call that is not the charge but changes what becomes of it. It has a key of its own, because a processor
/// keeps what it answered under a key, and takes the charge's key for the charge only. At most 45 characters, as some processors
/// will have it.
fn amendment(attempt: &Attempt, verb: &str, now: Timestamp) -> Operation {
    Operation {
        idempotency_key: format!("{}-{verb}", attempt.charge_key),
        ..operation(attempt, 1, now)
    }
}

/// The operation of an attempt, as the plugin sees it: one id and one key for every call about its charge.
fn operation(attempt: &Attempt, tries: u32, now: Timestamp) -> Operation {
    Operation {
        id: attempt.id.as_str().to_owned(),
        attempt: tries,
        idempotency_key: attempt.charge_key.clone(),
        reference: attempt.reference.clone(),
        now,
    }
}
