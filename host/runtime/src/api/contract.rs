//! Checks results that a trial has as JSON against the contract, with the same conversions that a host uses.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::bindings::tillhouse::merchant::types::Failure;
use super::from_wit;
use super::function::Function;
use crate::api::call_name::CallName;
use tillhouse_checkout::ports::DecisionError;

/// The rule of the contract that a result violates, as the host's error message; `None` if it is valid.
///
/// Names of cases are those that serde expects for the generated types, e.g. `TooLate`.
pub(crate) fn violation(function: Function, answer: Result<&Value, &Value>) -> Option<String> {
    match answer {
        Ok(answer) => value(function, answer),
        Err(reason) => failure(function, reason),
    }
}

fn value(function: Function, answer: &Value) -> Option<String> {
    match function {
        Function::Price => reads(answer, from_wit::priced_cart),
        Function::CheckStock => reads(answer, from_wit::stocks),
        Function::Reserve => reads(answer, from_wit::reserved),
        Function::Options => reads(answer, from_wit::offer),
        Function::AssessTax => reads(answer, from_wit::assessment),
        Function::AssessRisk => reads(answer, from_wit::risk_decision),
        Function::IdentifyOrder => reads(answer, from_wit::order_identity),
        Function::ReadOrderNotice => reads(answer, from_wit::order_changes),
        Function::DescribeItems => reads(answer, from_wit::descriptions),
        Function::Page => reads(answer, from_wit::page),
        Function::QuoteWhole => reads(answer, from_wit::whole_quote),
        Function::Profile => reads(answer, from_wit::profile),
        Function::Charge => reads(answer, from_wit::charge_outcome),
        Function::Lookup => reads(answer, from_wit::charge_lookup),
        Function::AuthenticationRequirements => reads(answer, from_wit::authentication_requirements),
        Function::Void => reads(answer, from_wit::void_outcome),
        Function::LookupVoid => reads(answer, from_wit::void_lookup),
        Function::Refund => reads(answer, from_wit::refund_outcome),
        Function::LookupRefund => reads(answer, from_wit::refund_lookup),
        Function::Capture => reads(answer, from_wit::capture_outcome),
        Function::LookupCapture => reads(answer, from_wit::capture_lookup),
        Function::CancelByReference => reads(answer, from_wit::cancel_outcome),
        Function::ListCharges => reads(answer, from_wit::charge_page),
        Function::ReadNotice => reads(answer, from_wit::processor_events),
        Function::ValidateConfig => reads(answer, from_wit::diagnostics),
        // No result value to check.
        Function::Redeem | Function::Restore | Function::Release | Function::NotifyOrder | Function::SessionEnded => {
            None
        }
    }
}

fn reads<W: DeserializeOwned, T>(answer: &Value, read: impl FnOnce(W) -> Result<T, String>) -> Option<String> {
    match W::deserialize(answer) {
        Ok(answer) => read(answer).err(),
        Err(error) => Some(error.to_string()),
    }
}

fn failure(function: Function, reason: &Value) -> Option<String> {
    let reason = match Failure::deserialize(reason) {
        Ok(reason) => reason,
        Err(error) => return Some(error.to_string()),
    };
    let name = CallName {
        plugin: String::new(),
        function,
    };
    match from_wit::failure(&name, reason) {
        DecisionError::Fault { detail, .. } => Some(detail),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn identity(permalink: &str) -> Value {
        json!({"id": "o1", "number": null, "permalink": permalink, "confirmation": null, "extensions": []})
    }

    fn profile(header: &str) -> Value {
        json!({
            "processor": "acme",
            "idempotency": {"header": header, "key_life_s": 86_400, "replays_errors": true},
            "visibility_delay_s": 60,
            "currencies": ["USD"],
            "extensions": [],
        })
    }

    #[test]
    fn valid_answers_violate_nothing() {
        let of_order = identity("https://shop.example/orders/o1");
        assert_eq!(violation(Function::IdentifyOrder, Ok(&of_order)), None);
        assert_eq!(violation(Function::Profile, Ok(&profile("Idempotency-Key"))), None);
        assert_eq!(violation(Function::Release, Ok(&Value::Null)), None);
        assert_eq!(violation(Function::Price, Err(&json!("Unsupported"))), None);
    }

    #[test]
    fn rules_that_wit_cannot_express_are_reported_as_by_a_host() {
        let message = violation(Function::IdentifyOrder, Ok(&identity("/orders/o1"))).unwrap();
        assert_eq!(message, "permalink \"/orders/o1\" is not an absolute http or https URL");
        let message = violation(Function::Profile, Ok(&profile("Idempotency Key"))).unwrap();
        assert_eq!(message, "idempotency.header \"Idempotency Key\" is not a header name");
    }

    fn page(continue_url: &str, help_center: &str, message: &Value) -> Value {
        json!({
            "links": [], "messages": [message], "consents": [], "continue_url": continue_url,
            "support": {"email": null, "phone": null, "hours": null, "help_center": help_center},
            "extensions": [],
        })
    }

    fn message(resolution: &str) -> Value {
        json!({
            "severity": "Info", "code": null, "about": {"kind": "consent", "id": "email"}, "text": "Hello",
            "markdown": false, "resolution": resolution,
        })
    }

    #[test]
    fn a_page_that_agents_cannot_use_is_refused_with_the_field() {
        let (shop, help) = ("https://shop.example/cart", "http://shop.example/help");
        let input = message("requires_buyer_input");
        assert_eq!(violation(Function::Page, Ok(&page(shop, help, &input))), None);
        for (page, field) in [
            (page("/cart", help, &input), "continue-url \"/cart\" is not an absolute"),
            (
                page(shop, "help", &input),
                "support.help-center \"help\" is not an absolute",
            ),
            (
                page(shop, help, &message("somehow")),
                "message.resolution \"somehow\" is not recoverable",
            ),
        ] {
            let error = violation(Function::Page, Ok(&page)).unwrap();
            assert!(error.starts_with(field), "{error}");
        }
    }

    #[test]
    fn every_list_of_rates_is_bounded() {
        let rates = |count: usize| {
            let rates = vec![json!({"jurisdiction": "DE", "rate": 1}); count];
            let rounding = json!({"mode": "half-up", "scope": "rate"});
            let taxes = json!({"lines": [{"id": "l1", "rates": rates, "exempt": null}], "options": [], "fees": [], "rounding": rounding});
            json!({"taxes": {"Rates": taxes}, "messages": [], "extensions": []})
        };
        assert_eq!(violation(Function::AssessTax, Ok(&rates(50))), None);
        let error = violation(Function::AssessTax, Ok(&rates(51))).unwrap();
        assert_eq!(error, "tax.rates has 51 items; the limit is 50");
    }

    #[test]
    fn a_failure_that_is_too_long_is_reported_as_by_a_host() {
        let about = json!({"kind": "session", "id": null});
        let rejection = json!({"code": "x".repeat(300), "message": "no", "about": about, "extensions": []});
        let message = violation(Function::Price, Err(&json!({"Rejected": rejection}))).unwrap();
        assert_eq!(message, "rejection.code has 300 bytes; the limit is 256");
    }
}
