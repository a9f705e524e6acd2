//! How the buyer reaches the merchant (schema `SupportInfo`).

use serde::Serialize;

use tillhouse_checkout::decision::Support;

#[derive(Debug, Serialize)]
pub(crate) struct SupportInfo<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_center_url: Option<&'a str>,
}

impl<'a> From<&'a Support> for SupportInfo<'a> {
    fn from(support: &'a Support) -> Self {
        Self {
            email: support.email.as_deref(),
            phone: support.phone.as_deref(),
            hours: support.hours.as_deref(),
            help_center_url: support.help_center.as_deref(),
        }
    }
}
