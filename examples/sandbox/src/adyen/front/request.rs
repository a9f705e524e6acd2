//! Bodies of the agent API, as far as Adyen itself reads them; the rest goes to the merchant as it is.

use serde_json::{Map, Value};

use crate::adyen::messages::Refusal;
use crate::id::AgenticTokenId;
use crate::incoming_request::IncomingRequest;

/// Most bytes of a token.
const MAX_TOKEN: usize = 512;

/// Members of a complete request that the merchant is told.
const FOR_MERCHANT: [&str; 3] = ["buyer", "marketing_consents", "affiliate_attribution"];

/// The body of a request as a JSON object.
pub(super) fn object(incoming: &IncomingRequest) -> Result<Value, Refusal> {
    let is_json = |kind: &str| {
        kind.split(';')
            .next()
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
    };
    if incoming.header("content-type").is_some_and(|kind| !is_json(kind)) {
        return Err(Refusal::unsupported_media_type());
    }
    let body: Option<Value> = serde_json::from_slice(&incoming.body).ok();
    let body = body.filter(Value::is_object);
    body.ok_or_else(|| Refusal::invalid("$", "must be a JSON object."))
}

/// A create has items and a currency.
pub(super) fn check_create(body: &Value) -> Result<(), Refusal> {
    if body.get("currency").and_then(Value::as_str).is_none() {
        return Err(Refusal::missing("currency"));
    }
    match body.get("items").and_then(Value::as_array) {
        Some(items) if !items.is_empty() => Ok(()),
        _ => Err(Refusal::missing("items")),
    }
}

/// The payment of a complete request, and what the merchant is told of the rest.
pub(super) struct PaymentData {
    pub(super) token: AgenticTokenId,
    pub(super) details: Map<String, Value>,
}

impl PaymentData {
    pub(super) fn read(body: &Value) -> Result<Self, Refusal> {
        let data = body.get("payment_data").filter(|data| data.is_object());
        let data = data.ok_or_else(|| Refusal::missing("payment_data"))?;
        let text = |name: &str, path: &str| {
            let text = data.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            text.ok_or_else(|| Refusal::missing(path))
        };
        if text("provider", "payment_data.provider")? != "adyen" {
            let content = "Only tokens of the provider adyen are accepted.";
            return Err(Refusal::rejected("UNSUPPORTED_PROVIDER", content).at("payment_data.provider"));
        }
        let token = text("token", "payment_data.token")?;
        if token.len() > MAX_TOKEN || token.chars().any(char::is_control) {
            return Err(Refusal::invalid(
                "payment_data.token",
                "must be at most 512 printable characters.",
            ));
        }
        let member = |object: &Value, name: &str| object.get(name).map(|value| (name.to_owned(), value.clone()));
        let mut details: Map<String, Value> = FOR_MERCHANT.iter().filter_map(|name| member(body, name)).collect();
        details.extend(member(data, "billing_address"));
        Ok(Self {
            token: token.into(),
            details,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(body: &Value) -> (u16, Value) {
        let answer = PaymentData::read(body).err().unwrap().into_answer();
        (answer.status.as_u16(), answer.body["messages"][0]["code"].clone())
    }

    #[test]
    fn the_payment_data_is_needed_whole() {
        for body in [
            json!({}),
            json!({"payment_data": {"provider": "adyen", "token": ""}}),
            json!({"payment_data": {"provider": "", "token": "t"}}),
        ] {
            assert_eq!(refused(&body), (400, json!("MISSING_FIELD")));
        }
        let stripe = json!({"payment_data": {"provider": "stripe", "token": "t"}});
        assert_eq!(refused(&stripe), (422, json!("UNSUPPORTED_PROVIDER")));
        let long = json!({"payment_data": {"provider": "adyen", "token": "x".repeat(513)}});
        assert_eq!(refused(&long), (400, json!("INVALID_REQUEST")));
    }

    #[test]
    fn the_merchant_is_told_what_concerns_it() {
        let body = json!({
            "payment_data": {"provider": "adyen", "token": "t", "billing_address": {"city": "X"}},
            "buyer": {"email": "a@b.example"}, "surprise": 1,
        });
        let read = PaymentData::read(&body).unwrap();
        let expected = json!({"buyer": {"email": "a@b.example"}, "billing_address": {"city": "X"}});
        assert_eq!(Value::from(read.details), expected);
    }
}
