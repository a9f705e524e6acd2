//! The acquirer's JSON. Amounts are minor units, currencies lower case, times unix seconds.

use serde::{Deserialize, Serialize};
use tillhouse_plugin::{egress::Response, prelude::*};

/// `POST /v1/charges`.
#[derive(Debug, Serialize)]
pub(crate) struct ChargeBody<'a> {
    pub(crate) amount: i64,
    pub(crate) currency: &'a str,
    pub(crate) reference: &'a str,
    pub(crate) capture: bool,
    pub(crate) statement: Option<&'a str>,
    pub(crate) card: Holes,
}

/// The card, for the host to fill in. Each hole is a `null`.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Holes {
    number: (),
    exp_month: (),
    exp_year: (),
    cryptogram: (),
    cryptogram_type: (),
    eci: (),
}

/// Which field of the credential goes into which hole.
pub(crate) const PLACES: [(&str, Slot); 6] = [
    ("/card/number", Slot::Number),
    ("/card/exp_month", Slot::ExpMonth),
    ("/card/exp_year", Slot::ExpYear),
    ("/card/cryptogram", Slot::Cryptogram),
    ("/card/cryptogram_type", Slot::CryptogramType),
    ("/card/eci", Slot::Eci),
];

/// `POST /v1/charges/{id}/refunds`.
#[derive(Debug, Serialize)]
pub(crate) struct RefundBody<'a> {
    pub(crate) amount: i64,
    pub(crate) reference: &'a str,
}

/// `POST /v1/charges/{id}/capture`.
#[derive(Debug, Serialize)]
pub(crate) struct CaptureBody {
    pub(crate) amount: i64,
}

/// A charge as the acquirer has it.
#[derive(Debug, Deserialize)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) reference: Option<String>,
    pub(crate) captured: bool,
    pub(crate) created: u64,
    pub(crate) decline_code: Option<String>,
}

impl Charge {
    /// The amount in the contract's words.
    pub(crate) fn money(&self) -> Money {
        Money {
            minor: self.amount,
            currency: self.currency.to_ascii_uppercase(),
        }
    }
}

/// A refund as the acquirer has it.
#[derive(Debug, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) status: String,
}

/// `GET /v1/charges`.
#[derive(Debug, Deserialize)]
pub(crate) struct List {
    pub(crate) data: Vec<Charge>,
    #[serde(default)]
    pub(crate) has_more: bool,
}

/// `POST /v1/charges/cancel`.
#[derive(Debug, Serialize)]
pub(crate) struct CancelBody<'a> {
    pub(crate) reference: &'a str,
}

/// What became of a cancellation.
#[derive(Debug, Deserialize)]
pub(crate) struct Cancellation {
    pub(crate) reference: String,
    pub(crate) status: String,
}

/// A notice.
#[derive(Debug, Deserialize)]
pub(crate) struct NoticeBody {
    pub(crate) id: String,
    pub(crate) charge: Charge,
}

/// The error envelope.
#[derive(Debug, Deserialize)]
pub(crate) struct ErrorBody {
    pub(crate) error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Deserialize)]
pub(crate) struct ErrorDetail {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) code: Option<String>,
}

/// Reads a body; none where it is not what it should be.
pub(crate) fn read<'a, T: Deserialize<'a>>(response: &'a Response) -> Option<T> {
    read_bytes(&response.body)
}

/// Reads a body that did not come as an answer.
pub(crate) fn read_bytes<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

/// Writes a body.
pub(crate) fn write(body: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(body)
        .map_err(|error| Failure::Misconfigured(format!("the request cannot be written: {error}")))
}
