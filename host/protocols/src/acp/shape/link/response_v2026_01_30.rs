//! A link to a page of the merchant (schema `Link`), with a title.

use serde::Serialize;

use crate::rendering::links;
use crate::settings::MerchantSettings;
use tillhouse_checkout::session::Session;

/// Values of `Link.type`; other links are omitted.
const TYPES: &[&str] = &[
    "terms_of_use",
    "privacy_policy",
    "return_policy",
    "shipping_policy",
    "contact_us",
    "about_us",
    "faq",
    "support",
];

#[derive(Debug, Serialize)]
pub(crate) struct Link<'a> {
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    url: &'a str,
}

/// The links of a session.
pub(crate) fn of_session<'a>(session: &'a Session, merchant: &'a MerchantSettings) -> Vec<Link<'a>> {
    let known = links(session, merchant)
        .iter()
        .filter(|link| TYPES.contains(&link.kind.as_str()));
    known
        .map(|link| Link {
            r#type: &link.kind,
            title: link.title.as_deref(),
            url: &link.url,
        })
        .collect()
}
