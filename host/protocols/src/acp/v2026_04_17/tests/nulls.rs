//! What `null` means (ACP RFC agentic checkout §6.2: "clear this field").

use serde_json::{Value, json};

use super::{body_error, changed, complete, create, create_body, payment};
use crate::acp::v2026_04_17::requests as bodies;
use crate::json::{BodyError, BodyErrorKind, parse};
use tillhouse_checkout::cart::{Cart, CartEdit, Choice};
use tillhouse_checkout::contact::{Buyer, Recipient};
use tillhouse_checkout::ids::OptionId;

fn update(body: &Value) -> Result<CartEdit, BodyError> {
    bodies::update(&parse(body.to_string().as_bytes()).unwrap())
}

/// A cart in which everything is set that an update can take away.
fn cart() -> Cart {
    let mut cart = Cart::default();
    cart.apply(create(&create_body()).unwrap().edit).unwrap();
    cart.choices = vec![Choice::of(OptionId::new("std"))];
    cart
}

#[test]
fn null_takes_a_member_away_and_leaves_the_others() {
    type Cleared = fn(&mut Cart);
    let cases: [(Value, Cleared); 8] = [
        (json!({}), |_| {}),
        (json!({"buyer": null}), |cart| cart.buyer = None),
        (json!({"fulfillment_details": null}), |cart| cart.recipient = None),
        (json!({"selected_fulfillment_options": null}), |cart| {
            cart.choices = Vec::new()
        }),
        (json!({"discounts": null}), |cart| cart.codes = Vec::new()),
        (json!({"discounts": {"codes": null}}), |cart| cart.codes = Vec::new()),
        (json!({"coupons": null}), |cart| cart.codes = Vec::new()),
        (json!({"order_notes": null}), |cart| cart.notes = None),
    ];
    for (body, cleared) in cases {
        let (mut now, mut expected) = (cart(), cart());
        now.apply(update(&body).unwrap()).unwrap();
        cleared(&mut expected);
        assert_eq!(now, expected, "{body}");
    }
}

#[test]
fn null_inside_an_object_that_is_replaced_whole_is_as_good_as_no_member() {
    let body = json!({"buyer": {"email": "jane@example.com", "phone_number": null, "company": null},
        "fulfillment_details": {"name": null, "address": null, "email": "jane@example.com"}});
    let mut now = cart();
    now.apply(update(&body).unwrap()).unwrap();
    let buyer = Buyer {
        email: Some("jane@example.com".into()),
        ..Buyer::default()
    };
    let recipient = Recipient {
        email: buyer.email.clone(),
        ..Recipient::default()
    };
    assert_eq!((now.buyer, now.recipient), (Some(buyer), Some(recipient)));
}

#[test]
fn what_a_checkout_cannot_be_without_is_not_taken_away() {
    assert_eq!(
        body_error(update(&json!({"line_items": null}))),
        (BodyErrorKind::Invalid, "$.line_items".to_owned())
    );
    for (body, path) in [
        (json!({"line_items": [null]}), "$.line_items[0]"),
        (json!({"line_items": [{"id": null}]}), "$.line_items[0].id"),
        (
            json!({"line_items": [{"id": "mug", "quantity": null}]}),
            "$.line_items[0].quantity",
        ),
        (json!({"buyer": {"email": null}}), "$.buyer.email"),
        (json!({"discounts": {"codes": [null]}}), "$.discounts.codes[0]"),
    ] {
        assert_eq!(body_error(update(&body)).1, path, "{body}");
    }
}

#[test]
fn in_a_create_request_null_is_as_good_as_no_member() {
    for member in [
        "buyer",
        "fulfillment_details",
        "fulfillment_groups",
        "affiliate_attribution",
        "coupons",
        "discounts",
        "locale",
        "timezone",
        "quote_id",
        "metadata",
        "order_notes",
    ] {
        let mut without = create_body();
        without.as_object_mut().unwrap().remove(member);
        // Without codes in one of the two members, those of the other count.
        without.as_object_mut().unwrap().remove("coupons");
        without.as_object_mut().unwrap().remove("discounts");
        let with_null = changed(without.clone(), &format!("/{member}"), Value::Null);
        let cart_of = |body: &Value| {
            let mut cart = Cart::default();
            cart.apply(create(body).unwrap().edit).unwrap();
            cart
        };
        assert_eq!(cart_of(&with_null), cart_of(&without), "{member}");
    }
    for member in ["line_items", "currency", "capabilities"] {
        let error = body_error(create(&changed(create_body(), &format!("/{member}"), Value::Null)));
        assert_eq!(error.1, format!("$.{member}"));
    }
}

#[test]
fn a_completion_takes_away_buyer_and_notes_and_pays_all_the_same() {
    let body = json!({"payment_data": payment(), "buyer": null, "order_notes": null, "risk_signals": null,
        "marketing_consents": null, "affiliate_attribution": null});
    let mut now = cart();
    now.apply(complete(&body).unwrap().edit).unwrap();
    assert_eq!((now.buyer, now.notes), (None, None));
    for member in ["payment_data", "authentication_result"] {
        let mut body = json!({"payment_data": payment()});
        body[member] = Value::Null;
        let error = body_error(complete(&body));
        assert_eq!(error, (BodyErrorKind::Invalid, format!("$.{member}")));
    }
}
