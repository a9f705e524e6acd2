use serde_json::{Value, json};

use super::{body_error, changed, create, create_body, rendered};
use crate::json::BodyErrorKind;
use crate::testing::schemas::assert_valid;
use crate::testing::sessions;
use tillhouse_checkout::contact::{Company, Loyalty, TaxExemption};
use tillhouse_checkout::time::Timestamp;

fn buyer() -> Value {
    json!({
        "email": "jane@example.com", "account_type": "business",
        "company": {"name": "Acme", "tax_id": "DE123", "department": "Art", "cost_center": "CC-1"},
        "tax_exemption": {"certificate_id": "cert_1", "certificate_type": "exempt_organization",
            "exempt_regions": ["US-CA", "US-NY"], "expires_at": "2027-12-31T23:59:59Z"},
        "loyalty": {"tier": "Gold", "points_balance": 5000, "member_since": "2024-01-15"}
    })
}

fn create_with(buyer: Value) -> Value {
    changed(create_body(), "/buyer", buyer)
}

#[test]
fn company_exemption_and_loyalty_of_the_buyer_reach_the_cart() {
    let buyer = create(&create_with(buyer())).unwrap().edit.buyer.new_value().unwrap();
    let company = Company {
        name: "Acme".into(),
        tax_id: Some("DE123".into()),
        department: Some("Art".into()),
        cost_center: Some("CC-1".into()),
    };
    assert_eq!(buyer.company, Some(company));
    let exemption = TaxExemption {
        certificate: "cert_1".into(),
        kind: "exempt_organization".into(),
        regions: vec!["US-CA".into(), "US-NY".into()],
        expires: Some(Timestamp(1_830_297_599_000)),
    };
    assert_eq!(buyer.tax_exemption, Some(exemption));
    let loyalty = Loyalty {
        tier: Some("Gold".into()),
        points: Some(5000),
        member_since: Some("2024-01-15".into()),
    };
    assert_eq!(buyer.loyalty, Some(loyalty));
}

#[test]
fn a_member_of_the_buyer_that_does_not_fit_the_schema_is_named_by_its_path() {
    use BodyErrorKind::{Invalid, Missing, Unknown};
    for (pointer, value, kind, path) in [
        ("/company", json!({}), Missing, "$.buyer.company.name"),
        ("/company/size", json!(1), Unknown, "$.buyer.company.size"),
        (
            "/loyalty/points_balance",
            json!(-1),
            Invalid,
            "$.buyer.loyalty.points_balance",
        ),
        (
            "/loyalty/points_balance",
            json!(1.5),
            Invalid,
            "$.buyer.loyalty.points_balance",
        ),
        (
            "/tax_exemption/certificate_type",
            json!("friend"),
            Invalid,
            "$.buyer.tax_exemption.certificate_type",
        ),
        (
            "/tax_exemption/expires_at",
            json!("next year"),
            Invalid,
            "$.buyer.tax_exemption.expires_at",
        ),
        (
            "/tax_exemption/expires_at",
            json!("2027-12-31T23:59:59"),
            Invalid,
            "$.buyer.tax_exemption.expires_at",
        ),
        (
            "/tax_exemption/expires_at",
            json!("1969-12-31T23:59:59Z"),
            Invalid,
            "$.buyer.tax_exemption.expires_at",
        ),
        (
            "/tax_exemption/exempt_regions",
            json!(["US-CA", 7]),
            Invalid,
            "$.buyer.tax_exemption.exempt_regions[1]",
        ),
    ] {
        let body = create_with(changed(buyer(), pointer, value.clone()));
        assert_eq!(
            body_error(create(&body)),
            (kind, path.to_owned()),
            "{pointer} = {value}"
        );
    }
}

#[test]
fn a_session_shows_the_buyer_and_the_time_zone_as_the_agent_sent_them() {
    let edit = create(&create_with(buyer())).unwrap().edit;
    let mut session = sessions::full();
    session.cart.buyer = edit.buyer.new_value();
    session.cart.time_zone = edit.time_zone;
    let body = rendered(&session);
    let shown = changed(buyer(), "/loyalty/member_since", json!("2024-01-15T00:00:00Z"));
    assert_eq!(
        (&body["buyer"], &body["timezone"]),
        (&shown, &json!("America/New_York"))
    );
    assert_valid("2026-04-17", "CheckoutSession", &body);
}

#[test]
fn the_start_of_a_membership_is_shown_as_a_time_or_not_at_all() {
    for (sent, shown) in [
        ("2024-01-15", json!("2024-01-15T00:00:00Z")),
        ("2024-01-15T10:00:00+02:00", json!("2024-01-15T08:00:00Z")),
        ("long ago", Value::Null),
    ] {
        let edit = create(&create_with(changed(buyer(), "/loyalty/member_since", json!(sent))))
            .unwrap()
            .edit;
        let mut session = sessions::full();
        session.cart.buyer = edit.buyer.new_value();
        let body = rendered(&session);
        assert_eq!(body["buyer"]["loyalty"]["member_since"], shown, "{sent}");
        assert_valid("2026-04-17", "CheckoutSession", &body);
    }
}

#[test]
fn a_line_says_why_it_is_exempt_and_from_when_it_is_delivered() {
    let mut session = sessions::full();
    let line = &mut session.quote.lines[0];
    line.tax_exempt = Some("resale".into());
    line.available_from = Some(Timestamp(1_769_126_399_000));
    let body = rendered(&session);
    let shown = &body["line_items"][0];
    assert_eq!(
        (
            &shown["tax_exempt"],
            &shown["tax_exemption_reason"],
            &shown["fulfillable_on"]
        ),
        (&json!(true), &json!("resale"), &json!("2026-01-22T23:59:59Z"))
    );
    assert_eq!(body["line_items"][1].get("tax_exempt"), None);
    assert_valid("2026-04-17", "CheckoutSession", &body);
}
