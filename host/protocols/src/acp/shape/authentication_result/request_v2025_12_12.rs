//! `authentication_result` of a complete request (`schema.agentic_checkout.json`: `AuthenticationResult`). The schema allows no
//! other fields in it and in the object inside it.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

use crate::fields::not_null;
use crate::json::{BodyError, BodyErrorKind};
use tillhouse_checkout::authentication::{self, AuthenticationOutcome};
use tillhouse_checkout::secret::Secret;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct AuthenticationResult<Outcome = OutcomeName> {
    outcome: Outcome,
    #[serde(default, deserialize_with = "not_null")]
    outcome_details: Option<OutcomeDetails>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OutcomeName {
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
struct OutcomeDetails {
    three_ds_cryptogram: Cryptogram,
    electronic_commerce_indicator: Indicator,
    transaction_id: String,
    version: String,
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
struct Cryptogram(Secret);

impl From<String> for Cryptogram {
    fn from(value: String) -> Self {
        Self(Secret::new(value))
    }
}

/// Electronic Commerce Indicator. The host does not check that the value fits the card network; the processor does.
#[derive(Clone, Copy, Debug, Deserialize)]
enum Indicator {
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
    const fn code(self) -> &'static str {
        match self {
            Self::MastercardAttempted => "01",
            Self::MastercardAuthenticated => "02",
            Self::Authenticated => "05",
            Self::Attempted => "06",
            Self::NotAuthenticated => "07",
        }
    }
}

impl From<OutcomeName> for AuthenticationOutcome {
    fn from(outcome: OutcomeName) -> Self {
        match outcome {
            OutcomeName::Abandoned => Self::Abandoned,
            OutcomeName::AttemptAcknowledged => Self::AttemptAcknowledged,
            OutcomeName::Authenticated => Self::Authenticated,
            OutcomeName::Canceled => Self::Canceled,
            OutcomeName::Denied => Self::Denied,
            OutcomeName::Informational => Self::Informational,
            OutcomeName::InternalError => Self::InternalError,
            OutcomeName::NotSupported => Self::NotSupported,
            OutcomeName::ProcessingError => Self::ProcessingError,
            OutcomeName::Rejected => Self::Rejected,
        }
    }
}

impl<Outcome: Into<AuthenticationOutcome>> TryFrom<AuthenticationResult<Outcome>>
    for authentication::AuthenticationResult
{
    type Error = BodyError;

    fn try_from(result: AuthenticationResult<Outcome>) -> Result<Self, BodyError> {
        let outcome = result.outcome.into();
        let Some(details) = result.outcome_details else {
            if outcome.permits_a_charge() {
                let message = format!("is required when the outcome is {}", outcome.name());
                return Err(BodyError::new(BodyErrorKind::Missing, message).in_field("outcome_details"));
            }
            return Ok(Self::without_details(outcome));
        };
        Ok(Self {
            outcome,
            cryptogram: Some(Arc::new(details.three_ds_cryptogram.0)),
            eci: Some(details.electronic_commerce_indicator.code().to_owned()),
            transaction_id: Some(details.transaction_id),
            version: Some(details.version),
        })
    }
}
