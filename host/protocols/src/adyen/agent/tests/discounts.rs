//! How discounts and consents are shown.

use serde_json::json;

use super::sessions::shown;
use crate::testing::adyen::assert_dialect;
use crate::testing::sessions;
use tillhouse_checkout::time::Timestamp;

#[tokio::test]
async fn a_discount_says_how_long_it_holds_and_how_often_its_coupon_may_be_used() {
    let mut session = sessions::full();
    let discount = &mut session.quote.discounts[0];
    discount.starts = Some(Timestamp(1_767_225_600_000));
    discount.ends = Some(Timestamp(1_798_761_599_000));
    discount.coupon.duration = Some("repeating".into());
    discount.coupon.duration_in_months = Some(3);
    discount.coupon.max_redemptions = Some(100);
    discount.coupon.times_redeemed = Some(7);
    discount.coupon.metadata = vec![("campaign".into(), "spring".into())];
    session.quote.discounts[1].coupon.duration = Some("fortnightly".into());
    let answer = shown(session).await;
    assert_dialect(&answer);
    let applied = &answer.body["discounts"]["applied"];
    let first = &applied[0];
    assert_eq!(
        (&first["start"], &first["end"]),
        (&json!("2026-01-01T00:00:00Z"), &json!("2026-12-31T23:59:59Z"))
    );
    let coupon =
        ["duration", "duration_in_months", "max_redemptions", "times_redeemed"].map(|member| &first["coupon"][member]);
    assert_eq!(coupon, [&json!("repeating"), &json!(3), &json!(100), &json!(7)]);
    assert_eq!(first["coupon"]["metadata"], json!({"campaign": "spring"}));
    assert!(
        applied[1]["coupon"].get("duration").is_none(),
        "a word that the dialect does not have"
    );
    assert_eq!(
        (&first["automatic"], &applied[1]["automatic"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(first["allocations"], json!([{"path": "line_items[1]", "amount": 140}]));
    assert_eq!(
        applied[1]["allocations"],
        json!([{"path": "totals.discount", "amount": 100}])
    );
}

#[tokio::test]
async fn a_code_is_rejected_for_one_of_the_reasons_of_the_dialect() {
    for (reason, shown_as) in [
        ("discount_code_usage_limit_reached", "discount_code_usage_limit_reached"),
        ("full_moon", "discount_code_invalid"),
    ] {
        let mut session = sessions::full();
        session.quote.rejected_codes[0].reason = reason.into();
        let answer = shown(session).await;
        assert_dialect(&answer);
        let rejected = &answer.body["discounts"]["rejected"][0];
        assert_eq!(
            rejected,
            &json!({"code": "OLD", "reason": shown_as, "message": "OLD is over"})
        );
    }
}

#[tokio::test]
async fn a_consent_is_asked_for_with_what_is_known_of_the_buyer() {
    let mut session = sessions::full();
    session.quote.consents[0].subscribed = true;
    let answer = shown(session).await;
    assert_eq!(
        answer.body["marketing_consent_options"],
        json!([{
            "channel": "email", "display_text": "News", "privacy_policy_url": "https://shop.example/privacy",
            "is_subscribed": true,
        }])
    );
}
