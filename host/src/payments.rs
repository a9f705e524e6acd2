//! Payments: money moves once.
//!
//! [`saga`] drives one attempt through its recovery points; [`judge`] decides what became of a charge; [`settle`] takes up
//! what a crash or a silent processor left open; [`outbox`] tells Stripe and the merchant afterwards.
//!
//! Invariant: no guest code runs between a charge and the commit of its outcome.

pub mod conclude;
mod driven;
pub mod judge;
pub mod outbox;
pub mod release;
pub mod report;
pub mod reserve;
pub mod saga;
pub mod settle;
pub mod stripe;
pub mod token;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use crate::checkout::attempt::Attempt;
use crate::checkout::decision::Operation;
use crate::checkout::ports::Processor;
use crate::checkout::service::Checkout;

pub use driven::Driven;
use token::TokenService;

/// How long things may take.
#[derive(Clone, Debug)]
pub struct Timings {
    /// A reservation is released then at the latest.
    pub reservation_ttl: Duration,
    /// A token must live at least this much longer when it is checked, because the charge still has to be made.
    pub token_margin: Duration,
    /// Pauses between the lookups of an unknown outcome; the last one repeats.
    pub lookups: Vec<Duration>,
    /// A charge that the processor does not know counts as never made after this long at the earliest, whatever shorter time
    /// its plugin declares (reliability reference §1.4).
    pub absence_floor: Duration,
    /// How often the outbox looks for messages that are due.
    pub outbox_tick: Duration,
    /// How often what has expired is removed.
    pub sweep: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            reservation_ttl: Duration::from_secs(24 * 3600),
            token_margin: Duration::from_secs(60),
            lookups: [1, 2, 5, 15, 60, 300].map(Duration::from_secs).to_vec(),
            absence_floor: Duration::from_secs(15 * 60),
            outbox_tick: Duration::from_secs(1),
            sweep: Duration::from_secs(3600),
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
    /// Payments under way. Closing it and waiting is how the host drains.
    pub tasks: TaskTracker,
    /// Wakes the outbox worker.
    pub outbox_wake: Notify,
    /// Wakes the worker that looks unknown outcomes up.
    pub settle_wake: Notify,
    /// The attempts that a task of this host is driving now.
    pub driven: Driven,
    /// How long things may take.
    pub timings: Timings,
}

/// The operation of an attempt, as the plugin sees it: one id and one key for every call about its charge.
fn operation(attempt: &Attempt, tries: u32, checkout: &Checkout) -> Operation {
    Operation {
        id: attempt.id.as_str().to_owned(),
        attempt: tries,
        idempotency_key: attempt.charge_key.clone(),
        reference: attempt.reference.clone(),
        now: checkout.clock.now(),
    }
}
