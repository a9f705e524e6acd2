//! The credentials of a resolved token: card data, read into memory that is wiped.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use tillhouse_checkout::credential::CredentialForm;
use tillhouse_checkout::secret::Secret;

/// Credentials of a card. Which member has the values follows from `type`; those of a type that is not known yet may be in either.
#[derive(Deserialize)]
pub(super) struct Credentials {
    #[serde(rename = "type")]
    kind: Option<String>,
    dpan: Option<NetworkToken>,
    agentic_token: Option<NetworkToken>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NetworkToken {
    number: Hidden,
    exp_month: Hidden,
    exp_year: Hidden,
    cryptogram: Option<Cryptogram>,
    encrypted: Option<Encrypted>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cryptogram {
    value: Hidden,
    #[serde(rename = "type")]
    kind: Hidden,
    eci: Hidden,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Encrypted {
    encryption_type: Hidden,
    encryption_block: Hidden,
    encryption_block_fields: Hidden,
    key_id: Hidden,
}

impl Credentials {
    /// The kind, as plugins see it.
    pub(super) fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("unknown")
    }

    /// The forms in which it has the card.
    pub(super) fn forms(&self) -> Vec<CredentialForm> {
        let card = match self.kind.as_deref() {
            Some("dpan") => self.dpan.as_ref(),
            Some("agentic_token") => self.agentic_token.as_ref(),
            _ => self.dpan.as_ref().or(self.agentic_token.as_ref()),
        };
        card.map(NetworkToken::forms).unwrap_or_default()
    }

    /// The values by the slots of the contract.
    ///
    /// # Errors
    /// What is missing, where there is no card in any form.
    pub(super) fn into_slots(self) -> Result<Vec<(&'static str, Secret)>, &'static str> {
        let card = match self.kind.as_deref() {
            Some("dpan") => self.dpan,
            Some("agentic_token") => self.agentic_token,
            _ => self.dpan.or(self.agentic_token),
        };
        let card = card.ok_or("its type has no values")?;
        if card.forms().is_empty() {
            return Err("it has neither a card number nor an encrypted block");
        }
        let cryptogram = card.cryptogram.unwrap_or_default();
        let encrypted = card.encrypted.unwrap_or_default();
        let slots = [
            ("number", card.number),
            ("exp-month", card.exp_month),
            ("exp-year", card.exp_year),
            ("cryptogram", cryptogram.value),
            ("cryptogram-type", cryptogram.kind),
            ("eci", cryptogram.eci),
            ("encryption-type", encrypted.encryption_type),
            ("encrypted-block", encrypted.encryption_block),
            ("encrypted-block-fields", encrypted.encryption_block_fields),
            ("encryption-key-id", encrypted.key_id),
        ];
        let filled = slots
            .into_iter()
            .filter_map(|(slot, Hidden(value))| Some((slot, value?)));
        Ok(filled.collect())
    }
}

impl NetworkToken {
    fn forms(&self) -> Vec<CredentialForm> {
        let block = self
            .encrypted
            .as_ref()
            .and_then(|encrypted| encrypted.encryption_block.0.as_ref());
        let forms = [
            self.number.0.as_ref().map(|_| CredentialForm::Number),
            block.map(|_| CredentialForm::Encrypted),
        ];
        forms.into_iter().flatten().collect()
    }
}

/// A text or a whole number, read from Stripe's response into memory that is wiped, and nowhere else. Anything else, an empty text
/// and `null` included, leaves it without a value.
#[derive(Default)]
struct Hidden(Option<Secret>);

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(HiddenVisitor)
    }
}

struct HiddenVisitor;

impl<'de> Visitor<'de> for HiddenVisitor {
    type Value = Hidden;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text or a whole number")
    }

    fn visit_str<E>(self, text: &str) -> Result<Hidden, E> {
        let text = text.trim();
        Ok(Hidden((!text.is_empty()).then(|| Secret::new(text.to_owned()))))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Hidden, E> {
        Ok(Hidden(Some(Secret::new(number.to_string()))))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Hidden, E> {
        Ok(Hidden(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Hidden, E> {
        Ok(Hidden(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Hidden, E> {
        Ok(Hidden(None))
    }

    fn visit_unit<E>(self) -> Result<Hidden, E> {
        Ok(Hidden(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<Hidden, A::Error> {
        while members.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Hidden(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Hidden, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Hidden(None))
    }
}
