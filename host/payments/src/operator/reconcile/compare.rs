//! Two lists of the same charges.

use std::collections::HashMap;
use std::time::Duration;

use tillhouse_checkout::attempt::{Attempt, AttemptStatus};
use tillhouse_checkout::decision::ListedCharge;
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::money::format_minor;
use tillhouse_checkout::time::Timestamp;

/// The time that is compared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) since: Timestamp,
    pub(super) until: Timestamp,
    pub(super) now: Timestamp,
}

impl Window {
    pub(super) fn holds(&self, at: Timestamp) -> bool {
        self.since <= at && at < self.until
    }
}

/// The result of a comparison.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) charges: usize,
    pub(super) attempts: usize,
    pub(super) open: usize,
    pub(super) discrepancies: Vec<Discrepancy>,
}

/// Compare the processor's charges with our attempts.
///
/// Only what lies within the window is compared; the lists may be wider, so that everything in the window finds its counterpart.
/// An attempt that was charged more recently than the processor's visibility delay is not missing yet.
pub(super) fn compare(
    merchant: &MerchantId,
    window: &Window,
    visibility_delay: Duration,
    theirs: &[ListedCharge],
    ours: &[Attempt],
) -> Comparison {
    let mut done = Comparison::default();
    let attempts = Attempts::of(ours);
    let mut by_attempt: HashMap<&str, Vec<&ListedCharge>> = HashMap::new();
    let report = |difference: Difference<'_>| Discrepancy {
        merchant: merchant.clone(),
        kind: difference.kind,
        subject: difference.subject.to_owned(),
        attempt: difference.attempt.map(|attempt| attempt.id.clone()),
        detail: difference.detail,
        found: window.now,
    };
    for charge in theirs {
        let attempt = attempts.paid_by(charge);
        if let Some(attempt) = attempt {
            by_attempt.entry(attempt.id.as_str()).or_default().push(charge);
        }
        if window.holds(charge.created) {
            done.charges += 1;
            done.discrepancies.extend(check_charge(charge, attempt).map(report));
        }
    }
    for attempt in ours {
        let Some(sent) = attempt
            .charge()
            .map(|charge| charge.sent)
            .filter(|sent| window.holds(*sent))
        else {
            continue;
        };
        done.attempts += 1;
        done.open += usize::from(attempt.status().is_open());
        let listed = by_attempt.get(attempt.id.as_str()).map_or(&[][..], Vec::as_slice);
        let visible = window.now >= sent.after(visibility_delay);
        let found = [charged_twice(attempt, listed), check_approved(attempt, listed, visible)];
        done.discrepancies.extend(found.into_iter().flatten().map(report));
    }
    done
}

/// A difference between a charge of the processor and an attempt of ours.
struct Difference<'a> {
    kind: DiscrepancyKind,
    subject: &'a str,
    attempt: Option<&'a Attempt>,
    detail: String,
}

impl<'a> Difference<'a> {
    fn of(kind: DiscrepancyKind, attempt: &'a Attempt, detail: String) -> Self {
        Self {
            kind,
            subject: &attempt.reference,
            attempt: Some(attempt),
            detail,
        }
    }
}

/// Money that was taken needs an attempt that is paid or may be.
fn check_charge<'a>(charge: &'a ListedCharge, attempt: Option<&'a Attempt>) -> Option<Difference<'a>> {
    if !was_taken(charge) || attempt.is_some_and(|attempt| !ended_unpaid(attempt.status())) {
        return None;
    }
    let amount = amount_of(charge);
    Some(Difference {
        kind: DiscrepancyKind::ChargedElsewhere,
        subject: &charge.processor_reference,
        attempt,
        detail: match attempt {
            None => format!("charged {amount} there, and there is no attempt here"),
            Some(attempt) => format!("charged {amount} there, and {} here", attempt.status().name()),
        },
    })
}

