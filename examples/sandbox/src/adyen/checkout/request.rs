//! Bodies of the Checkout API.
//!
//! The required members of `/payments` are those of <https://docs.adyen.com/api-explorer/Checkout/72/post/payments>. Which member
//! takes a token of the vault is not public: it is a setting.

use serde_json::Value;

use super::error::CheckoutError;
use crate::adyen::amount;
use crate::adyen::ledger::NewModification;
use crate::authentication::Proof;
use crate::card::{TestCard, last4};
use crate::id::AgenticTokenId;
use crate::money::Amount;

/// What a payment is paid with.
pub(super) enum PaidWith {
    /// A token of the vault.
    Token(AgenticTokenId),
    /// A card number, of a merchant that may handle it.
    Card {
        card: Option<&'static TestCard>,
        last4: String,
        good_through: Option<(i64, i64)>,
    },
}

/// Body of `POST /payments`, validated.
pub(super) struct PaymentRequest {
    pub(super) amount: Amount,
    pub(super) merchant_account: String,
    pub(super) reference: String,
    pub(super) return_url: String,
    pub(super) order: Option<String>,
    pub(super) paid_with: PaidWith,
    pub(super) manual_capture: bool,
    pub(super) proof: Option<Proof>,
}

impl PaymentRequest {
    /// `token_field` is the member of `paymentMethod` with a token of the vault.
    ///
    /// # Errors
    /// The first member that is missing or malformed.
    pub(super) fn read(body: &Value, token_field: &str) -> Result<Self, CheckoutError> {
        let missing =
            |code, what: &str| CheckoutError::validation(code, format!("Required field '{what}' is not provided."));
        let amount =
            amount::read(body.get("amount")).ok_or_else(|| CheckoutError::validation("100", "No amount specified"))?;
        let method = body.get("paymentMethod").filter(|method| method.is_object());
        let method = method.ok_or_else(|| missing("14_004", "paymentMethod"))?;
        let paid_with = paid_with(method, token_field)?;
        let proof = proof(body, &paid_with, &amount);
        Ok(Self {
            amount,
            merchant_account: required(body, "merchantAccount").ok_or_else(CheckoutError::invalid_account)?,
            reference: required(body, "reference")
                .ok_or_else(|| CheckoutError::validation("130", "Reference Missing"))?,
            return_url: required(body, "returnUrl").ok_or_else(|| missing("14_0117", "returnUrl"))?,
            order: required(body, "merchantOrderReference"),
            paid_with,
            manual_capture: captures_later(body),
            proof,
        })
    }
}

fn paid_with(method: &Value, token_field: &str) -> Result<PaidWith, CheckoutError> {
    if let Some(token) = required(method, token_field) {
        return Ok(PaidWith::Token(token.into()));
    }
    let number = required(method, "number");
    let number = number.ok_or_else(|| {
        let message = format!("Required field 'paymentMethod.{token_field}' is not provided.");
        CheckoutError::validation("14_004", message)
    })?;
    let part = |name: &str| required(method, name).and_then(|text| text.parse::<i64>().ok());
    Ok(PaidWith::Card {
        card: TestCard::by_number(&number),
        last4: last4(&number),
        good_through: part("expiryYear").zip(part("expiryMonth")),
    })
}

/// The proof of a 3-D Secure authentication that was made elsewhere.
fn proof(body: &Value, paid_with: &PaidWith, amount: &Amount) -> Option<Proof> {
    let PaidWith::Card { card: Some(card), .. } = paid_with else {
        return None;
    };
    let authentication = body.get("mpiData")?;
    let text = |name: &str| required(authentication, name).unwrap_or_default();
    Some(Proof {
        card,
        amount: amount.clone(),
        cryptogram: required(authentication, "cavv")?,
        eci: text("eci"),
        transaction_id: text("dsTransID"),
        version: text("threeDSVersion"),
    })
}

fn captures_later(body: &Value) -> bool {
    let manual = body.pointer("/additionalData/manualCapture");
    let is_manual = manual.is_some_and(|manual| manual == true || manual == "true");
    is_manual
        || body
            .get("captureDelayHours")
            .and_then(Value::as_i64)
            .is_some_and(|hours| hours > 0)
}

/// Body of a modification: `merchantAccount`, and an amount where `needs_amount`.
pub(super) fn modification(body: &Value, needs_amount: bool) -> Result<(String, NewModification), CheckoutError> {
    let account = required(body, "merchantAccount").ok_or_else(CheckoutError::invalid_account)?;
    let amount = amount::read(body.get("amount"));
    if needs_amount && amount.is_none() {
        return Err(CheckoutError::validation("100", "No amount specified"));
    }
    let reference = required(body, "reference");
    let amount = amount.filter(|_| needs_amount);
    Ok((account, NewModification { amount, reference }))
}

/// A text that is not empty.
fn required(object: &Value, name: &str) -> Option<String> {
    let text = object.get(name)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    fn body() -> Value {
        json!({
            "amount": {"value": 1000, "currency": "USD"}, "merchantAccount": "M", "reference": "pa_1",
            "returnUrl": "https://shop.example/orders/1", "paymentMethod": {"storedPaymentMethodId": "acp_tok_1"},
        })
    }

    fn refused(body: &Value) -> Value {
        let read = PaymentRequest::read(body, "storedPaymentMethodId");
        read.err().unwrap().into_answer().body["errorCode"].clone()
    }

    #[test]
    fn a_token_is_read_from_the_member_of_the_setting() {
        let read = PaymentRequest::read(&body(), "storedPaymentMethodId").unwrap();
        assert!(matches!(read.paid_with, PaidWith::Token(token) if token.as_str() == "acp_tok_1"));
        let elsewhere = json!({"agenticToken": "acp_tok_2"});
        let mut other = body();
        other["paymentMethod"] = elsewhere;
        let read = PaymentRequest::read(&other, "agenticToken").unwrap();
        assert!(matches!(read.paid_with, PaidWith::Token(token) if token.as_str() == "acp_tok_2"));
    }

    #[test]
    fn required_members_are_required() {
        for (name, code) in [
            ("amount", "100"),
            ("merchantAccount", "901"),
            ("reference", "130"),
            ("returnUrl", "14_0117"),
            ("paymentMethod", "14_004"),
        ] {
            let mut body = body();
            body[name] = Value::Null;
            assert_eq!(refused(&body), code, "{name}");
        }
    }

    #[test]
    fn a_capture_may_be_the_merchants_own() {
        let read = |change: (&str, Value)| {
            let mut body = body();
            body[change.0] = change.1;
            PaymentRequest::read(&body, "storedPaymentMethodId")
                .unwrap()
                .manual_capture
        };
        assert!(read(("additionalData", json!({"manualCapture": "true"}))));
        assert!(read(("captureDelayHours", json!(24))));
        assert!(!read(("captureDelayHours", json!(0))));
    }
}
