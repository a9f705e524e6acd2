use serde_json::{Value, json};

use super::{body_error, rendered};
use crate::acp::v2026_04_17::requests as bodies;
use crate::json::{BodyErrorKind, parse};
use crate::testing::schemas::assert_valid;
use crate::testing::sessions::{self, choice};
use tillhouse_checkout::cart::{CartEdit, Change, Choice};
use tillhouse_checkout::quote::{QuoteOption, Totals};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;

fn update(entries: &Value) -> CartEdit {
    let body = json!({ "selected_fulfillment_options": entries });
    bodies::update(&parse(body.to_string().as_bytes()).unwrap()).unwrap()
}

#[test]
fn every_entry_chooses_an_option_for_its_items() {
    let entry = |id: &str, items: &[&str]| json!({"type": "shipping", "option_id": id, "item_ids": items});
    let edit = update(&json!([
        entry("std", &["mug"]),
        entry("fast", &["shirt", "hat", "shirt"])
    ]));
    assert_eq!(
        edit.choices.unwrap(),
        [choice("std", &["mug"]), choice("fast", &["shirt", "hat"])]
    );
    assert!(edit.items.is_none() && edit.codes.is_none() && edit.buyer == Change::Keep);
    let whole = update(&json!([entry("std", &[])]));
    assert_eq!(whole.choices.unwrap(), [choice("std", &[])]);
}

#[test]
fn every_entry_says_what_kind_its_option_is() {
    let entry = |id: &str, kind: &str| json!({"type": kind, "option_id": id, "item_ids": []});
    let edit = update(&json!([
        entry("std", "shipping"),
        entry("shop", "pickup"),
        entry("bike", "local_delivery")
    ]));
    let said: Vec<_> = edit
        .chosen_kinds
        .iter()
        .map(|(option, kind)| (option.as_str(), kind.named().name()))
        .collect();
    assert_eq!(
        said,
        [("std", "shipping"), ("shop", "pickup"), ("bike", "local_delivery")]
    );
}

#[test]
fn an_empty_list_takes_the_choices_back_and_no_list_keeps_them() {
    assert_eq!(update(&json!([])).choices, Some(Vec::<Choice>::new()));
    let other = bodies::update(&parse(b"{}").unwrap()).unwrap();
    assert_eq!(other.choices, None);
    let body = parse(br#"{"selected_fulfillment_options":[{"type":"shipping","option_id":"std"}]}"#).unwrap();
    assert_eq!(
        body_error(bodies::update(&body)),
        (
            BodyErrorKind::Missing,
            "$.selected_fulfillment_options[0].item_ids".to_owned()
        )
    );
}

fn select(session: &mut Session, selected: Vec<Choice>) {
    let quote = &mut session.quote;
    quote.selected = selected;
    let applied: Vec<&QuoteOption> = quote.selected_options().collect();
    quote.totals = Totals::of(&quote.lines, &applied, &quote.fees).unwrap();
}

#[test]
fn every_option_that_applies_is_shown_with_its_items() {
    let mut session = sessions::full();
    select(&mut session, vec![choice("bike", &["mug"]), choice("std", &["shirt"])]);
    let body = rendered(&session);
    assert_valid("2026-04-17", "CheckoutSession", &body);
    assert_eq!(
        body["selected_fulfillment_options"],
        json!([{"type": "local_delivery", "option_id": "bike", "item_ids": ["mug"]},
            {"type": "shipping", "option_id": "std", "item_ids": ["shirt"]}])
    );
    let fulfillment = json!({"type": "fulfillment", "display_text": "Fulfillment", "amount": 800});
    assert!(body["totals"].as_array().unwrap().contains(&fulfillment), "{body}");
}

#[test]
fn a_pickup_is_shown_as_such_where_its_place_is_known() {
    let mut session = sessions::full();
    select(&mut session, vec![choice("shop", &["mug", "shirt"])]);
    let body = rendered(&session);
    let option = |id: &str| {
        let options = body["fulfillment_options"].as_array().unwrap();
        options.iter().find(|option| option["id"] == id).unwrap()
    };
    assert_eq!(option("shop")["type"], "pickup");
    assert_eq!(option("shop")["location"]["address"]["line_one"], "5 Market St");
    assert_eq!(body["selected_fulfillment_options"][0]["type"], "pickup");
    assert_eq!(option("locker")["type"], "shipping");
    assert_valid("2026-04-17", "CheckoutSession", &body);
}

#[test]
fn a_pickup_says_how_and_from_when_until_when() {
    let shown = |change: fn(&mut QuoteOption)| {
        let mut session = sessions::full();
        change(&mut session.quote.options[3]);
        let body = rendered(&session);
        assert_valid("2026-04-17", "CheckoutSession", &body);
        let option = &body["fulfillment_options"][3];
        ["pickup_type", "ready_by", "pickup_by"].map(|field| option.get(field).cloned())
    };
    let given = shown(|option| {
        option.pickup_type = Some("curbside".into());
        option.ready_by = Some(Timestamp(1_768_900_000_000));
        option.pickup_by = Some(Timestamp(1_769_500_000_000));
    });
    let expected = ["curbside", "2026-01-20T09:06:40Z", "2026-01-27T07:46:40Z"];
    assert_eq!(given, expected.map(|text| Some(json!(text))));
    let left_out = shown(|option| option.pickup_type = Some("by drone".into()));
    assert_eq!(
        left_out,
        [None, Some(json!("2026-01-22T23:59:59Z")), None],
        "ready at the latest time of arrival"
    );
}
