//! Reconciliation: compares the processor's list of charges with our attempts, and what it knows of refunds with ours.

mod compare;
mod refunds;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::timestamp;
use super::{Operator, OperatorError, OperatorRequest};
use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::decision::{ListedCharge, Operation};
use tillhouse_checkout::discrepancy::Discrepancy;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::AttemptFilter;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use compare::{Window, compare};
use refunds::compare_charges;

/// How far the clocks of processor and host, and a charge and its attempt, may be apart.
///
/// Lists are read wider by this much on both sides, so that what lies at the edge of the window finds its counterpart.
const SLACK: Duration = Duration::from_secs(3600);

/// The window where none is given.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Maximum number of charges of one merchant in one request.
const MOST: usize = 500_000;

/// `reconcile`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Reconcile {
    /// Only this merchant; `None` for all.
    pub merchant: Option<MerchantId>,
    /// Only charges made at or after this time; a day before `until` if `None`.
    pub since: Option<Timestamp>,
    /// Only charges made before this time; now if `None`.
    pub until: Option<Timestamp>,
}

/// The result of a reconciliation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Reconciled {
    /// Begin of the window (RFC 3339).
    pub since: String,
    /// End of the window (RFC 3339).
    pub until: String,
    /// Charges on the processors' lists within the window.
    pub charges: usize,
    /// Attempts whose charge was sent within the window.
    pub attempts: usize,
    /// Attempts among them that are still open, and so not compared.
    pub open: usize,
    /// Refunds that were done within the window, and looked up at the processors.
    #[serde(default)]
    pub refunds: usize,
    /// Merchants that are paid by other parties only: they have no processor to compare with, and charged nothing within the window.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paid_elsewhere: Vec<MerchantId>,
    /// Where the ledgers disagree. Each is kept in the store as well.
    #[serde(rename = "breaks")]
    pub discrepancies: Vec<Discrepancy>,
    /// Merchants that could not be reconciled, and why.
    pub skipped: Vec<Skipped>,
}

/// A merchant whose processor returned no list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Id of the merchant.
    pub merchant: MerchantId,
    /// Why it was skipped.
    pub reason: String,
}

impl Reconciled {
    /// Whether every merchant was reconciled and nothing disagrees.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.discrepancies.is_empty() && self.skipped.is_empty()
    }
}

impl OperatorRequest for Reconcile {
    const NAME: &'static str = "reconcile";
    type Answer = Reconciled;

    async fn answer(self, operator: &Operator) -> Result<Reconciled, OperatorError> {
        let now = operator.now();
        let until = self.until.unwrap_or(now);
        let since = self.since.unwrap_or_else(|| until.before(DAY));
        if since >= until {
            return Err(OperatorError::invalid("since: must be before until"));
        }
        let mut result = Reconciled {
            since: timestamp::text(since),
            until: timestamp::text(until),
            ..Reconciled::default()
        };
        let window = Window { since, until, now };
        for merchant in operator.merchant(self.merchant.as_ref())? {
            match Box::pin(operator.reconcile_merchant(&merchant, &window, &mut result)).await {
                Ok(()) => {}
                Err(error) => result.skipped.push(Skipped {
                    merchant,
                    reason: error.message,
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
    ) -> Result<(), OperatorError> {
        if let Some(outage) = self.payments.context.checkout.outages.get(merchant) {
            return Err(OperatorError::unavailable(format!(
                "it is out of service: {}",
                outage.reason()
            )));
        }
        let processor = &self.payments.context.processor;
        let capabilities = processor.capabilities(merchant);
        if !capabilities.charge {
            self.ensure_nothing_charged(merchant, window).await?;
            result.paid_elsewhere.push(merchant.clone());
            return Ok(());
        }
        if !capabilities.list {
            return Err(OperatorError::conflict(
                "the processor's plugin cannot list charges; use one that exports payments-list",
            ));
        }
        let profile = processor.profile(merchant).await;
        let profile = profile.map_err(|error| OperatorError::unavailable(error.to_string()))?;
        let visibility_delay = Duration::from_secs(profile.visibility_delay_s.into());
        let theirs = self.their_charges(merchant, window).await?;
        let ours = self.our_attempts(merchant, window, &theirs).await?;
        let mut comparison = compare(merchant, window, visibility_delay, &theirs, &ours);
        let done = self.done_refunds(merchant).await?;
        let visible_since = window.now.before(visibility_delay);
        comparison
            .discrepancies
            .extend(compare_charges(window, visible_since, &theirs, &ours, &done));
        let (refunds, differing) = Box::pin(self.compare_refunds(window, &done)).await?;
        comparison.discrepancies.extend(differing);
        for discrepancy in &comparison.discrepancies {
            let unit = UnitOfWork {
                discrepancy: Some(discrepancy.clone()),
                ..UnitOfWork::default()
            };
            self.store().commit(unit).await?;
        }
        result.charges += comparison.charges;
        result.attempts += comparison.attempts;
        result.open += comparison.open;
        result.refunds += refunds;
        result.discrepancies.extend(comparison.discrepancies);
        Ok(())
    }

    /// Check that a merchant without a processor had none within the window either.
    async fn ensure_nothing_charged(&self, merchant: &MerchantId, window: &Window) -> Result<(), OperatorError> {
        let ours = self.our_attempts(merchant, window, &[]).await?;
        let mut sent = ours.iter().filter_map(|attempt| Some(attempt.charge()?.sent));
        if sent.any(|at| window.holds(at)) {
            return Err(OperatorError::conflict(
                "it has charged within the window, and has no processor now; bind its plugin again to compare",
            ));
        }
        Ok(())
    }

    /// Every page of the processor's list.
    async fn their_charges(&self, merchant: &MerchantId, window: &Window) -> Result<Vec<ListedCharge>, OperatorError> {
        let (since, until) = (window.since.before(SLACK), window.until.after(SLACK));
        let (mut charges, mut cursor, mut seen) = (Vec::new(), None::<String>, HashSet::new());
        loop {
            let key = self.payments.context.checkout.ids.idempotency_key();
            let operation = Operation {
                id: format!("reconcile-{key}"),
                attempt: 1,
                idempotency_key: key,
                reference: String::new(),
                now: window.now,
            };
            let page = self
                .payments
                .context
                .processor
                .list_charges(merchant, operation, since, until, cursor.as_deref())
                .await;
            let page = page.map_err(|error| OperatorError::unavailable(error.to_string()))?;
            charges.extend(page.entries);
            if charges.len() > MOST {
                return Err(OperatorError::conflict(format!(
                    "the processor lists more than {MOST} charges; narrow --since and --until"
                )));
            }
            match page.next {
                None => return Ok(charges),
                Some(next) if seen.insert(next.clone()) => cursor = Some(next),
                Some(_) => {
                    return Err(OperatorError::conflict(
                        "the processor's list returns to a page that was read before; report this to the plugin's author",
                    ));
                }
            }
        }
    }

    /// Attempts within the window, and those outside of it whose charges are on the list.
    async fn our_attempts(
        &self,
        merchant: &MerchantId,
        window: &Window,
        theirs: &[ListedCharge],
    ) -> Result<Vec<Attempt>, OperatorError> {
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
