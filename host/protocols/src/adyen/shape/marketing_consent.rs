//! Marketing consents: what the buyer is asked for (`AcpMarketingConsentOption`), and the answers (`AcpMarketingConsent`).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::fields::Id;
use crate::json::BodyError;
use tillhouse_checkout::decision::{Consent, ConsentOption};

/// The buyer's answer to one of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct MarketingConsent {
    channel: Id,
    opted_in: bool,
}

/// The answers of a completion, in their order.
///
/// # Errors
/// If a channel is answered twice: which answer counts is not for the host to decide.
pub(crate) fn consents(answers: Vec<MarketingConsent>) -> Result<Vec<Consent>, BodyError> {
    let mut seen = BTreeSet::new();
    if let Some(index) = answers.iter().position(|answer| !seen.insert(&answer.channel.0)) {
        let error = BodyError::invalid("repeats a channel; send one answer for each").in_field("channel");
        return Err(error.at_index(index).in_field("marketing_consents"));
    }
    let consent = |answer: MarketingConsent| Consent {
        channel: answer.channel.0,
        granted: answer.opted_in,
    };
    Ok(answers.into_iter().map(consent).collect())
}

/// A consent to ask the buyer for.
#[derive(Debug, Serialize)]
pub(crate) struct MarketingConsentOption<'a> {
    channel: &'a str,
    display_text: &'a str,
    privacy_policy_url: &'a str,
    is_subscribed: bool,
}

impl<'a> From<&'a ConsentOption> for MarketingConsentOption<'a> {
    fn from(consent: &'a ConsentOption) -> Self {
        Self {
            channel: &consent.channel,
            display_text: &consent.text,
            privacy_policy_url: &consent.privacy_policy,
            is_subscribed: consent.subscribed,
        }
    }
}