fn charged_twice<'a>(attempt: &'a Attempt, listed: &[&ListedCharge]) -> Option<Difference<'a>> {
    let taken: Vec<&str> = listed
        .iter()
        .filter(|charge| was_taken(charge))
        .map(|charge| charge.processor_reference.as_str())
        .collect();
    let detail = format!("charged {} times: {}", taken.len(), taken.join(", "));
    (taken.len() > 1).then(|| Difference::of(DiscrepancyKind::ChargedTwice, attempt, detail))
}

/// An approved attempt needs a charge of its amount under its reference.
fn check_approved<'a>(attempt: &'a Attempt, listed: &[&ListedCharge], visible: bool) -> Option<Difference<'a>> {
    if attempt.status() != AttemptStatus::Approved {
        return None;
    }
    let mut taken = listed.iter().filter(|charge| was_taken(charge));
    let reference = reference_of(attempt);
    let Some(charge) = taken.clone().next() else {
        if listed.is_empty() && !visible {
            return None;
        }
        let there = listed
            .first()
            .map_or("is not on the list", |charge| charge.state.as_str());
        let detail = format!("approved here as {reference}, and there: {there}");
        return Some(Difference::of(DiscrepancyKind::MissingAtProcessor, attempt, detail));
    };
    if !has_amount(charge, attempt) {
        let detail = format!("{} there, and {} here", amount_of(charge), attempt.amount);
        return Some(Difference::of(DiscrepancyKind::AmountDiffers, attempt, detail));
    }
    if taken.all(|charge| charge.processor_reference != reference) {
        let detail = format!("{} there, and {reference} here", charge.processor_reference);
        return Some(Difference::of(DiscrepancyKind::ReferenceDiffers, attempt, detail));
    }
    None
}

/// Our attempts, by the references that a processor may list.
struct Attempts<'a> {
    by_reference: HashMap<&'a str, &'a Attempt>,
    by_processor: HashMap<&'a str, &'a Attempt>,
    /// Those that another party takes: it may name them by the order or by the session.
    elsewhere: HashMap<&'a str, &'a Attempt>,
}

impl<'a> Attempts<'a> {
    fn of(ours: &'a [Attempt]) -> Self {
        let named = |attempt: &'a Attempt| Some((attempt.processor_reference()?.as_str(), attempt));
        Self {
            by_reference: ours
                .iter()
                .map(|attempt| (attempt.reference.as_str(), attempt))
                .collect(),
            by_processor: ours.iter().filter_map(named).collect(),
            elsewhere: ours
                .iter()
                .filter(|attempt| attempt.payer.is_elsewhere())
                .flat_map(|attempt| {
                    [
                        (attempt.order.id.as_str(), attempt),
                        (attempt.session.as_str(), attempt),
                    ]
                })
                .collect(),
        }
    }

    /// By our reference; by that of the processor where it lists none of ours.
    fn paid_by(&self, charge: &ListedCharge) -> Option<&'a Attempt> {
        match &charge.reference {
            Some(reference) => {
                let ours = self.by_reference.get(reference.as_str());
                ours.or_else(|| self.elsewhere.get(reference.as_str())).copied()
            }
            None => self.by_processor.get(charge.processor_reference.as_str()).copied(),
        }
    }
}

/// Whether money was taken, also if it was refunded later.
fn was_taken(charge: &ListedCharge) -> bool {
    matches!(charge.state.as_str(), "approved" | "refunded")
}

const fn ended_unpaid(status: AttemptStatus) -> bool {
    matches!(
        status,
        AttemptStatus::Declined | AttemptStatus::Failed | AttemptStatus::Voided
    )
}

fn has_amount(charge: &ListedCharge, attempt: &Attempt) -> bool {
    charge.minor == attempt.amount.amount.minor()
        && charge.currency.eq_ignore_ascii_case(&attempt.amount.currency.lower())
}

fn amount_of(charge: &ListedCharge) -> String {
    format_minor(charge.minor, &charge.currency)
}

fn reference_of(attempt: &Attempt) -> &str {
    attempt
        .processor_reference()
        .map_or("(none)", |reference| reference.as_str())
}
