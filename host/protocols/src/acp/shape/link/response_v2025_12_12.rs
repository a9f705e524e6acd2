//! The types of links (schema `Link`): the policies of a shop became its return policy.

use crate::acp::shape::link::response_v2025_09_29::Link;
use crate::acp::shape::link::response_v2025_09_29::of_session_with;
use crate::settings::MerchantSettings;
use tillhouse_checkout::session::Session;

/// The links of a session.
pub(crate) fn of_session<'a>(session: &'a Session, merchant: &'a MerchantSettings) -> Vec<Link<'a>> {
    of_session_with(session, merchant, |kind| match kind {
        "terms_of_use" => Some("terms_of_use"),
        "privacy_policy" => Some("privacy_policy"),
        "return_policy" => Some("return_policy"),
        _ => None,
    })
}
