//! Members of a delegated card that every shape has with the same words.

use serde::Deserialize;

use crate::fields::{CurrencyCode, DateTime, Id};
use crate::json::BodyError;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::vault::{Allowance, CardNumberKind};

/// `type`: the only payment method that is delegated.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MethodKind {
    Card,
}

/// `card_number_type`.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NumberKind {
    Fpan,
    NetworkToken,
}

/// `display_card_funding_type`.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Funding {
    Credit,
    Debit,
    Prepaid,
}

/// `action`: what the side of the agent thinks of the payment.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Blocked,
    ManualReview,
    Authorized,
}

/// `reason` of an allowance: a token pays once.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reason {
    OneTime,
}

/// `allowance`: what the token may pay.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct RequestedAllowance {
    #[serde(rename = "reason")]
    _reason: Reason,
    max_amount: i64,
    currency: CurrencyCode,
    checkout_session_id: Id,
    merchant_id: Id,
    expires_at: DateTime,
}

impl From<NumberKind> for CardNumberKind {
    fn from(kind: NumberKind) -> Self {
        match kind {
            NumberKind::Fpan => Self::Primary,
            NumberKind::NetworkToken => Self::NetworkToken,
        }
    }
}

impl Funding {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Credit => "credit",
            Self::Debit => "debit",
            Self::Prepaid => "prepaid",
        }
    }
}

impl Action {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::ManualReview => "manual_review",
            Self::Authorized => "authorized",
        }
    }
}

impl RequestedAllowance {
    /// The merchant that the card is for, by its id in this shape.
    pub(crate) fn merchant_id(&self) -> &str {
        &self.merchant_id.0
    }

    /// The allowance, with its limit in the units that the shape counts in.
    pub(crate) fn granted<Error: ToString>(
        self,
        units: impl FnOnce(i64, Currency) -> Result<Amount, Error>,
    ) -> Result<Allowance, BodyError> {
        let currency = self.currency.0;
        let amount = units(self.max_amount, currency);
        let amount = amount.map_err(|error| BodyError::invalid(error.to_string()).in_field("max_amount"))?;
        Ok(Allowance {
            session: SessionId::new(self.checkout_session_id.0),
            limit: Money { amount, currency },
            expires: self.expires_at.0,
        })
    }
}
