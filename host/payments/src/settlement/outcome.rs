//! What became of a payment.

use tillhouse_checkout::attempt::{Attempt, Paid};
use tillhouse_checkout::authentication::ThreeDSecure;
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};

use crate::classify::{AUTHENTICATION_REQUIRED, ClassifiedCharge, INVALID_TOKEN, Refusal, UnsentCharge};

/// What became of a payment, or that it is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PaymentOutcome {
    /// Money was taken, or nothing was due.
    Approved(Paid),
    /// The processor declined; carries its code.
    Declined(String),
    /// The processor takes no money before the buyer was authenticated; carries what the agent needs for that.
    AuthenticationRequired(Box<ThreeDSecure>),
    /// It is certain that no money moves; carries how.
    Voided(String),
    /// A charge was sent, and it is certain that the processor never had it.
    NeverCharged,
    /// Nothing was sent to the processor; carries why.
    NotSent(UnsentCharge),
    /// Unknown; carries why, for the operator.
    Unknown(String),
    /// Money moved, and not the amount that was due; carries what differs.
    AmountDiffers(String),
}

impl From<ClassifiedCharge> for PaymentOutcome {
    fn from(charge: ClassifiedCharge) -> Self {
        match charge {
            ClassifiedCharge::Approved(reference) => Self::Approved(Paid::Charge(reference)),
            ClassifiedCharge::Declined(code) => Self::Declined(code),
            ClassifiedCharge::AuthenticationRequired(requirements) => Self::AuthenticationRequired(requirements),
            ClassifiedCharge::NotSent(unsent) => Self::NotSent(unsent),
            ClassifiedCharge::Unknown(reason) => Self::Unknown(reason),
            ClassifiedCharge::AmountDiffers(detail) => Self::AmountDiffers(detail),
        }
    }
}

impl PaymentOutcome {
    /// The outcome that a status check or an event of the processor found; `None` where it decides nothing.
    pub(crate) fn found(charge: ClassifiedCharge, attempt: &Attempt) -> Option<Self> {
        match charge {
            ClassifiedCharge::NotSent(_) | ClassifiedCharge::Unknown(_) => None,
            // Unless money moved, it may be what the processor said of the charge before, which had the same reference.
            decided if attempt.waits_with_resolved_token() => Self::from(decided).money_moved(),
            decided => Some(decided.into()),
        }
    }

    /// The outcome, if money moved. A plugin's word alone never turns an unknown outcome into a decline.
    pub(crate) fn money_moved(self) -> Option<Self> {
        matches!(self, Self::Approved(_) | Self::AmountDiffers(_)).then_some(self)
    }
}

/// The error for a decline with this code.
pub(crate) fn declined(code: String) -> CheckoutError {
    match code.as_str() {
        AUTHENTICATION_REQUIRED => CheckoutError::AuthenticationRequired,
        INVALID_TOKEN => PaymentTokenError::Unknown.into(),
        _ => CheckoutError::Declined { code },
    }
}

/// The error for a charge that was not sent.
pub(crate) fn not_sent(unsent: &UnsentCharge) -> CheckoutError {
    match &unsent.refusal {
        // The plugin declined, and not the issuer of the card: nothing was asked of it.
        Some(Refusal::Declined(_)) => PaymentTokenError::RefusedByProcessor.into(),
        Some(Refusal::Rejected(rejection)) => CheckoutError::Rejected(rejection.clone()),
        None => CheckoutError::ChargeNotSent,
    }
}
