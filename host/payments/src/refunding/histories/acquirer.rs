//! An acquirer that loses requests and answers, delays requests, decides later, refuses, and sometimes says nothing. It keeps the
//! truth.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

use super::dice::Dice;
use crate::testing::{ManualClock, profile, unavailable};
use tillhouse_checkout::authentication::ThreeDSecure;
use tillhouse_checkout::credential::CardDisplay;
use tillhouse_checkout::decision::{
    CancelOutcome, ChargeLookup, ChargeOrder, ChargePage, Operation, ProcessorCapabilities, ProcessorProfile,
    ProcessorWebhook, RefundLookup, RefundOutcome, VoidLookup, VoidOutcome, WebhookReading,
};
use tillhouse_checkout::ids::{MerchantId, ProcessorReference};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::ports::{DecisionError, PhaseScope, Processor, ReadyCharge};
use tillhouse_checkout::time::{Clock, Timestamp};

/// The longest time for which a request is on its way. Longer than the visibility delay that its plugin declares and the host's own: then
/// only the key keeps it from refunding twice.
const LONGEST_WAY: Duration = Duration::from_secs(40 * 60);

/// What became of a refund at the acquirer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Made,
    Pending,
    Refused,
}

/// A refund that the acquirer has.
#[derive(Clone, Debug)]
pub(super) struct AcquirerRefund {
    pub(super) id: String,
    pub(super) charge: String,
    pub(super) minor: i64,
    pub(super) fate: Fate,
}

#[derive(Debug, Default)]
pub(super) struct Books {
    /// By the host's reference of the refund.
    pub(super) refunds: HashMap<String, AcquirerRefund>,
    /// Requests that arrive at a later time: reference, charge, amount.
    on_their_way: Vec<(Timestamp, String, String, i64)>,
    /// What was captured, by charge.
    pub(super) captured: HashMap<String, i64>,
    /// Keys that were used: each names one refund.
    keys: HashMap<String, String>,
    /// Requests that arrived, and those of them that were repetitions.
    pub(super) requests: u64,
    pub(super) repetitions: u64,
    pub(super) lost_answers: u64,
    pub(super) late_requests: u64,
    next: u64,
}

impl Books {
    /// What went back of a charge, or may.
    pub(super) fn gone_back(&self, charge: &str) -> i64 {
        let of_charge = self
            .refunds
            .values()
            .filter(|it| it.charge == charge && it.fate != Fate::Refused);
        of_charge.map(|it| it.minor).sum()
    }

    /// A request arrives. A repetition under its key changes nothing.
    fn arrive(&mut self, key: &str, reference: &str, charge: &str, minor: i64, dice: &mut Dice) -> AcquirerRefund {
        self.requests += 1;
        if let Some(known) = self.keys.get(key) {
            assert_eq!(known, reference, "one key, one refund");
            self.repetitions += 1;
            return self.refunds[reference].clone();
        }
        assert!(!self.refunds.contains_key(reference), "refunded twice: {reference}");
        let left = self.captured[charge] - self.gone_back(charge);
        let fate = match dice.roll(10) {
            _ if minor > left => Fate::Refused,
            0 => Fate::Refused,
            1..=3 => Fate::Pending,
            _ => Fate::Made,
        };
        self.next += 1;
        let refund = AcquirerRefund {
            id: format!("acq_{}", self.next),
            charge: charge.to_owned(),
            minor,
            fate,
        };
        self.keys.insert(key.to_owned(), reference.to_owned());
        self.refunds.insert(reference.to_owned(), refund.clone());
        refund
    }
}

#[derive(Debug)]
pub(super) struct Acquirer {
    pub(super) books: Mutex<Books>,
    dice: Mutex<Dice>,
    clock: Arc<ManualClock>,
    /// Notified when a host crashes during a call.
    pub(super) crashed: Notify,
}

impl Acquirer {
    pub(super) fn with(dice: Dice, clock: Arc<ManualClock>) -> Self {
        Self {
            books: Mutex::default(),
            dice: Mutex::new(dice),
            clock,
            crashed: Notify::new(),
        }
    }

    fn percent(&self, cases: u64) -> bool {
        self.dice.lock().unwrap().percent(cases)
    }

    /// Requests that were on their way arrive, if it is their time.
    pub(super) fn deliver_late(&self, all: bool) {
        let now = self.clock.now();
        let mut books = self.books.lock().unwrap();
        let (due, later) = std::mem::take(&mut books.on_their_way)
            .into_iter()
            .partition(|(at, ..)| all || *at <= now);
        books.on_their_way = later;
        for (_, reference, charge, minor) in due {
            books.late_requests += 1;
            let key = format!("refund:{reference}");
            books.arrive(&key, &reference, &charge, minor, &mut self.dice.lock().unwrap());
        }
    }

