//! Refunds: what the host has settled, and what the processor says of it.

use std::collections::HashMap;

use super::super::{Operator, OperatorError};
use super::compare::Window;
use tillhouse_checkout::attempt::{Attempt, AttemptStatus};
use tillhouse_checkout::decision::{ListedCharge, RefundLookup, RefundOutcome};
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::ids::{AttemptId, MerchantId};
use tillhouse_checkout::money::{Amount, format_minor};
use tillhouse_checkout::ports::{DecisionError, RefundFilter};
use tillhouse_checkout::refund::{Refund, RefundStatus};
use tillhouse_checkout::time::Timestamp;

/// Refunds of one merchant that were done, by the attempt whose charge they refund.
#[derive(Debug, Default)]
pub(super) struct DoneRefunds(HashMap<AttemptId, Vec<Refund>>);

impl DoneRefunds {
    pub(super) fn of(refunds: Vec<Refund>) -> Self {
        let mut by_attempt: HashMap<AttemptId, Vec<Refund>> = HashMap::new();
        for refund in refunds {
            by_attempt.entry(refund.attempt.clone()).or_default().push(refund);
        }
        Self(by_attempt)
    }

    fn within(&self, window: &Window) -> impl Iterator<Item = &Refund> {
        let all = self.0.values().flatten();
        all.filter(|refund| refund.state.settled().is_some_and(|at| window.holds(at)))
    }

    /// What went back of an attempt's charge, and when that changed last.
    fn sum(&self, attempt: &AttemptId) -> (Amount, Option<Timestamp>) {
        let refunds = self.0.get(attempt).map_or(&[][..], Vec::as_slice);
        let sum = Amount::sum(refunds.iter().map(|refund| refund.amount.amount));
        let last = refunds.iter().filter_map(|refund| refund.state.settled()).max();
        (sum.unwrap_or_default(), last)
    }
}

/// A charge that the processor lists as refunded was refunded here, as a whole, and no other was. A refund that is more recent than
/// `visible_since` may not be listed yet.
pub(super) fn compare_charges(
    window: &Window,
    visible_since: Timestamp,
    theirs: &[ListedCharge],
    ours: &[Attempt],
    refunds: &DoneRefunds,
) -> Vec<Discrepancy> {
    let by_reference: HashMap<&str, &Attempt> = ours.iter().map(|it| (it.reference.as_str(), it)).collect();
    let differs = |charge: &ListedCharge| {
        let attempt = by_reference.get(charge.reference.as_deref()?)?;
        if attempt.status() != AttemptStatus::Approved || !window.holds(charge.created) {
            return None;
        }
        let (sum, last) = refunds.sum(&attempt.id);
        if last.is_some_and(|last| last > visible_since) {
            return None;
        }
        let is_whole_here = sum == attempt.amount.amount;
        let is_whole_there = charge.state == "refunded";
        (is_whole_here != is_whole_there).then(|| Discrepancy {
            merchant: attempt.merchant.clone(),
            kind: DiscrepancyKind::RefundDiffers,
            subject: attempt.reference.clone(),
            attempt: Some(attempt.id.clone()),
            detail: format!(
                "{} there, and {} of {} refunded here",
                charge.state,
                format_minor(sum.minor(), &attempt.amount.currency.upper()),
                attempt.amount
            ),
            found: window.now,
        })
    };
    theirs.iter().filter_map(differs).collect()
}

impl Operator {
    /// Every refund of a merchant that was done.
    pub(super) async fn done_refunds(&self, merchant: &MerchantId) -> Result<DoneRefunds, OperatorError> {
        let filter = RefundFilter {
            merchant: Some(merchant.clone()),
            states: vec![RefundStatus::Done],
            limit: usize::MAX,
            ..RefundFilter::default()
        };
        Ok(DoneRefunds::of(self.store().list_refunds(&filter).await?))
    }

    /// Look every refund of the window up at the processor. Returns how many there were, and those that it knows otherwise.
    pub(super) async fn compare_refunds(
        &self,
        window: &Window,
        refunds: &DoneRefunds,
    ) -> Result<(usize, Vec<Discrepancy>), OperatorError> {
        let (mut compared, mut found) = (0, Vec::new());
        for refund in refunds.within(window) {
            let there = match self.payments.refunding().look_up_again(refund).await {
                Ok(there) => there,
                // The processor has no lookup, or is another one now: nothing can be compared.
                Err(DecisionError::Unsupported { .. }) => continue,
                Err(error) => return Err(OperatorError::unavailable(error.to_string())),
            };
            compared += 1;
            found.extend(difference(refund, &there).map(|detail| Discrepancy {
                merchant: refund.merchant.clone(),
                kind: DiscrepancyKind::RefundDiffers,
                subject: refund.id.to_string(),
                attempt: Some(refund.attempt.clone()),
                detail: format!("refund {} of order {}: {detail}", refund.name, refund.order),
                found: window.now,
            }));
        }
        Ok((compared, found))
    }
}

/// How the processor knows a refund that was done here, where that is not the same.
pub(super) fn difference(refund: &Refund, there: &RefundLookup) -> Option<String> {
    let here = refund.state.reference().unwrap_or("(none)");
    let there = match there {
        RefundLookup::Found(RefundOutcome::Refunded(reference)) if reference == here => return None,
        RefundLookup::Found(RefundOutcome::Refunded(reference)) => format!("refunded as {reference}"),
        RefundLookup::Found(RefundOutcome::Pending(reference)) => format!("pending as {reference}"),
        RefundLookup::Found(RefundOutcome::Declined(code)) => format!("declined with {code}"),
        // It does not say; another reconciliation may learn it.
        RefundLookup::Found(RefundOutcome::Unknown) => return None,
        RefundLookup::Absent => "unknown".to_owned(),
    };
    Some(format!("refunded here as {here}, and {there} there"))
}
