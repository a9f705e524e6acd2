//! Two lists of the same charges.

use std::collections::HashMap;
use std::time::Duration;

use tillhouse_checkout::attempt::{Attempt, AttemptState};
use tillhouse_checkout::decision::ListedCharge;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::money::stated;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::Break;

/// The time that is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) since: Timestamp,
    pub(super) until: Timestamp,
    pub(super) now: Timestamp,
}

impl Window {
    fn holds(&self, at: Timestamp) -> bool {
        self.since <= at && at < self.until
    }
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) charges: usize,
    pub(super) attempts: usize,
    pub(super) open: usize,
    pub(super) breaks: Vec<Break>,
}

/// Compare.
///
/// Only what lies within the time is judged; the lists may be wider, so that it finds its other half. A charge that
/// is younger than the time for which the processor's list may not show it is not missed yet.
pub(super) fn compare(
    merchant: &MerchantId,
    window: &Window,
    invisible: Duration,
    theirs: &[ListedCharge],
    ours: &[Attempt],
) -> Comparison {
    let mut done = Comparison::default();
    let attempts = Attempts::of(ours);
    let mut by_attempt: HashMap<&str, Vec<&ListedCharge>> = HashMap::new();
    let broken = |kind: &str, subject: &str, attempt: Option<&Attempt>, detail: String| Break {
        merchant: merchant.clone(),
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        attempt: attempt.map(|attempt| attempt.id.clone()),
        detail,
        found: window.now,
    };
    for charge in theirs {
        let attempt = attempts.paid_by(charge);
        if let Some(attempt) = attempt {
            by_attempt.entry(attempt.id.as_str()).or_default().push(charge);
        }
        if !window.holds(charge.created) {
            continue;
        }
        done.charges += 1;
        if was_taken(charge) && attempt.is_none_or(|attempt| is_over_unpaid(attempt.state)) {
            let detail = match attempt {
                None => format!("charged {} there, and there is no attempt here", worth(charge)),
                Some(attempt) => format!("charged {} there, and {} here", worth(charge), attempt.state.name()),
            };
            done.breaks.push(broken(
                "charged_elsewhere",
                &charge.processor_reference,
                attempt,
                detail,
            ));
        }
    }
    for attempt in ours {
        let Some(sent) = attempt.charge_sent.filter(|sent| window.holds(*sent)) else {
            continue;
        };
        done.attempts += 1;
        done.open += usize::from(attempt.state.is_open());
        let listed = by_attempt.get(attempt.id.as_str()).map_or(&[][..], Vec::as_slice);
        let taken: Vec<&&ListedCharge> = listed.iter().filter(|charge| was_taken(charge)).collect();
        if taken.len() > 1 {
            let all: Vec<&str> = taken.iter().map(|charge| charge.processor_reference.as_str()).collect();
            let detail = format!("charged {} times: {}", taken.len(), all.join(", "));
            done.breaks
                .push(broken("charged_twice", &attempt.reference, Some(attempt), detail));
        }
        if attempt.state != AttemptState::Approved {
            continue;
        }
        match taken.first() {
            None if listed.is_empty() && window.now < sent.after(invisible) => {}
            None => {
                let there = listed
                    .first()
                    .map_or("is not on the list", |charge| charge.state.as_str());
                let detail = format!("approved here as {}, and there: {there}", named(attempt));
                done.breaks.push(broken(
                    "missing_at_processor",
                    &attempt.reference,
                    Some(attempt),
                    detail,
                ));
            }
            Some(charge) if !same_worth(charge, attempt) => {
                let detail = format!("{} there, and {} here", worth(charge), attempt.amount);
                done.breaks
                    .push(broken("amount_differs", &attempt.reference, Some(attempt), detail));
            }
            Some(_) if taken.iter().all(|charge| charge.processor_reference != named(attempt)) => {
                let other = taken.first().map_or("", |charge| charge.processor_reference.as_str());
                let detail = format!("{other} there, and {} here", named(attempt));
                done.breaks
                    .push(broken("reference_differs", &attempt.reference, Some(attempt), detail));
            }
            Some(_) => {}
        }
    }
    done
}

/// Our attempts, by what a processor may know of them.
struct Attempts<'a> {
    by_reference: HashMap<&'a str, &'a Attempt>,
    by_processor: HashMap<&'a str, &'a Attempt>,
}

impl<'a> Attempts<'a> {
    fn of(ours: &'a [Attempt]) -> Self {
        let named = |attempt: &'a Attempt| Some((attempt.processor_reference.as_ref()?.as_str(), attempt));
        Self {
            by_reference: ours
                .iter()
                .map(|attempt| (attempt.reference.as_str(), attempt))
                .collect(),
            by_processor: ours.iter().filter_map(named).collect(),
        }
    }

    /// By our reference; by the processor's own where it keeps none of ours.
    fn paid_by(&self, charge: &ListedCharge) -> Option<&'a Attempt> {
        match &charge.reference {
            Some(reference) => self.by_reference.get(reference.as_str()).copied(),
            None => self.by_processor.get(charge.processor_reference.as_str()).copied(),
        }
    }
}

/// Whether money was taken. Money that was given back later was.
fn was_taken(charge: &ListedCharge) -> bool {
    matches!(charge.state.as_str(), "approved" | "refunded")
}

const fn is_over_unpaid(state: AttemptState) -> bool {
    matches!(
        state,
        AttemptState::Declined | AttemptState::Failed | AttemptState::Voided
    )
}

fn same_worth(charge: &ListedCharge, attempt: &Attempt) -> bool {
    charge.minor == attempt.amount.amount.minor()
        && charge.currency.eq_ignore_ascii_case(&attempt.amount.currency.lower())
}

fn worth(charge: &ListedCharge) -> String {
    stated(charge.minor, &charge.currency)
}

fn named(attempt: &Attempt) -> &str {
    attempt
        .processor_reference
        .as_ref()
        .map_or("(none)", |reference| reference.as_str())
}