    /// Decide what is pending. Returns the references of what was decided.
    pub(super) fn decide_some(&self, all: bool) -> Vec<String> {
        let mut books = self.books.lock().unwrap();
        let mut dice = self.dice.lock().unwrap();
        let mut references: Vec<String> = books.refunds.keys().cloned().collect();
        // A hash map has no order that a seed would repeat.
        references.sort_unstable();
        let mut decided = Vec::new();
        for reference in references {
            let Some(refund) = books.refunds.get_mut(&reference) else {
                continue;
            };
            if refund.fate == Fate::Pending && (all || dice.percent(30)) {
                refund.fate = if dice.percent(80) { Fate::Made } else { Fate::Refused };
                decided.push(reference);
            }
        }
        decided
    }
}

fn outcome(refund: &AcquirerRefund) -> RefundOutcome {
    match refund.fate {
        Fate::Made => RefundOutcome::Refunded(refund.id.clone()),
        Fate::Pending => RefundOutcome::Pending(refund.id.clone()),
        Fate::Refused => RefundOutcome::Declined("refused".into()),
    }
}

#[async_trait]
impl Processor for Acquirer {
    async fn profile(&self, _: &MerchantId) -> Result<ProcessorProfile, DecisionError> {
        Ok(profile())
    }

    async fn authentication_requirements(
        &self,
        _: PhaseScope,
        _: Operation,
        _: ChargeOrder,
        _: Option<CardDisplay>,
    ) -> Result<Option<ThreeDSecure>, DecisionError> {
        Ok(None)
    }

    async fn prepare(&self, _: PhaseScope) -> Result<Box<dyn ReadyCharge>, DecisionError> {
        Err(unavailable())
    }

    fn destination(&self, _: &MerchantId) -> Option<String> {
        None
    }

    async fn lookup(&self, _: PhaseScope, _: Operation, _: Money) -> Result<ChargeLookup, DecisionError> {
        Err(unavailable())
    }

    fn capabilities(&self, _: &MerchantId) -> ProcessorCapabilities {
        ProcessorCapabilities {
            refund: true,
            notices: true,
            ..ProcessorCapabilities::default()
        }
    }

    async fn void(&self, _: PhaseScope, _: Operation, _: &ProcessorReference) -> Result<VoidOutcome, DecisionError> {
        Err(unavailable())
    }

    async fn lookup_void(
        &self,
        _: PhaseScope,
        _: Operation,
        _: &ProcessorReference,
    ) -> Result<VoidLookup, DecisionError> {
        Err(unavailable())
    }

    async fn refund(
        &self,
        _: PhaseScope,
        op: Operation,
        charge: &ProcessorReference,
        amount: Money,
        _: Option<&str>,
    ) -> Result<RefundOutcome, DecisionError> {
        let (reference, charge, minor) = (op.reference, charge.to_string(), amount.amount.minor());
        let crashes_before = self.percent(3);
        let arrives_late = !crashes_before && self.percent(15);
        if !crashes_before && !arrives_late && !self.percent(10) {
            let refund = {
                let mut books = self.books.lock().unwrap();
                let mut dice = self.dice.lock().unwrap();
                books.arrive(&op.idempotency_key, &reference, &charge, minor, &mut dice)
            };
            if !self.percent(15) {
                return Ok(outcome(&refund));
            }
            self.books.lock().unwrap().lost_answers += 1;
        } else if arrives_late {
            let way = self.dice.lock().unwrap().roll(LONGEST_WAY.as_secs());
            let at = self.clock.now().after(Duration::from_secs(way));
            self.books
                .lock()
                .unwrap()
                .on_their_way
                .push((at, reference, charge, minor));
        }
        if crashes_before || self.percent(20) {
            self.crashed.notify_one();
            std::future::pending::<()>().await;
        }
        if self.percent(50) {
            Err(unavailable())
        } else {
            Ok(RefundOutcome::Unknown)
        }
    }

    async fn lookup_refund(
        &self,
        _: PhaseScope,
        op: Operation,
        _: &ProcessorReference,
        _: Money,
    ) -> Result<RefundLookup, DecisionError> {
        if self.percent(20) {
            return Err(unavailable());
        }
        if self.percent(3) {
            self.crashed.notify_one();
            std::future::pending::<()>().await;
        }
        let books = self.books.lock().unwrap();
        let found = books.refunds.get(&op.reference);
        Ok(found.map_or(RefundLookup::Absent, |refund| RefundLookup::Found(outcome(refund))))
    }

    async fn cancel_by_reference(&self, _: PhaseScope, _: Operation) -> Result<CancelOutcome, DecisionError> {
        Err(unavailable())
    }

    async fn list_charges(
        &self,
        _: &MerchantId,
        _: Operation,
        _: Timestamp,
        _: Timestamp,
        _: Option<&str>,
    ) -> Result<ChargePage, DecisionError> {
        Ok(ChargePage::default())
    }

    /// The body of an event is the reference of a refund.
    async fn read_webhook(&self, _: &MerchantId, notice: ProcessorWebhook) -> Result<WebhookReading, DecisionError> {
        let reference = String::from_utf8(notice.body).unwrap();
        let books = self.books.lock().unwrap();
        let refund = &books.refunds[&reference];
        Ok(WebhookReading {
            events: vec![super::world::event(&reference, refund, outcome(refund))],
            reply: None,
        })
    }
}
