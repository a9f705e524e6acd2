//! `[[merchants.NAME.acp_feeds]]` and `[feeds]`.

use super::*;
use tillhouse_feeds::acp_feed::IncrementForm;

fn endpoint(text: &str) -> String {
    let whole = "name = \"agent\"\nurl = \"https://agent.example/acp\"\nkey = \"k\"\n";
    format!("[[merchants.acme.acp_feeds]]\n{whole}{text}")
}

#[test]
fn an_endpoint_needs_a_name_a_url_and_a_key() {
    let [feed] = &acme(&endpoint("")).acp_feeds[..] else {
        panic!("one endpoint");
    };
    assert_eq!(
        (feed.name.as_str(), feed.url.as_str()),
        ("agent", "https://agent.example/acp")
    );
    assert_eq!(feed.key.reveal(), "k");
    assert_eq!((feed.batch_products, feed.batch_bytes), (200, 1 << 20));
    assert_eq!(feed.increment_form, IncrementForm::Products);
    assert!(feed.increments.is_none() && feed.full_at.is_none() && feed.seller.is_none());
    assert_eq!(
        paths(&with("[[merchants.acme.acp_feeds]]")),
        [
            "merchants.acme.acp_feeds[0].name",
            "merchants.acme.acp_feeds[0].url",
            "merchants.acme.acp_feeds[0].key",
        ]
    );
}

#[test]
fn everything_wrong_with_endpoints_is_reported_at_once() {
    let seen = paths(&with(
        r#"
        [[merchants.acme.acp_feeds]]
        name = "stripe"
        url = "http://agent.example"
        key = "k"
        target_country = "usa"
        increments = "all"
        batch_kb = 1
        time_zone = "UTC"
        seller_links = [{ url = "faq" }]
        "#,
    ));
    let expected = [
        "name",
        "url",
        "target_country",
        "seller_links[0].type",
        "seller_links[0].url",
        "increments",
        "batch_kb",
        "time_zone",
    ];
    assert_eq!(seen, expected.map(|key| format!("merchants.acme.acp_feeds[0].{key}")));
}

#[test]
fn feeds_are_audited_once_an_hour_unless_that_is_turned_off() {
    let audits = |text: &str| parse(&format!("{text}\n{}", with(""))).unwrap().feed_audit;
    assert_eq!(audits("").interval, Some(Duration::from_secs(3600)));
    assert_eq!(audits("[feeds]\naudit_seconds = 0").interval, None);
    assert_eq!(audits("[feeds]\naudit_sample = 5").sample, 5);
}
