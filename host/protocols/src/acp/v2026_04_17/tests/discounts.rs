use serde_json::json;

use super::rendered;
use crate::testing::schemas::assert_valid;
use crate::testing::sessions;
use tillhouse_checkout::decision::DiscountTarget;
use tillhouse_checkout::ids::OptionId;
use tillhouse_checkout::time::Timestamp;

#[test]
fn a_refused_code_is_listed_and_reported_once() {
    let body = rendered(&sessions::full());
    assert_eq!(body["discounts"]["rejected"][0]["reason"], "discount_code_expired");
    let messages: Vec<_> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["code"] == "discount_code_expired")
        .collect();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0]["param"], "$.discounts.codes[1]");
    assert_eq!(body["discounts"]["applied"][0]["coupon"]["percent_off"], json!(7.0));
    assert_eq!(
        body["discounts"]["applied"][0]["allocations"][0]["path"],
        "$.line_items[1]"
    );
    assert_eq!(body["discounts"]["applied"][1]["coupon"]["currency"], "usd");
}

#[test]
fn a_code_given_twice_is_refused_where_it_stands_last() {
    let mut session = sessions::full();
    session.cart.codes = ["OLD", "TEN", "OLD", "TEN"].map(String::from).to_vec();
    let mut again = session.quote.rejected_codes[0].clone();
    again.code = "TEN".into();
    again.reason = "discount_code_already_applied".into();
    session.quote.rejected_codes.push(again);
    let body = rendered(&session);
    let messages = body["messages"].as_array().unwrap();
    let param = |code: &str| {
        let message = messages.iter().find(|message| message["code"] == code).unwrap();
        message["param"].as_str().unwrap().to_owned()
    };
    assert_eq!(param("discount_code_already_applied"), "$.discounts.codes[3]");
    assert_eq!(param("discount_code_expired"), "$.discounts.codes[0]");
}

#[test]
fn a_coupon_is_shown_apart_from_its_discount_with_its_terms_and_validity() {
    let mut session = sessions::full();
    let discount = &mut session.quote.discounts[0];
    discount.starts = Some(Timestamp(1_767_225_600_000));
    discount.ends = Some(Timestamp(1_769_904_000_000));
    let coupon = &mut discount.coupon;
    coupon.duration = Some("repeating".into());
    coupon.duration_in_months = Some(3);
    coupon.max_redemptions = Some(100);
    coupon.times_redeemed = Some(7);
    coupon.metadata = vec![("campaign".into(), "spring".into())];
    let body = rendered(&session);
    assert_valid("2026-04-17", "CheckoutSession", &body);
    let applied = &body["discounts"]["applied"];
    assert_eq!(
        applied[0]["coupon"],
        json!({"id": "coupon of d_10", "name": "Discount d_10", "percent_off": 7.0, "duration": "repeating",
            "duration_in_months": 3, "max_redemptions": 100, "times_redeemed": 7,
            "metadata": {"campaign": "spring"}})
    );
    assert_eq!(
        (&applied[0]["id"], &applied[0]["start"], &applied[0]["end"]),
        (
            &json!("d_10"),
            &json!("2026-01-01T00:00:00Z"),
            &json!("2026-02-01T00:00:00Z")
        )
    );
    assert_eq!(
        applied[1]["coupon"],
        json!({"id": "coupon of d_off", "name": "Discount d_off", "amount_off": 100, "currency": "usd"})
    );
}

#[test]
fn each_allocation_names_what_it_is_deducted_from() {
    let mut session = sessions::full();
    let part = session.quote.discounts[1].amount;
    for (target, path) in [
        (DiscountTarget::Order, "$.totals.discount"),
        (
            DiscountTarget::Option(OptionId::new("file")),
            "$.fulfillment_options[1]",
        ),
        (DiscountTarget::Fulfillment, "$.totals.fulfillment"),
    ] {
        session.quote.discounts[1].allocations = vec![(target, part)];
        let body = rendered(&session);
        assert_eq!(
            body["discounts"]["applied"][1]["allocations"],
            json!([{"path": path, "amount": 100}])
        );
    }
}
