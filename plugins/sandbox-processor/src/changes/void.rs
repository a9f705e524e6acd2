//! Voids of charges, and their lookups.

use tillhouse_plugin::{
    payments::{VoidLookup, VoidOutcome},
    prelude::*,
};

use super::{conflict, retrieve, send};
use crate::{
    Processor,
    wire::{self, Charge},
};

impl PaymentsVoid for Processor {
    fn void(op: Operation, processor_reference: String) -> Result<VoidOutcome, Failure> {
        let Some(response) = send(&op, &processor_reference, "void", "{}".into())? else {
            return Ok(VoidOutcome::Unknown);
        };
        Ok(match response.status {
            200 if wire::read(&response).as_ref().is_some_and(is_voided) => VoidOutcome::Voided,
            409 if conflict(&response).as_deref() == Some("already_settled") => VoidOutcome::TooLate,
            _ => VoidOutcome::Unknown,
        })
    }

    /// A charge is voided as a whole and once, so its status tells what became of any void of it.
    fn lookup_void(_op: Operation, processor_reference: String) -> Result<VoidLookup, Failure> {
        let charge = retrieve(&processor_reference)?;
        Ok(if is_voided(&charge) {
            VoidLookup::Found(VoidOutcome::Voided)
        } else {
            VoidLookup::Absent
        })
    }
}

fn is_voided(charge: &Charge) -> bool {
    charge.status == "voided"
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::super::responses::{charge, error, op};
    use super::*;

    #[test]
    fn a_void_is_done_too_late_or_unknown() {
        for (status, body, outcome) in [
            (200, charge("voided", true), VoidOutcome::Voided),
            (200, charge("approved", true), VoidOutcome::Unknown),
            (
                409,
                error("invalid_request_error", "already_settled"),
                VoidOutcome::TooLate,
            ),
            (
                409,
                error("idempotency_error", "idempotency_key_in_use"),
                VoidOutcome::Unknown,
            ),
            (500, String::new(), VoidOutcome::Unknown),
        ] {
            let _host = testing::Host::new().answer(status, &body).install();
            assert_eq!(
                Processor::void(op(), "ch_1".into()).unwrap(),
                outcome,
                "{status} {body}"
            );
        }
    }

    #[test]
    fn a_lookup_finds_a_void_by_the_status_of_its_charge() {
        let host = testing::Host::new().answer(200, &charge("voided", true));
        let host = host
            .answer(200, &charge("approved", true))
            .answer(503, "")
            .answer(404, &error("invalid_request_error", "not_found"))
            .install();
        let lookup = || Processor::lookup_void(op(), "ch_1".into());
        assert_eq!(lookup(), Ok(VoidLookup::Found(VoidOutcome::Voided)));
        assert_eq!(lookup(), Ok(VoidLookup::Absent));
        assert_eq!(lookup(), Err(Failure::Unavailable(None)));
        assert_eq!(lookup(), Err(Failure::Unavailable(None)));
        let request = host.requests().pop().unwrap();
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            ("GET", "/v1/charges/ch_1")
        );
    }

    #[test]
    fn a_change_carries_the_key_of_its_operation() {
        let host = testing::Host::new().answer(500, "").install();
        Processor::void(op(), "ch_1".into()).unwrap();
        let request = host.requests().pop().unwrap();
        assert_eq!(request.path, "/v1/charges/ch_1/void");
        assert!(
            request
                .headers
                .contains(&("Idempotency-Key".into(), Fill::text("key_1")))
        );
    }

    #[test]
    fn a_reference_that_would_leave_the_path_is_refused_unsent() {
        let host = testing::Host::new().install();
        for reference in ["", "../refunds", "ch_1/void?x", "ch 1"] {
            let void = Processor::void(op(), reference.into());
            assert!(matches!(void, Err(Failure::Rejected(_))), "{reference:?}");
            let lookup = Processor::lookup_void(op(), reference.into());
            assert!(matches!(lookup, Err(Failure::Rejected(_))), "{reference:?}");
        }
        assert!(host.requests().is_empty());
    }
}
