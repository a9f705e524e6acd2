//! A marketing consent to ask the buyer for (schema `MarketingConsentOption`).

use serde::Serialize;

use tillhouse_checkout::decision::ConsentOption;

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
