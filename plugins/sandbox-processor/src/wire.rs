//! JSON types of the acquirer's API. Amounts are in minor units, currencies in lower case, times in Unix seconds.

use serde::{Deserialize, Serialize};
use tillhouse_plugin::{egress::Response, payments::Authentication, prelude::*};

/// Body of `POST /v1/charges`.
#[derive(Debug, Serialize)]
pub(crate) struct ChargeBody<'a> {
    pub(crate) amount: i64,
    pub(crate) currency: &'a str,
    pub(crate) reference: &'a str,
    pub(crate) capture: bool,
    pub(crate) statement: Option<&'a str>,
    pub(crate) card: Placeholders,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) authentication: Option<AuthenticationBody>,
}

/// Proof of an authentication; its authentication value is the card's cryptogram, which the host fills in.
#[derive(Debug, Serialize)]
pub(crate) struct AuthenticationBody {
    outcome: String,
    eci: Option<String>,
    transaction_id: Option<String>,
    version: Option<String>,
}

impl From<Authentication> for AuthenticationBody {
    fn from(proof: Authentication) -> Self {
        Self {
            outcome: proof.outcome,
            eci: proof.eci,
            transaction_id: proof.transaction_id,
            version: proof.version,
        }
    }
}

/// Card fields, each a `null` that the host fills in.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Placeholders {
    number: (),
    exp_month: (),
    exp_year: (),
    cryptogram: (),
    cryptogram_type: (),
    eci: (),
}

/// JSON Pointer and credential field of each placeholder.
pub(crate) const SLOT_POINTERS: [(&str, Slot); 6] = [
    ("/card/number", Slot::Number),
    ("/card/exp_month", Slot::ExpMonth),
    ("/card/exp_year", Slot::ExpYear),
    ("/card/cryptogram", Slot::Cryptogram),
    ("/card/cryptogram_type", Slot::CryptogramType),
    ("/card/eci", Slot::Eci),
];

/// Body of `POST /v1/charges/{id}/refunds`.
#[derive(Debug, Serialize)]
pub(crate) struct RefundBody<'a> {
    pub(crate) amount: i64,
    pub(crate) reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'a str>,
}

/// Body of `POST /v1/charges/{id}/capture`.
#[derive(Debug, Serialize)]
pub(crate) struct CaptureBody {
    pub(crate) amount: i64,
}

/// Charge in the acquirer's responses.
#[derive(Debug, Deserialize)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) reference: Option<String>,
    pub(crate) captured: bool,
    #[serde(default)]
    pub(crate) amount_captured: i64,
    #[serde(default)]
    pub(crate) amount_refunded: i64,
    pub(crate) created: u64,
    pub(crate) decline_code: Option<String>,
}

impl Charge {
    /// Converts the amount to the contract's type.
    pub(crate) fn money(&self) -> Money {
        Money {
            minor: self.amount,
            currency: self.currency.to_ascii_uppercase(),
        }
    }
}

/// Refund in the acquirer's responses.
#[derive(Debug, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) amount: Option<i64>,
    pub(crate) currency: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) charge: Option<String>,
    pub(crate) charge_reference: Option<String>,
}

impl Refund {
    /// Converts the amount to the contract's type; `None` if the acquirer names none.
    pub(crate) fn money(&self) -> Option<Money> {
        Some(Money {
            minor: self.amount?,
            currency: self.currency.as_ref()?.to_ascii_uppercase(),
        })
    }
}

/// Response to `GET /v1/charges/{id}/refunds`.
#[derive(Debug, Deserialize)]
pub(crate) struct Refunds {
    pub(crate) data: Vec<Refund>,
}

/// Response to `GET /v1/charges`.
#[derive(Debug, Deserialize)]
pub(crate) struct List {
    pub(crate) data: Vec<Charge>,
    #[serde(default)]
    pub(crate) has_more: bool,
}

/// Body of `POST /v1/charges/cancel`.
#[derive(Debug, Serialize)]
pub(crate) struct CancelBody<'a> {
    pub(crate) reference: &'a str,
}

/// Response to a cancellation.
#[derive(Debug, Deserialize)]
pub(crate) struct Cancellation {
    pub(crate) reference: String,
    pub(crate) status: String,
}

/// Body of a processor event.
#[derive(Debug, Deserialize)]
pub(crate) struct NoticeBody {
    pub(crate) id: String,
    pub(crate) charge: Option<Charge>,
    pub(crate) refund: Option<Refund>,
}

/// Body of the acquirer's error responses.
#[derive(Debug, Deserialize)]
pub(crate) struct ErrorBody {
    pub(crate) error: ErrorDetail,
}

/// Type and code of an error.
#[derive(Debug, Deserialize)]
pub(crate) struct ErrorDetail {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) code: Option<String>,
}

/// Parses the body of a response; `None` if it does not have the expected form.
pub(crate) fn read<'a, T: Deserialize<'a>>(response: &'a Response) -> Option<T> {
    read_bytes(&response.body)
}

/// Parses a body that is not part of a response.
pub(crate) fn read_bytes<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

/// Serializes a request body.
pub(crate) fn write(body: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(body)
        .map_err(|error| Failure::Misconfigured(format!("the request cannot be serialized: {error}")))
}
