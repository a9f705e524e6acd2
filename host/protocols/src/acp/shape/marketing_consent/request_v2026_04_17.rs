//! The buyer's answer to a marketing consent (schema `MarketingConsent`).

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::fields::Id;
use crate::json::BodyError;
use tillhouse_checkout::decision::Consent;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct MarketingConsent {
    channel: Id,
    opted_in: bool,
}

/// The answers to the marketing consents. A channel that is answered twice is refused: which answer counts is not for the host
/// to decide.
pub(crate) fn consents(given: Vec<MarketingConsent>) -> Result<Vec<Consent>, BodyError> {
    let mut seen = BTreeSet::new();
    if let Some(index) = given.iter().position(|consent| !seen.insert(&consent.channel.0)) {
        let error = BodyError::invalid("repeats a channel; send one answer per channel").in_field("channel");
        return Err(error.at_index(index).in_field("marketing_consents"));
    }
    let consent = |consent: MarketingConsent| Consent {
        channel: consent.channel.0,
        granted: consent.opted_in,
    };
    Ok(given.into_iter().map(consent).collect())
}
