//! Refunds of captured payments.

use tillhouse_plugin::{
    payments::{RefundLookup, RefundOutcome},
    prelude::*,
};

use super::{Requested, request};
use crate::Processor;

impl PaymentsRefund for Processor {
    /// The reason for the buyer is not sent: Adyen takes only reasons of its own list.
    fn refund(
        op: Operation,
        processor_reference: String,
        amount: Money,
        _reason: Option<String>,
    ) -> Result<RefundOutcome, Failure> {
        let asked = request(&op, &processor_reference, "refunds", Some(&amount))?;
        Ok(match asked {
            Requested::Received(refund) => RefundOutcome::Pending(refund),
            Requested::Refused(code) => RefundOutcome::Declined(code),
            Requested::Unknown => RefundOutcome::Unknown,
        })
    }

    /// Adyen has no request that looks a change up.
    fn lookup_refund(_op: Operation, _processor_reference: String, _amount: Money) -> Result<RefundLookup, Failure> {
        Err(Failure::Unsupported)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::super::responses::{CHANGE, PAYMENT, cents, error, host, op, received};
    use super::*;

    #[test]
    fn a_refund_is_pending_until_the_webhook_says_more() {
        for (status, body, outcome) in [
            (201, received(), RefundOutcome::Pending(CHANGE.into())),
            (422, error("validation", "137"), RefundOutcome::Declined("137".into())),
            (502, String::new(), RefundOutcome::Unknown),
        ] {
            let _host = host().answer(status, &body).install();
            let refunded = Processor::refund(op(), PAYMENT.into(), cents(), Some("It broke.".into()));
            assert_eq!(refunded.unwrap(), outcome, "{status}");
        }
        let _host = host().install();
        let lookup = Processor::lookup_refund(op(), PAYMENT.into(), cents());
        assert_eq!(lookup, Err(Failure::Unsupported));
    }
}
