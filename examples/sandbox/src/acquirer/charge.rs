//! Charges and refunds.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::id::{ChargeId, RefundId};
use crate::money::Currency;

/// Where a charge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeStatus {
    /// The acquirer guarantees the amount.
    Approved,
    /// Not decided yet.
    Pending,
    /// Refused; nothing was taken.
    Declined,
    /// Taken back before anything was refunded.
    Voided,
}

/// A charge as the ledger keeps it; of the card only the last four digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// `ch_…`.
    pub id: ChargeId,
    /// Where it stands.
    pub status: ChargeStatus,
    /// Minor units: what was approved, which need not be what was asked.
    pub amount: i64,
    /// Lower-case ISO 4217.
    pub currency: Currency,
    /// The merchant's reference.
    pub reference: String,
    /// Whether it is, or once decided will be, captured.
    pub captured: bool,
    /// Minor units captured; zero unless approved.
    pub amount_captured: i64,
    /// Minor units given back.
    pub amount_refunded: i64,
    /// Why it was declined.
    pub decline_code: Option<String>,
    /// Last four digits of the card.
    pub last4: String,
    /// Whether the network's cryptogram came with the card.
    pub cryptogram: bool,
    /// Unix seconds.
    pub created: i64,
    /// Lookups by reference so far; a pending charge settles at the second.
    #[serde(skip)]
    pub(crate) lookups: u32,
}

impl Charge {
    /// The object of the contract, with the amounts and the card's end added.
    pub(crate) fn to_json(&self) -> Value {
        let mut charge = json!({
            "id": self.id,
            "object": "charge",
            "status": self.status,
            "amount": self.amount,
            "currency": self.currency,
            "reference": self.reference,
            "captured": self.captured,
            "amount_captured": self.amount_captured,
            "amount_refunded": self.amount_refunded,
            "last4": self.last4,
            "created": self.created,
        });
        if let (Some(code), Some(charge)) = (&self.decline_code, charge.as_object_mut()) {
            charge.insert("decline_code".into(), code.as_str().into());
        }
        charge
    }
}

/// Money given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// `re_…`.
    pub id: RefundId,
    /// The charge it belongs to.
    pub charge: ChargeId,
    /// Minor units.
    pub amount: i64,
    /// The merchant's reference.
    pub reference: String,
    /// Unix seconds.
    pub created: i64,
}

impl Refund {
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "refund",
            "status": "succeeded",
            "charge": self.charge,
            "amount": self.amount,
            "reference": self.reference,
            "created": self.created,
        })
    }
}
