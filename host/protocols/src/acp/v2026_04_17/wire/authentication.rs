//! `authentication_result` of a complete request (`schema.agentic_checkout.json`: `AuthenticationResult`). The schema allows no
//! other fields in it and in the object inside it.

use std::fmt;

use serde::Deserialize;

use crate::fields::not_null;
use tillhouse_checkout::secret::Secret;

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct OutcomeDetails {
    pub(crate) three_ds_cryptogram: Cryptogram,
    pub(crate) electronic_commerce_indicator: Indicator,
    pub(crate) transaction_id: String,
    pub(crate) version: String,
}

impl fmt::Debug for OutcomeDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutcomeDetails")
            .field("transaction_id", &self.transaction_id)
            .finish_non_exhaustive()
    }
}

/// The authentication value, wiped when it is dropped.
#[derive(Deserialize)]
#[serde(from = "String")]
pub(crate) struct Cryptogram(pub(crate) Secret);

impl From<String> for Cryptogram {
    fn from(value: String) -> Self {
        Self(Secret::new(value))
    }
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

impl Indicator {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::MastercardAttempted => "01",
            Self::MastercardAuthenticated => "02",
            Self::Authenticated => "05",
            Self::Attempted => "06",
            Self::NotAuthenticated => "07",
        }
    }
}
