//! A link to a page of the merchant (schema `Link`).

use serde::Serialize;

use crate::rendering::links;
use crate::settings::MerchantSettings;
use tillhouse_checkout::session::Session;

#[derive(Debug, Serialize)]
pub(crate) struct Link<'a> {
    r#type: &'static str,
    url: &'a str,
}

/// The links of a session. All policies of a shop have one type.
pub(crate) fn of_session<'a>(session: &'a Session, merchant: &'a MerchantSettings) -> Vec<Link<'a>> {
    of_session_with(session, merchant, |kind| match kind {
        "terms_of_use" => Some("terms_of_use"),
        "privacy_policy" => Some("privacy_policy"),
        "seller_shop_policies" | "return_policy" | "shipping_policy" => Some("seller_shop_policies"),
        _ => None,
    })
}

/// The links for which the release has a type; others are omitted.
pub(crate) fn of_session_with<'a>(
    session: &'a Session,
    merchant: &'a MerchantSettings,
    type_of: fn(&str) -> Option<&'static str>,
) -> Vec<Link<'a>> {
    let shown = links(session, merchant).iter();
    let typed = shown.filter_map(|link| type_of(&link.kind).map(|r#type| Link { r#type, url: &link.url }));
    typed.collect()
}
