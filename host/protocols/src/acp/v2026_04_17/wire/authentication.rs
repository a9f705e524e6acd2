//! `authentication_result` of a complete request (`schema.agentic_checkout.json`: `AuthenticationResult`). The schema allows no
//! other fields in it and in the object inside it.

use serde::Deserialize;

use crate::fields::not_null;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct AuthenticationResult {
    pub(crate) outcome: Outcome,
    #[serde(default, deserialize_with = "not_null")]
    pub(crate) outcome_details: Option<OutcomeDetails>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Abandoned,
    AttemptAcknowledged,
    Authenticated,
    Canceled,
    Denied,
    Informational,
    InternalError,
    NotSupported,
    ProcessingError,
    Rejected,
}

/// Validated and then discarded: the plugin contract cannot pass it to the processor yet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct OutcomeDetails {
    #[serde(rename = "three_ds_cryptogram")]
    pub(crate) _cryptogram: String,
    #[serde(rename = "electronic_commerce_indicator")]
    pub(crate) _indicator: Indicator,
    #[serde(rename = "transaction_id")]
    pub(crate) _transaction_id: String,
    #[serde(rename = "version")]
    pub(crate) _version: String,
}

/// Electronic Commerce Indicator. The host does not check that the value fits the card network; the processor does.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) enum Indicator {
    #[serde(rename = "01")]
    MastercardAttempted,
    #[serde(rename = "02")]
    MastercardAuthenticated,
    #[serde(rename = "05")]
    Authenticated,
    #[serde(rename = "06")]
    Attempted,
    #[serde(rename = "07")]
    NotAuthenticated,
}
