//! Cards to pay with. Their numbers are well-known test numbers, which belong to no real card.

use tillhouse_plugin::egress::Slot;
use tillhouse_plugin_protocol::Sensitive;
use tillhouse_plugin_protocol::call::{CardDisplay, Credential};

/// Shorter values (a month, an ECI) are not sensitive by themselves and occur by chance everywhere.
const MIN_SENSITIVE_BYTES: usize = 6;

/// A card: the values that the host holds, and the display data that the plugin may see.
///
/// ```
/// use tillhouse_harness::{card, prelude::Slot};
///
/// let card = card::visa().with(Slot::ExpYear, "2031").without(Slot::Eci);
/// assert_eq!(card.value(Slot::Number), Some("4242424242424242"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a card is handed to `payments().charge`"]
pub struct Card {
    kind: String,
    display: CardDisplay,
    slots: Vec<(&'static str, String)>,
}

/// A Visa card with the number 4242424242424242.
///
/// ```
/// use tillhouse_harness::{card, prelude::Slot};
///
/// assert_eq!(card::visa().value(Slot::Number), Some("4242424242424242"));
/// ```
pub fn visa() -> Card {
    Card::new("visa", "4242424242424242")
}

/// A Mastercard with the number 5555555555554444.
///
/// ```
/// use tillhouse_harness::{card, prelude::Slot};
///
/// assert!(card::mastercard().value(Slot::Number).unwrap().starts_with('5'));
/// ```
pub fn mastercard() -> Card {
    Card::new("mastercard", "5555555555554444")
}

/// An American Express card, whose number has 15 digits.
///
/// ```
/// use tillhouse_harness::{card, prelude::Slot};
///
/// assert_eq!(card::amex().value(Slot::Number).unwrap().len(), 15);
/// ```
pub fn amex() -> Card {
    Card::new("amex", "378282246310005")
}

/// A network token with its cryptogram, as a wallet provides it.
///
/// ```
/// use tillhouse_harness::{card, prelude::Slot};
///
/// assert!(card::network_token().value(Slot::Cryptogram).is_some());
/// ```
pub fn network_token() -> Card {
    visa()
        .with(Slot::Cryptogram, "AgAAAAAABk4DWZ4C28yUQAAAAAA=")
        .with(Slot::CryptogramType, "network_token")
        .with(Slot::Eci, "05")
}

/// A single-use token of a payment service provider, without a card number.
///
/// ```
/// use tillhouse_harness::{card, prelude::Slot};
///
/// let card = card::psp_token();
/// assert_eq!(card.value(Slot::Number), None);
/// assert!(card.value(Slot::PspToken).is_some());
/// ```
pub fn psp_token() -> Card {
    Card {
        kind: "psp_token".into(),
        display: CardDisplay::default(),
        slots: vec![("psp-token", "tok_test_0000000000000042".into())],
    }
}

impl Card {
    fn new(brand: &str, number: &str) -> Self {
        let last4 = number.get(number.len().saturating_sub(4)..).map(str::to_owned);
        Self {
            kind: "dpan".into(),
            display: CardDisplay {
                brand: Some(brand.into()),
                last4,
                funding: Some("credit".into()),
                country: Some("US".into()),
                exp_month: Some(12),
                exp_year: Some(2034),
                ..CardDisplay::default()
            },
            slots: vec![
                ("number", number.into()),
                ("exp-month", "12".into()),
                ("exp-year", "2034".into()),
            ],
        }
    }

    /// Sets the value of a slot.
    ///
    /// ```
    /// use tillhouse_harness::{card, prelude::Slot};
    ///
    /// assert_eq!(card::visa().with(Slot::ExpYear, "2031").value(Slot::ExpYear), Some("2031"));
    /// ```
    pub fn with(mut self, slot: Slot, value: impl Into<String>) -> Self {
        self = self.without(slot);
        self.slots.push((slot.field(), value.into()));
        self
    }

    /// Removes a slot.
    ///
    /// ```
    /// use tillhouse_harness::{card, prelude::Slot};
    ///
    /// assert_eq!(card::visa().without(Slot::ExpYear).value(Slot::ExpYear), None);
    /// ```
    pub fn without(mut self, slot: Slot) -> Self {
        self.slots.retain(|(name, _)| *name != slot.field());
        self
    }

    /// Sets the kind of credential: `dpan`, `agentic_token` … The default is `dpan`.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let wallet = card::network_token().of_kind("agentic_token");
    /// env.payments().charge(order(), wallet).await.unwrap();
    /// # }
    /// ```
    pub fn of_kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = kind.into();
        self
    }

    /// The value of a slot; `None` if the card does not have it.
    ///
    /// ```
    /// use tillhouse_harness::{card, prelude::Slot};
    ///
    /// assert_eq!(card::visa().value(Slot::ExpMonth), Some("12"));
    /// ```
    #[must_use]
    pub fn value(&self, slot: Slot) -> Option<&str> {
        let found = self.slots.iter().find(|(name, _)| *name == slot.field());
        found.map(|(_, value)| value.as_str())
    }

    /// The value in the format that the slot's placeholder asks for.
    pub(crate) fn written(&self, slot: Slot) -> Option<String> {
        let value = self.value(slot)?;
        let short = |digits: usize| {
            value
                .get(value.len().saturating_sub(digits)..)
                .unwrap_or(value)
                .to_owned()
        };
        Some(match slot.format() {
            "mm" => format!("{value:0>2}"),
            "m" => value.trim_start_matches('0').to_owned(),
            "yy" => short(2),
            _ => value.to_owned(),
        })
    }

    /// Slot names with the values that a plugin must never see.
    pub(crate) fn sensitive_values(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let slots = self.slots.iter().map(|(name, value)| (*name, value.as_str()));
        // The type of a cryptogram is not a secret.
        slots.filter(|(name, value)| value.len() >= MIN_SENSITIVE_BYTES && !name.ends_with("-type"))
    }

    /// What a receipt shows of the card.
    pub(crate) const fn display(&self) -> &CardDisplay {
        &self.display
    }

    pub(crate) fn credential(&self) -> Credential {
        let slot = |(name, value): &(&'static str, String)| ((*name).to_owned(), Sensitive::from(value.clone()));
        Credential {
            kind: self.kind.clone(),
            display: self.display.clone(),
            slots: self.slots.iter().map(slot).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_written_as_the_plugin_asks_for_it() {
        let card = visa().with(Slot::ExpMonth, "7");
        assert_eq!(card.written(Slot::ExpMonth).as_deref(), Some("07"));
        assert_eq!(card.written(Slot::ExpMonthShort).as_deref(), Some("7"));
        assert_eq!(card.written(Slot::ExpYear).as_deref(), Some("2034"));
        assert_eq!(card.written(Slot::ExpYearShort).as_deref(), Some("34"));
        assert_eq!(card.written(Slot::PspToken), None);
    }

    #[test]
    fn what_a_receipt_shows_is_not_sensitive() {
        let token = network_token();
        let sensitive: Vec<&str> = token.sensitive_values().map(|(name, _)| name).collect();
        assert_eq!(sensitive, ["number", "cryptogram"]);
    }
}
