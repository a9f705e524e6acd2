//! Reconciliation: the processor's list of charges against our attempts (reliability reference §1.4).

mod compare;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::moment;
use super::{Operator, Question, Refusal};
use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::decision::{ListedCharge, Operation};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::AttemptFilter;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::{Break, UnitOfWork};

use compare::{Window, compare};

/// How far the clocks of processor and host may be apart, and a charge from its attempt.
///
/// Lists are read wider by this much on
/// both sides, so that what stands at the edge of the time asked for finds its other half.
const SLACK: Duration = Duration::from_secs(3600);

/// The time looked at where none is given.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Charges of one merchant that are taken in one go.
const MOST: usize = 500_000;

/// `reconcile`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Reconcile {
    /// One merchant, or all.
    pub merchant: Option<MerchantId>,
    /// Charges made at or after; a day before `until` where it is not given.
    pub since: Option<Timestamp>,
    /// Charges made before; now where it is not given.
    pub until: Option<Timestamp>,
}

/// What came of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Reconciled {
    /// From when on.
    pub since: String,
    /// Until when.
    pub until: String,
    /// Charges on the processors' lists within that time.
    pub charges: usize,
    /// Attempts of ours within that time whose charge was sent.
    pub attempts: usize,
    /// Attempts among them that are still being settled, and so are no break.
    pub open: usize,
    /// What does not agree. Each is kept in the store as well.
    pub breaks: Vec<Break>,
    /// Merchants that were not looked at, and why.
    pub skipped: Vec<Skipped>,
}

/// A merchant whose processor gave no list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The merchant.
    pub merchant: MerchantId,
    /// Why.
    pub reason: String,
}

impl Reconciled {
    /// Whether everybody was looked at and everything agrees.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.breaks.is_empty() && self.skipped.is_empty()
    }
}

impl Question for Reconcile {
    const NAME: &'static str = "reconcile";
    type Answer = Reconciled;

    async fn answer(self, operator: &Operator) -> Result<Reconciled, Refusal> {
        let now = operator.now();
        let until = self.until.unwrap_or(now);
        let since = self.since.unwrap_or_else(|| until.before(DAY));
        if since >= until {
            return Err(Refusal::invalid("since: must be before until"));
        }
        let mut result = Reconciled {
            since: moment::text(since),
            until: moment::text(until),
            ..Reconciled::default()
        };
        let window = Window { since, until, now };
        for merchant in operator.merchant(self.merchant.as_ref())? {
            match Box::pin(operator.reconcile_merchant(&merchant, &window, &mut result)).await {
                Ok(()) => {}
                Err(refusal) => result.skipped.push(Skipped {
                    merchant,
                    reason: refusal.message,
                }),
            }
        }
        Ok(result)
    }
}

impl Operator {
    async fn reconcile_merchant(
        &self,
        merchant: &MerchantId,
        window: &Window,
        result: &mut Reconciled,
    ) -> Result<(), Refusal> {
        if let Some(outage) = self.payments.checkout.outages.of(merchant) {
            return Err(Refusal::unavailable(format!(
                "it is out of service: {}",
                outage.reason()
            )));
        }
        let processor = &self.payments.processor;
        if !processor.powers(merchant).list {
            return Err(Refusal::conflict("the processor's plugin has no payments-list"));
        }
        let profile = processor.profile(merchant).await;
        let profile = profile.map_err(|error| Refusal::unavailable(error.to_string()))?;
        let invisible = Duration::from_secs(profile.visibility_delay_s.into());
        let theirs = self.their_charges(merchant, window).await?;
        let ours = self.our_attempts(merchant, window, &theirs).await?;
        let comparison = compare(merchant, window, invisible, &theirs, &ours);
        for found in &comparison.breaks {
            let unit = UnitOfWork {
                found: Some(found.clone()),
                ..UnitOfWork::default()
            };
            self.store().commit(unit).await?;
        }
        result.charges += comparison.charges;
        result.attempts += comparison.attempts;
        result.open += comparison.open;
        result.breaks.extend(comparison.breaks);
        Ok(())
    }

    /// Every page of the processor's list.
    async fn their_charges(&self, merchant: &MerchantId, window: &Window) -> Result<Vec<ListedCharge>, Refusal> {
        let (since, until) = (window.since.before(SLACK), window.until.after(SLACK));
        let (mut charges, mut cursor, mut seen) = (Vec::new(), None::<String>, HashSet::new());
        loop {
            let key = self.payments.checkout.ids.key();
            let operation = Operation {
                id: format!("reconcile-{key}"),
                attempt: 1,
                idempotency_key: key,
                reference: String::new(),
                now: window.now,
            };
            let page = self
                .payments
                .processor
                .list_charges(merchant, operation, since, until, cursor.as_deref())
                .await;
            let page = page.map_err(|error| Refusal::unavailable(error.to_string()))?;
            charges.extend(page.entries);
            if charges.len() > MOST {
                return Err(Refusal::conflict(format!(
                    "more than {MOST} charges; ask for less time"
                )));
            }
            match page.next {
                None => return Ok(charges),
                Some(next) if seen.insert(next.clone()) => cursor = Some(next),
                Some(_) => return Err(Refusal::conflict("the processor's list comes back to the same page")),
            }
        }
    }

    /// Attempts of that time, and those outside of it whose charges are on the list.
    async fn our_attempts(
        &self,
        merchant: &MerchantId,
        window: &Window,
        theirs: &[ListedCharge],
    ) -> Result<Vec<Attempt>, Refusal> {
        let filter = AttemptFilter {
            merchant: Some(merchant.clone()),
            // An attempt may be much older than a charge that was sent again.
            since: Some(window.since.before(DAY)),
            until: Some(window.until.after(SLACK)),
            limit: MOST,
            ..AttemptFilter::default()
        };
        let mut ours = self.store().list_attempts(&filter).await?;
        let mut known: HashSet<String> = ours.iter().map(|attempt| attempt.reference.clone()).collect();
        for reference in theirs.iter().filter_map(|charge| charge.reference.as_ref()) {
            if known.insert(reference.clone()) {
                ours.extend(self.store().attempt_by_reference(merchant, reference).await?);
            }
        }
        Ok(ours)
    }
}
