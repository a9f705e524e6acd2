//! JSON types of the responses of Adyen's Checkout API. Members that decide nothing are not read.

use serde::{Deserialize, Serialize};
use tillhouse_plugin::{egress::Response, prelude::*};

use crate::units::Amount;

/// Response to `POST /payments`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Payment {
    pub(crate) result_code: Option<String>,
    pub(crate) psp_reference: Option<String>,
    pub(crate) merchant_reference: Option<String>,
    pub(crate) amount: Option<Amount>,
    pub(crate) refusal_reason_code: Option<String>,
}

/// Response to a change of a payment: that Adyen has received it. Its result comes with the Standard webhook.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Modification {
    pub(crate) status: String,
    pub(crate) psp_reference: String,
    pub(crate) payment_psp_reference: Option<String>,
}

/// Body of an error of the API.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServiceError {
    pub(crate) error_code: Option<String>,
    pub(crate) error_type: Option<String>,
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

/// A reference of Adyen, if it is one: letters and digits. Anything else may be an echo of what was sent.
pub(crate) fn reference(text: &str) -> Option<String> {
    let is_plain = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_plain.then(|| text.to_owned())
}
