//! Outgoing and incoming webhooks.

use super::*;

fn target(text: &str) -> String {
    let whole = "name = \"agent\"\nurl = \"https://agent.example/events\"\nsigning_secrets = [\"s\"]\n";
    format!("[[merchants.acme.webhooks]]\n{whole}{text}")
}

#[test]
fn a_target_needs_a_name_a_url_and_a_secret() {
    let [target] = &acme(&target("")).webhooks[..] else {
        panic!("one target");
    };
    assert_eq!(
        (target.name.as_str(), target.url.as_str()),
        ("agent", "https://agent.example/events")
    );
    assert_eq!(target.signing_secrets[0].reveal(), "s");
    assert_eq!(target.release, WebhookRelease::V2026_04_17);
    assert!(!target.allow_http && !target.allow_loopback);
    assert_eq!(target.timeout, Duration::from_secs(10));
    let [target] = &acme(&self::target("timeout_ms = 250")).webhooks[..] else {
        panic!("one target");
    };
    assert_eq!(target.timeout, Duration::from_millis(250));
    assert_eq!(
        paths(&with("[[merchants.acme.webhooks]]")),
        [
            "merchants.acme.webhooks[0].name",
            "merchants.acme.webhooks[0].url",
            "merchants.acme.webhooks[0].signing_secrets",
        ]
    );
}

#[test]
fn everything_wrong_with_targets_is_reported_at_once() {
    let seen = paths(&with(
        r#"
        [[merchants.acme.webhooks]]
        name = "agent"
        url = "http://127.0.0.1:1/events?x=1"
        signing_secrets = []
        [[merchants.acme.webhooks]]
        name = "agent"
        url = "events"
        signing_secrets = ["a", "b", "c"]
        release = "2025-12-13"
        [[merchants.acme.webhooks]]
        name = "The Agent"
        url = "https://user@agent.example"
        signing_secrets = [{ env = "NOPE" }]
        secret = "x"
        "#,
    ));
    let at = |index: usize, key: &str| format!("merchants.acme.webhooks[{index}].{key}");
    let expected = [
        at(0, "url"),
        at(0, "url"),
        at(0, "url"),
        at(0, "signing_secrets"),
        at(1, "name"),
        at(1, "url"),
        at(1, "signing_secrets"),
        at(1, "release"),
        at(2, "name"),
        at(2, "url"),
        at(2, "signing_secrets[0]"),
        at(2, "secret"),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn plain_http_and_loopback_are_granted_to_one_target() {
    let local =
        "[[merchants.acme.webhooks]]\nname = \"a\"\nurl = \"http://localhost:1/x\"\nsigning_secrets = [\"s\"]\n";
    assert_eq!(paths(&with(local)).len(), 2);
    let granted = acme(&format!(
        "{local}allow_http = true\nallow_loopback = true\nrelease = \"2025-09-29\""
    ));
    assert_eq!(granted.webhooks[0].release, WebhookRelease::V2025_09_29);
}

#[test]
fn events_have_the_bodies_of_any_release() {
    for (date, release) in [
        ("2025-09-29", WebhookRelease::V2025_09_29),
        ("2025-12-12", WebhookRelease::V2025_12_12),
        ("2026-01-16", WebhookRelease::V2026_01_16),
        ("2026-01-30", WebhookRelease::V2026_01_30),
        ("2026-04-17", WebhookRelease::V2026_04_17),
    ] {
        let target = format!(
            "[[merchants.acme.webhooks]]\nname = \"a\"\nurl = \"https://agent.example/x\"\nsigning_secrets = [\"s\"]\nrelease = \"{date}\""
        );
        assert_eq!(acme(&target).webhooks[0].release, release);
    }
}

#[test]
fn events_of_stripe_have_one_secret_or_two() {
    let stripe = |secrets: &str| format!("[merchants.acme.stripe]\nsecret_key = \"x\"\n{secrets}");
    assert!(acme(&stripe("")).stripe.unwrap().webhook_secrets.is_empty());
    let two = acme(&stripe("webhook_secrets = [\"a\", { env = \"SECRET\" }]"));
    assert_eq!(two.stripe.unwrap().webhook_secrets[1].reveal(), CANARY);
    for invalid in ["webhook_secrets = []", "webhook_secrets = [\"a\", \"b\", \"c\"]"] {
        assert_eq!(
            paths(&with(&stripe(invalid))),
            ["merchants.acme.stripe.webhook_secrets"]
        );
    }
}
