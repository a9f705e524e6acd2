//! A payment that waits for the buyer's authentication, in each release.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::acp::Release;
use crate::settings::{AcpSettings, ThreeDSecureSupport};
use crate::testing::acp_requests::RELEASES;
use crate::testing::rendering::{rendered, rendered_with};
use crate::testing::schemas::assert_valid;
use crate::testing::{acp_settings, sessions};
use tillhouse_checkout::session::Session;

fn with_three_d_secure() -> AcpSettings {
    supporting(&ThreeDSecureSupport::fixed(true))
}

fn supporting(support: &ThreeDSecureSupport) -> AcpSettings {
    let mut settings = acp_settings();
    for handler in &mut settings.handlers {
        handler.config.supports_3ds = support.clone();
    }
    settings
}

fn metadata(release: Release) -> Value {
    let body = rendered(release, &sessions::in_state(sessions::authenticating()));
    body.get("authentication_metadata").cloned().unwrap_or_default()
}

#[test]
fn the_agent_is_told_of_the_acquirer_and_the_flow() {
    let acquirer = json!({"acquirer_bin": "412345", "acquirer_country": "US", "acquirer_merchant_id": "mer_1",
        "merchant_name": "Tillhouse", "requestor_id": "req_1"});
    for release in RELEASES.into_iter().skip(1) {
        let metadata = metadata(release);
        assert_eq!(metadata["acquirer_details"], acquirer, "{release:?}");
        assert_eq!(metadata["directory_server"], "visa");
        assert_eq!(metadata["flow_preference"], json!({"type": "challenge"}));
    }
    assert_eq!(metadata(Release::V2025_09_29), Value::Null);
}

#[test]
fn the_buyers_browser_is_repeated_as_the_agent_told_of_it_until_2026_01_30() {
    let browser = json!({"type": "browser", "browser": {"accept_header": "*/*", "ip_address": "203.0.113.7",
        "javascript_enabled": false, "language": "de-DE", "user_agent": "Agent/1.0"}});
    let channels = RELEASES.map(|release| metadata(release)["channel"].take());
    let expected = [Value::Null, browser.clone(), browser.clone(), browser, Value::Null];
    assert_eq!(channels, expected);
}

#[test]
fn three_d_secure_is_supported_if_agent_and_merchant_both_do() {
    let mut session = sessions::full();
    let supported = |session: &Session, settings: &AcpSettings| {
        let body = rendered_with(Release::V2026_04_17, session, settings);
        assert_valid("2026-04-17", "CheckoutSession", &body);
        body["capabilities"]["interventions"].clone()
    };
    let none = json!({"supported": []});
    assert_eq!(supported(&session, &with_three_d_secure()), none);
    session.agent.interventions = vec!["biometric".into(), "3ds".into()];
    assert_eq!(supported(&session, &acp_settings()), none);
    assert_eq!(
        supported(&session, &with_three_d_secure()),
        json!({"supported": ["3ds"], "enforcement": "conditional"})
    );
}

#[test]
fn another_release_of_the_processor_is_advertised_as_it_is_at_once() {
    let authenticates = Arc::new(AtomicBool::new(true));
    let asked = Arc::clone(&authenticates);
    let settings = supporting(&ThreeDSecureSupport::looked_up(move || asked.load(Ordering::Relaxed)));
    let mut session = sessions::full();
    session.agent.interventions = vec!["3ds".into()];
    let advertised = || {
        let capabilities = rendered_with(Release::V2026_04_17, &session, &settings)["capabilities"].take();
        let handler = &capabilities["payment"]["handlers"][0];
        let supported = &capabilities["interventions"]["supported"];
        (handler["config"]["supports_3ds"].clone(), supported.clone())
    };
    assert_eq!(advertised(), (json!(true), json!(["3ds"])));
    authenticates.store(false, Ordering::Relaxed);
    assert_eq!(advertised(), (json!(false), json!([])));
}

#[test]
fn who_authenticates_is_said_in_2026_01_16_if_the_merchant_takes_the_result() {
    let session = sessions::full();
    let provider = |settings: &AcpSettings| {
        RELEASES.map(|release| {
            let body = rendered_with(release, &session, settings);
            assert_valid(release.date(), "CheckoutSession", &body);
            body.get("authentication_provider").cloned().unwrap_or_default()
        })
    };
    let mut expected = [(); 5].map(|()| Value::Null);
    assert_eq!(provider(&acp_settings()), expected);
    expected[2] = json!({"provider": "stripe", "merchant_id": "acct_mer", "supported_authentication_methods": ["3ds"]});
    assert_eq!(provider(&with_three_d_secure()), expected);
}
