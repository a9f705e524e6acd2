//! What a reservation is made for: the last changes of the request that pays, and who takes the money.

use tillhouse_checkout::attempt::{Attempt, AttemptState, AttemptWrite};
use tillhouse_checkout::authentication::{AuthenticationProof, AuthenticationResult};
use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::contact::Address;
use tillhouse_checkout::decision::{Attribution, Consent, RiskSignal};
use tillhouse_checkout::device::Device;
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::IdempotencyRecord;
use tillhouse_checkout::money::Money;
use tillhouse_checkout::operation::{CompleteRequest, ResponseRecorder};
use tillhouse_checkout::outside_payment::{AmountDifference, HoldRequest};
use tillhouse_checkout::payer::Payer;
use tillhouse_checkout::payment_token::PaymentToken;
use tillhouse_checkout::ports::Phase;
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Timestamp;

use super::risk::assess_without_card;
use crate::settlement::Ending;

/// What a reservation is made for.
#[derive(Debug)]
pub(super) struct Reserving<'a> {
    pub(super) caller: &'a Caller,
    /// What the caller expects to be taken, if it says so.
    pub(super) expected: Option<Money>,
    /// The tax in it, if the caller assesses that itself.
    pub(super) tax_of_caller: Option<Money>,
    /// What is done if something else is due.
    pub(super) difference: AmountDifference,
    /// With the billing address of the payment.
    pub(super) edit: CartEdit,
    pub(super) consents: &'a [Consent],
    pub(super) attribution: Option<&'a Attribution>,
    pub(super) device: &'a Device,
    pub(super) by: PaidBy<'a>,
}

/// Who takes the money.
#[derive(Debug)]
pub(super) enum PaidBy<'a> {
    /// The host, with a token.
    Token(&'a PaymentToken, Option<&'a AuthenticationResult>),
    /// Another party, which has the stock held before.
    Elsewhere(Holding<'a>),
}

/// A payment that another party takes.
#[derive(Debug)]
pub(super) struct Holding<'a> {
    /// Name of the party that takes the payment.
    pub(super) provider: &'static str,
    pub(super) signals: &'a [RiskSignal],
    /// When its stock is released.
    pub(super) until: Timestamp,
    pub(super) instead_of: InsteadOf<'a>,
    /// How the request is answered; `None` if that is not the end of it.
    pub(super) recorder: Option<&'a ResponseRecorder>,
}

/// The hold of the same session that a hold is instead of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum InsteadOf<'a> {
    /// It is the first, or those before it have ended by themselves.
    Nothing,
    /// One that was given up for it.
    GivenUp,
    /// One that ends as it begins.
    Held(&'a Attempt),
}

impl<'a> Reserving<'a> {
    pub(super) fn of_completion(request: &'a CompleteRequest) -> Self {
        Self {
            caller: &request.caller,
            expected: request.expected,
            tax_of_caller: None,
            difference: AmountDifference::Refuse,
            edit: with_billing(&request.edit, request.billing.as_ref()),
            consents: &request.consents,
            attribution: request.attribution.as_ref(),
            device: &request.device,
            by: PaidBy::Token(&request.token, request.authentication.as_ref()),
        }
    }

    pub(super) fn of_hold(request: &'a HoldRequest, holding: Holding<'a>) -> Self {
        Self {
            caller: &request.caller,
            expected: request.expected,
            tax_of_caller: request.tax_of_caller,
            difference: request.difference,
            edit: with_billing(&request.edit, request.billing.as_ref()),
            consents: &request.consents,
            attribution: request.attribution.as_ref(),
            device: &request.device,
            by: PaidBy::Elsewhere(holding),
        }
    }

    /// Check that what the caller expects is due. The checkout is not changed by what it says.
    pub(super) fn check_expected(&self, session: &Session) -> Result<(), CheckoutError> {
        let due = session.total();
        match self.expected {
            Some(shown) if !self.accepts(shown, session) => Err(CheckoutError::TotalChanged { shown, now: due }),
            _ => Ok(()),
        }
    }

    fn accepts(&self, taken: Money, session: &Session) -> bool {
        let is_reported = self.difference == AmountDifference::Report && taken.currency == session.currency;
        self.is_due(taken, session) || is_reported
    }

    /// Whether that is due: all of it, or all but the tax where that is the caller's.
    fn is_due(&self, taken: Money, session: &Session) -> bool {
        let Some(tax) = self.tax_of_caller else {
            return taken == session.total();
        };
        let totals = &session.quote.totals;
        let is_same_currency = taken.currency == session.currency && tax.currency == session.currency;
        is_same_currency
            && taken.amount >= tax.amount
            && taken.amount.minor() - tax.amount.minor() == totals.total.minor() - totals.tax.minor()
    }

