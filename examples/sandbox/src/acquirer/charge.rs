//! Charges and refunds of the acquirer.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::card::RefundBehaviour;
use crate::id::{ChargeId, RefundId};
use crate::money::Currency;

/// Status of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeStatus {
    /// The acquirer guarantees the amount.
    Approved,
    /// Not decided yet; see [`crate::card::Behaviour::Pending`].
    Pending,
    /// Declined; no money moves.
    Declined,
    /// Voided before any refund.
    Voided,
}

/// A charge in the ledger, which keeps only the last four digits of the card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// Id of the charge: `ch_…`.
    pub id: ChargeId,
    /// Current status of the charge.
    pub status: ChargeStatus,
    /// Approved amount in minor units, which may be less than requested.
    pub amount: i64,
    /// Currency of all amounts.
    pub currency: Currency,
    /// The merchant's reference, unique among its charges.
    pub reference: String,
    /// Whether the charge is captured, or will be once it is approved.
    pub captured: bool,
    /// Captured amount in minor units; zero unless approved.
    pub amount_captured: i64,
    /// Refunded amount in minor units.
    pub amount_refunded: i64,
    /// Decline code such as `do_not_honor`; `None` unless declined.
    pub decline_code: Option<String>,
    /// Last four digits of the card.
    pub last4: String,
    /// Whether the request had a network cryptogram.
    pub cryptogram: bool,
    /// Whether the issuer's authentication of the buyer was proved.
    pub authenticated: bool,
    /// Time of creation, in Unix seconds.
    pub created: i64,
    /// Number of lookups by reference; a pending charge is approved at the second.
    #[serde(skip)]
    pub(crate) lookups: u32,
    /// What happens to its refunds: the card decides.
    #[serde(skip)]
    pub(crate) refunds: RefundBehaviour,
}

impl Charge {
    /// The charge object of the API, including amounts and last four digits.
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
            "authenticated": self.authenticated,
            "created": self.created,
        });
        if let (Some(code), Some(charge)) = (&self.decline_code, charge.as_object_mut()) {
            charge.insert("decline_code".into(), code.as_str().into());
        }
        charge
    }
}

/// Status of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// The money went back.
    Succeeded,
    /// Not decided yet; see [`RefundBehaviour::Pending`].
    Pending,
    /// No money went back.
    Failed,
}

/// A refund of a charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Id of the refund: `re_…`.
    pub id: RefundId,
    /// Id of the refunded charge.
    pub charge: ChargeId,
    /// The merchant's reference of the refunded charge.
    pub charge_reference: String,
    /// Current status of the refund.
    pub status: RefundStatus,
    /// Refunded amount in minor units.
    pub amount: i64,
    /// The merchant's reference for the refund.
    pub reference: String,
    /// Why the merchant refunds, if it said so.
    pub reason: Option<String>,
    /// Currency of the amount.
    pub currency: Currency,
    /// Time of creation, in Unix seconds.
    pub created: i64,
    /// Number of lookups by reference; a pending refund succeeds at the second.
    #[serde(skip)]
    pub(crate) lookups: u32,
}

impl Refund {
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "refund",
            "status": self.status,
            "charge": self.charge,
            "charge_reference": self.charge_reference,
            "currency": self.currency,
            "amount": self.amount,
            "reference": self.reference,
            "reason": self.reason,
            "created": self.created,
        })
    }
}
