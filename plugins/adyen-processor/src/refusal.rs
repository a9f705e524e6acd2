//! Refusal reasons of Adyen (<https://docs.adyen.com/development-resources/refusal-reasons>) as codes of the contract.
//!
//! Adyen asks merchants not to show the reasons as such to shoppers; the contract's few codes say no more than is useful to a buyer.

use tillhouse_plugin::prelude::*;

/// "Authentication required": the issuer wants a 3-D Secure authentication first.
pub(crate) const AUTHENTICATION_REQUIRED: &str = "38";

/// Maps the `refusalReasonCode` of a payment that Adyen did not authorise.
pub(crate) fn declined(code: Option<&str>) -> Outcome {
    let (code, retryable) = match code.unwrap_or_default() {
        "2" | "27" => ("do_not_honor", true),
        "3" | "5" | "25" => ("do_not_honor", false),
        "4" | "9" => ("processor_declined", true),
        "6" => ("expired_card", false),
        "12" | "28" | "29" => ("insufficient_funds", true),
        "14" | "20" | "22" | "31" => ("fraud_suspected", false),
        "24" => ("incorrect_cvc", true),
        AUTHENTICATION_REQUIRED => ("authentication_required", false),
        _ => ("processor_declined", false),
    };
    Outcome::declined(code, retryable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_codes_of_the_contract() {
        for (code, expected, retryable) in [
            (Some("2"), "do_not_honor", true),
            (Some("6"), "expired_card", false),
            (Some("9"), "processor_declined", true),
            (Some("12"), "insufficient_funds", true),
            (Some("20"), "fraud_suspected", false),
            (Some("24"), "incorrect_cvc", true),
            (Some("38"), "authentication_required", false),
            (Some("999"), "processor_declined", false),
            (None, "processor_declined", false),
        ] {
            assert_eq!(declined(code), Outcome::declined(expected, retryable), "{code:?}");
        }
    }
}