    /// What is taken of a session, after [`Self::check_expected`].
    pub(super) fn taken(&self, session: &Session) -> Money {
        self.expected.unwrap_or_else(|| session.total())
    }

    /// What the operator is told of an amount that is taken and not due.
    pub(super) fn discrepancy(&self, session: &Session, attempt: &Attempt) -> Option<Discrepancy> {
        let taken = self.expected.filter(|taken| !self.is_due(*taken, session))?;
        Some(Discrepancy {
            merchant: attempt.merchant.clone(),
            kind: DiscrepancyKind::AmountDiffers,
            subject: attempt.reference.clone(),
            attempt: Some(attempt.id.clone()),
            detail: format!(
                "held for a payment of {taken}, and {} is due: the order will be of what is taken",
                session.total()
            ),
            found: attempt.initiated,
        })
    }

    /// Whether less may be due than the caller was shown. A party that takes the payment itself, and does not say how much, takes what
    /// it was shown.
    pub(super) const fn takes_lower_total(&self) -> bool {
        match &self.by {
            PaidBy::Token(..) => true,
            PaidBy::Elsewhere(_) => self.expected.is_some(),
        }
    }

    /// The hold that ends as this one begins. Where this one is refused, that one stays, and nothing is stored.
    pub(super) const fn replaced(&self) -> Option<&'a Attempt> {
        match &self.by {
            PaidBy::Elsewhere(Holding {
                instead_of: InsteadOf::Held(held),
                ..
            }) => Some(*held),
            PaidBy::Token(..) | PaidBy::Elsewhere(_) => None,
        }
    }

    /// The end of that hold.
    pub(super) fn ended(&self, now: Timestamp) -> Option<Box<AttemptWrite>> {
        let held = self.replaced()?;
        Some(Box::new(Ending::hold_released().of_attempt(held, now)))
    }

    /// Whether the party says what it is about to take instead of what is held: it was shown what is held, and relies on its own word.
    pub(super) const fn says_what_replaces(&self) -> bool {
        let is_instead = match &self.by {
            PaidBy::Token(..) => false,
            PaidBy::Elsewhere(holding) => !matches!(holding.instead_of, InsteadOf::Nothing),
        };
        is_instead && self.expected.is_some()
    }

    /// Have the risk rules assess a payment that is not assessed later, with its token.
    pub(super) async fn assess(&self, phase: &mut dyn Phase, session: &Session) -> Result<(), CheckoutError> {
        match &self.by {
            PaidBy::Token(..) => Ok(()),
            PaidBy::Elsewhere(holding) => assess_without_card(phase, session, self.device, holding.signals).await,
        }
    }

    pub(super) fn payer(&self, total: Money) -> Payer {
        match &self.by {
            PaidBy::Token(token, _) => Payer::of(total, token),
            PaidBy::Elsewhere(holding) => Payer::Elsewhere {
                provider: holding.provider.to_owned(),
            },
        }
    }

    /// The state of the attempt that is begun.
    pub(super) fn first_state(&self) -> AttemptState {
        self.held_until()
            .map_or(AttemptState::Reserved, |until| AttemptState::Awaiting { until })
    }

    /// The state of the session that the attempt pays.
    pub(super) fn state_with(&self, attempt: &Attempt) -> SessionState {
        let (id, order) = (attempt.id.clone(), Box::new(attempt.order.clone()));
        match self.held_until() {
            None => SessionState::Committing { attempt: id, order },
            Some(until) => SessionState::Held {
                attempt: id,
                order,
                until,
            },
        }
    }

    /// When the stock is released that is held for another party.
    pub(super) const fn held_until(&self) -> Option<Timestamp> {
        match &self.by {
            PaidBy::Token(..) => None,
            PaidBy::Elsewhere(holding) => Some(holding.until),
        }
    }

    pub(super) fn proof(&self) -> Option<AuthenticationProof> {
        match &self.by {
            PaidBy::Token(_, result) => result.map(AuthenticationResult::proof),
            PaidBy::Elsewhere(_) => None,
        }
    }

    /// The answer to record with the reservation, if that is the end of the request.
    pub(super) fn record(&self, session: &Session) -> Option<IdempotencyRecord> {
        match &self.by {
            PaidBy::Token(..) => None,
            PaidBy::Elsewhere(Holding { recorder, .. }) => {
                let recorder = (*recorder)?;
                let key = recorder.key.as_ref()?;
                Some(key.record((recorder.render)(session)))
            }
        }
    }
}

/// The last changes to the cart, with the billing address of the payment: taxes may depend on it, so that it is in the cart before
/// the quote. A session that is refused because of another total keeps it.
pub(super) fn with_billing(edit: &CartEdit, billing: Option<&Address>) -> CartEdit {
    let edit = edit.clone();
    CartEdit {
        billing: billing.cloned().or(edit.billing),
        ..edit
    }
}
