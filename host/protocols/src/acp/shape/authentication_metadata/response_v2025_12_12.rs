//! What an agent needs to authenticate the buyer (schema `AuthenticationMetadata`), with the buyer's browser.

use serde::Serialize;

use crate::acp::shape::authentication_metadata::response_v2026_04_17;
use tillhouse_checkout::device::Device;
use tillhouse_checkout::session::{Session, SessionState};

/// The media types that a browser accepts which did not say any (RFC 9110 §12.5.1).
const ANY_MEDIA_TYPE: &str = "*/*";

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
            ip_address: device.ip.as_deref().unwrap_or_default(),
            javascript_enabled: false,
            language: first.map(str::trim).or(locale).unwrap_or_default(),
            user_agent: device.user_agent.as_deref().unwrap_or_default(),
        }
    }
}
