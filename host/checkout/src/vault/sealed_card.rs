//! A card as the store keeps it: sealed, with what it may be used for.

use serde::{Deserialize, Serialize};

use crate::credential::CardDisplay;
use crate::decision::{CardCheck, RiskSignal};
use crate::ids::{AttemptId, MerchantId, SessionId, TokenId};
use crate::money::Money;
use crate::time::Timestamp;

/// What may be known of a card without its key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardDetails {
    /// Brand, last digits, expiry …
    pub display: CardDisplay,
    /// Which checks the agent's side has made.
    pub checks: Vec<CardCheck>,
    /// Assessments that came with the card.
    pub signals: Vec<RiskSignal>,
}

/// A part of a card, sealed by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedPart {
    /// Number, expiry, holder, cryptogram, billing address.
    Card,
    /// The security code, which is wiped before the others.
    SecurityCode,
}

/// A card in the store. Everything but `security_code` and `taken` is as it was written first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedCard {
    /// SHA-256 of the token, in hex. The token itself is not stored.
    pub token: TokenId,
    /// The merchant that may be paid with it.
    pub merchant: MerchantId,
    /// The session that it pays.
    pub session: SessionId,
    /// Name of the agent that delegated it.
    pub principal: Option<String>,
    /// The most that is charged, and the only currency.
    pub limit: Money,
    /// When it was delegated.
    pub created: Timestamp,
    /// When it expires, unless an attempt has taken it.
    pub expires: Timestamp,
    /// Id of the key that it is sealed with.
    pub key: String,
    /// [`CardDetails`] as JSON, byte for byte as they were sealed with.
    pub details: String,
    /// [`SealedPart::Card`].
    pub card: Vec<u8>,
    /// [`SealedPart::SecurityCode`]; `None` without one, and once it was wiped.
    pub security_code: Option<Vec<u8>>,
    /// Whether there was a security code.
    pub had_security_code: bool,
    /// The attempt that pays with it.
    pub taken: Option<TakenCard>,
}

/// Which attempt has taken a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenCard {
    /// Attempt that resolved the token.
    pub attempt: AttemptId,
    /// The key under which it resolves the token: under any other there is no card.
    pub resolve_key: String,
}

impl SealedCard {
    /// What its parts are bound to: the columns that never change, each with its length, so that no part can be moved into another row
    /// and none of them be changed.
    #[must_use]
    pub fn associated_data(&self, part: SealedPart) -> Vec<u8> {
        let part = match part {
            SealedPart::Card => "card",
            SealedPart::SecurityCode => "security-code",
        };
        let amount = self.limit.amount.minor().to_string();
        let (created, expires) = (self.created.millis().to_string(), self.expires.millis().to_string());
        let currency = self.limit.currency.upper();
        let columns = [
            "tillhouse vault 1",
            part,
            self.token.as_str(),
            self.merchant.as_str(),
            self.session.as_str(),
            self.principal.as_deref().unwrap_or_default(),
            if self.principal.is_some() { "1" } else { "0" },
            &amount,
            &currency,
            &created,
            &expires,
            &self.key,
            &self.details,
            if self.had_security_code { "1" } else { "0" },
        ];
        let mut bound = Vec::new();
        for column in columns {
            bound.extend_from_slice(&(column.len() as u64).to_le_bytes());
            bound.extend_from_slice(column.as_bytes());
        }
        bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Amount, Currency};

    fn card() -> SealedCard {
        SealedCard {
            token: TokenId::new("hash"),
            merchant: MerchantId::new("acme"),
            session: SessionId::new("cs_1"),
            principal: Some("agent".into()),
            limit: Money {
                amount: Amount::new(4598).unwrap(),
                currency: Currency::new("usd").unwrap(),
            },
            created: Timestamp(1000),
            expires: Timestamp(2000),
            key: "k1".into(),
            details: "{}".into(),
            card: vec![1],
            security_code: Some(vec![2]),
            had_security_code: true,
            taken: None,
        }
    }

    #[test]
    fn the_parts_of_a_card_are_bound_to_each_column_that_never_changes() {
        let bound = |card: &SealedCard| card.associated_data(SealedPart::Card);
        let before = card();
        assert_ne!(bound(&before), before.associated_data(SealedPart::SecurityCode));
        let changes: [fn(&mut SealedCard); 11] = [
            |card| card.token = TokenId::new("other"),
            |card| card.merchant = MerchantId::new("bear"),
            |card| card.session = SessionId::new("cs_2"),
            |card| card.principal = None,
            |card| card.limit.amount = Amount::new(4599).unwrap(),
            |card| card.limit.currency = Currency::new("eur").unwrap(),
            |card| card.created = Timestamp(1001),
            |card| card.expires = Timestamp(2001),
            |card| card.key = "k2".into(),
            |card| card.details = "{ }".into(),
            |card| card.had_security_code = false,
        ];
        for (index, change) in changes.iter().enumerate() {
            let mut changed = card();
            change(&mut changed);
            assert_ne!(bound(&changed), bound(&before), "change {index}");
        }
        let mut later = card();
        later.security_code = None;
        later.taken = Some(TakenCard {
            attempt: AttemptId::new("pa_1"),
            resolve_key: "key".into(),
        });
        assert_eq!(bound(&later), bound(&before), "what changes in a row is not bound");
    }

    #[test]
    fn what_moves_from_one_column_to_the_next_is_another_card() {
        let (mut one, mut other) = (card(), card());
        (one.merchant, one.session) = (MerchantId::new("ab"), SessionId::new("c"));
        (other.merchant, other.session) = (MerchantId::new("a"), SessionId::new("bc"));
        assert_ne!(
            one.associated_data(SealedPart::Card),
            other.associated_data(SealedPart::Card)
        );
    }
}
