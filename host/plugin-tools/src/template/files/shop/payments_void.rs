//! Voids of authorizations before capture, and of charges before settlement.

use tillhouse_plugin::payments::{VoidLookup, VoidOutcome};
use tillhouse_plugin::prelude::*;

use crate::{Shop, payments::read};

impl PaymentsVoid for Shop {
    fn void(op: Operation, processor_reference: String) -> Result<VoidOutcome, Failure> {
        let path = format!("/v1/charges/{processor_reference}/void");
        let request = egress::post("acquirer", path).bearer_secret("api_key");
        let request = request.idempotency("Idempotency-Key", &op).json("{}");
        match request.send() {
            Ok(answer) if answer.status == 200 && read(&answer)["status"] == "voided" => {
                Ok(VoidOutcome::Voided)
            }
            Ok(answer) if read(&answer)["error"]["code"] == "already_settled" => {
                Ok(VoidOutcome::TooLate)
            }
            Ok(_) => Ok(VoidOutcome::Unknown),
            Err(error) if error.sent => Ok(VoidOutcome::Unknown),
            Err(error) => Err(error.into()),
        }
    }

    /// A charge is voided once, so its status tells what became of the void.
    fn lookup_void(_op: Operation, processor_reference: String) -> Result<VoidLookup, Failure> {
        let path = format!("/v1/charges/{processor_reference}");
        let answer = egress::get("acquirer", path)
            .bearer_secret("api_key")
            .send()?;
        match read(&answer)["status"].as_str() {
            Some("voided") if answer.status == 200 => Ok(VoidLookup::Found(VoidOutcome::Voided)),
            Some(_) if answer.status == 200 => Ok(VoidLookup::Absent),
            _ => Err(Failure::Unavailable(None)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_that_says_so_is_a_void() {
        let host = testing::Host::new().answer(200, r#"{"status":"voided"}"#);
        let late = r#"{"error":{"code":"already_settled"}}"#;
        let _host = host.answer(409, late).answer(500, "").install();
        let void = || Shop::void(testing::operation("1"), "ch_1".into());
        assert_eq!(void(), Ok(VoidOutcome::Voided));
        assert_eq!(void(), Ok(VoidOutcome::TooLate));
        assert_eq!(void(), Ok(VoidOutcome::Unknown));
    }

    #[test]
    fn a_void_is_found_by_the_status_of_its_charge() {
        let host = testing::Host::new().answer(200, r#"{"status":"voided"}"#);
        let host = host.answer(200, r#"{"status":"approved"}"#);
        let _host = host.answer(503, "").install();
        let lookup = || Shop::lookup_void(testing::operation("1"), "ch_1".into());
        assert_eq!(lookup(), Ok(VoidLookup::Found(VoidOutcome::Voided)));
        assert_eq!(lookup(), Ok(VoidLookup::Absent));
        assert_eq!(lookup(), Err(Failure::Unavailable(None)));
    }
}
