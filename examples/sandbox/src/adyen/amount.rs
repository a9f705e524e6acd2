//! Amounts as Adyen writes them: `{"value", "currency"}`, with the currency in upper case.

use serde_json::{Value, json};

use crate::money::{Amount, Currency, MAX_AMOUNT};

pub(super) fn to_json(amount: &Amount) -> Value {
    json!({"value": amount.value, "currency": shown(&amount.currency)})
}

/// The currency in upper case.
pub(super) fn shown(currency: &Currency) -> String {
    currency.as_str().to_ascii_uppercase()
}

/// Reads an amount of zero to [`MAX_AMOUNT`] minor units; `None` if it is malformed.
pub(super) fn read(amount: Option<&Value>) -> Option<Amount> {
    let amount = amount?;
    Some(Amount {
        value: amount
            .get("value")?
            .as_i64()
            .filter(|value| (0..=MAX_AMOUNT).contains(value))?,
        currency: Currency::parse(amount.get("currency")?.as_str()?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_as_it_is_written() {
        let amount = Amount::usd(38_666);
        assert_eq!(to_json(&amount), json!({"value": 38_666, "currency": "USD"}));
        assert_eq!(read(Some(&to_json(&amount))), Some(amount));
        for wrong in [
            json!({"value": -1, "currency": "USD"}),
            json!({"value": 1.5, "currency": "USD"}),
            json!({"value": 1}),
        ] {
            assert_eq!(read(Some(&wrong)), None, "{wrong}");
        }
    }
}
