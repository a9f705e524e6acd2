//! Voids of authorizations before capture, and of charges before settlement.

use tillhouse_plugin::payments::VoidOutcome;
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
}
