//! What an agent needs to authenticate the buyer (schema `AuthenticationMetadata`), with the buyer's browser.

use std::net::IpAddr;

use serde::Serialize;

use crate::acp::shape::authentication_metadata::response_v2026_04_17;
use tillhouse_checkout::device::Device;
use tillhouse_checkout::session::{Session, SessionState};

/// The media types that a browser accepts which did not say any (RFC 9110 §12.5.1).
const ANY_MEDIA_TYPE: &str = "*/*";
/// Maximum length of a language tag, in characters.
const LONGEST_LANGUAGE: usize = 35;

#[derive(Debug, Serialize)]
pub(crate) struct AuthenticationMetadata<'a> {
    channel: Channel<'a>,
    #[serde(flatten)]
    acquirer: response_v2026_04_17::AuthenticationMetadata<'a>,
}

#[derive(Debug, Serialize)]
struct Channel<'a> {
    r#type: &'static str,
    browser: Browser<'a>,
}

#[derive(Debug, Serialize)]
struct Browser<'a> {
    accept_header: &'static str,
    ip_address: &'a str,
    /// Whether the merchant knows of scripts in the browser: it does not, so that it need not know the screen either.
    javascript_enabled: bool,
    language: &'a str,
    user_agent: &'a str,
}

impl<'a> AuthenticationMetadata<'a> {
    /// The metadata of a session whose payment waits for the buyer. What the agent did not tell of the browser is empty.
    pub(crate) fn of_session(session: &'a Session) -> Option<Self> {
        let SessionState::AuthenticationRequired { device, .. } = &session.state else {
            return None;
        };
        let browser = Browser::new(device, session.cart.locale.as_deref());
        let channel = Channel {
            r#type: "browser",
            browser,
        };
        response_v2026_04_17::AuthenticationMetadata::of_session(session).map(|acquirer| Self { channel, acquirer })
    }
}

impl<'a> Browser<'a> {
    fn new(device: &'a Device, locale: Option<&'a str>) -> Self {
        let accepted = device.accept_language.as_deref();
        let first = accepted.and_then(|languages| languages.split([',', ';']).next());
        Self {
            accept_header: ANY_MEDIA_TYPE,
            ip_address: device.ip.as_deref().filter(is_address).unwrap_or_default(),
            javascript_enabled: false,
            language: first.map(str::trim).or(locale).filter(is_language).unwrap_or_default(),
            user_agent: device.user_agent.as_deref().unwrap_or_default(),
        }
    }
}

/// The agent may send any text as the address of the device.
fn is_address(text: &&str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

/// No tag that a browser sends is longer (RFC 5646 §4.4.1).
fn is_language(tag: &&str) -> bool {
    tag.chars().count() <= LONGEST_LANGUAGE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_language_tags_are_shown_of_the_browser() {
        let longest = "x".repeat(35);
        let too_long = "x".repeat(36);
        for (ip, languages, shown) in [
            ("203.0.113.9", "de-AT,de;q=0.9", ("203.0.113.9", "de-AT")),
            ("2001:db8::1", longest.as_str(), ("2001:db8::1", longest.as_str())),
            ("203.0.113.9, 10.0.0.1", too_long.as_str(), ("", "")),
            ("<script>", "", ("", "")),
        ] {
            let device = Device {
                ip: Some(ip.into()),
                accept_language: Some(languages.into()),
                ..Device::default()
            };
            let browser = Browser::new(&device, None);
            assert_eq!((browser.ip_address, browser.language), shown);
        }
    }
}
