//! Voids: of a payment for which no order was made.

use tillhouse_plugin::{
    payments::{VoidLookup, VoidOutcome},
    prelude::*,
};

use super::{Requested, request};
use crate::{Processor, settings};

impl PaymentsVoid for Processor {
    /// A reversal cancels what is not captured yet, and refunds what is. Adyen decides later, so the outcome stays unknown until then;
    /// a refused request did nothing, and the host refunds instead.
    fn void(op: Operation, processor_reference: String) -> Result<VoidOutcome, Failure> {
        let asked = request(&op, &processor_reference, settings::void_change()?, None)?;
        Ok(match asked {
            Requested::Received(_) | Requested::Unknown => VoidOutcome::Unknown,
            Requested::Refused(_) => VoidOutcome::TooLate,
        })
    }

    /// Adyen has no request that looks a change up.
    fn lookup_void(_op: Operation, _processor_reference: String) -> Result<VoidLookup, Failure> {
        Err(Failure::Unsupported)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::super::responses::{PAYMENT, error, host, op, received};
    use super::*;

    #[test]
    fn a_void_is_never_certain_by_the_acknowledgement_of_adyen() {
        for (status, body, outcome) in [
            (201, received(), VoidOutcome::Unknown),
            (500, String::new(), VoidOutcome::Unknown),
            (422, error("validation", "167"), VoidOutcome::TooLate),
        ] {
            let host = host().answer(status, &body).install();
            assert_eq!(Processor::void(op(), PAYMENT.into()).unwrap(), outcome, "{status}");
            let path = host.requests().pop().unwrap().path;
            assert_eq!(path, format!("/payments/{PAYMENT}/reversals"));
        }
    }

    #[test]
    fn a_void_may_be_a_cancellation_by_configuration() {
        let host = host().config("void", "cancels").answer(201, &received()).install();
        Processor::void(op(), PAYMENT.into()).unwrap();
        let path = host.requests().pop().unwrap().path;
        assert_eq!(path, format!("/payments/{PAYMENT}/cancels"));
        assert_eq!(Processor::lookup_void(op(), PAYMENT.into()), Err(Failure::Unsupported));
    }
}
