//! Carts whose items go to several places: parcels, pickups and what the shop brings itself.

use serde_json::{Value, json};
use tillhouse_tests::{HttpResponse, Release, fixtures};

use crate::protocols::host;

/// The releases that have fulfillment groups.
const GROUPING: [Release; 2] = [Release::V2026_01_30, Release::V2026_04_17];
const ITEMS: &[(&str, u32)] = &[("tee-classic", 2), ("mug-enamel", 1)];

fn details(state: &str, postal_code: &str) -> Value {
    json!({"name": "Jane Doe", "address": fixtures::address_in("US", state, postal_code)})
}

/// The tees go to California, the mug is picked up in Portland.
fn parcel_and_pickup() -> Value {
    json!([
        {"id": "home", "item_ids": ["tee-classic"], "destination_type": "shipping",
         "fulfillment_details": details("CA", "94105"), "instructions": "Leave it at the door."},
        {"id": "shop", "item_ids": ["mug-enamel"], "destination_type": "pickup", "location_id": "portland"},
    ])
}

fn grouped(release: Release, groups: &Value) -> Value {
    fixtures::with(fixtures::cart(release, ITEMS), &json!({"fulfillment_groups": groups}))
}

fn option<'a>(session: &'a HttpResponse, id: &str) -> &'a Value {
    let options = session["fulfillment_options"].as_array().unwrap();
    let found = options.iter().find(|option| option["id"] == id);
    found.unwrap_or_else(|| panic!("{id}: {}", session.text()))
}

/// Chosen options, each with its items.
fn selected(session: &HttpResponse) -> Vec<(String, String, Value)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let selected = session["selected_fulfillment_options"].as_array().unwrap().iter();
    selected
        .map(|it| (text(&it["option_id"]), text(&it["type"]), it["item_ids"].clone()))
        .collect()
}

#[tokio::test]
async fn a_parcel_and_a_pickup_are_bought_together() {
    for release in GROUPING {
        let host = host().await;
        let acp = host.acp(release);
        let session = acp.create(&grouped(release, &parcel_and_pickup())).await.expect(201);
        let session = session.is("ready_for_payment");
        assert_eq!(session["fulfillment_groups"], parcel_and_pickup());
        assert_eq!(
            selected(&session),
            [
                ("home/standard".into(), "shipping".into(), json!(["tee-classic"])),
                ("shop/pickup-portland".into(), "pickup".into(), json!(["mug-enamel"])),
            ]
        );
        assert_eq!(
            option(&session, "shop/pickup-portland")["location"]["name"],
            "Tillhouse Portland"
        );
        // Oregon has no sales tax: California taxes the tees, and not the mug.
        assert_eq!((session.total("tax"), session.total("fulfillment")), (363, 599));
        let token = host.token(session.total("total")).await;
        let done = acp.complete(session.id(), &token).await.expect(200).is("completed");
        assert_eq!(done["fulfillment_groups"], session["fulfillment_groups"]);
    }
}

#[tokio::test]
async fn an_option_is_chosen_for_the_items_of_one_group() {
    for release in GROUPING {
        let acp = host().await.acp(release);
        let session = acp.create(&grouped(release, &parcel_and_pickup())).await.expect(201);
        let choice = |option: &str, item: &str| json!({"selected_fulfillment_options": [{"type": "shipping", "option_id": option, "item_ids": [item]}]});
        let express = acp.update(session.id(), &choice("home/express", "tee-classic")).await;
        let express = express.expect(200).is("ready_for_payment");
        assert_eq!(express.total("fulfillment"), 1999);
        let refused = acp.update(session.id(), &choice("home/express", "mug-enamel")).await;
        let _ = refused
            .refused(400, "invalid")
            .about("$.selected_fulfillment_options[0].item_ids");
        let read = acp.retrieve(session.id()).await.expect(200);
        assert_eq!(read.total("fulfillment"), 1999, "nothing changed");
    }
}

#[tokio::test]
async fn groups_that_contradict_the_cart_or_one_another_are_refused_by_their_path() {
    let group = |id: &str, items: &[&str]| json!({"id": id, "item_ids": items, "destination_type": "shipping"});
    for release in GROUPING {
        let acp = host().await.acp(release);
        for (groups, param) in [
            (json!([group("a", &["hat"])]), "$.fulfillment_groups[0].item_ids"),
            (
                json!([group("a", &["tee-classic"]), group("b", &["mug-enamel", "tee-classic"])]),
                "$.fulfillment_groups[1].item_ids",
            ),
            (json!([group("a", &[]), group("a", &[])]), "$.fulfillment_groups[1].id"),
        ] {
            let refused = acp.create(&grouped(release, &groups)).await;
            let _ = refused.refused(400, "invalid").about(param);
        }
    }
}

#[tokio::test]
async fn what_an_address_of_a_group_lacks_is_said_of_that_group() {
    for release in GROUPING {
        let acp = host().await.acp(release);
        let mut groups = parcel_and_pickup();
        groups[0].as_object_mut().unwrap().remove("fulfillment_details");
        let session = acp.create(&grouped(release, &groups)).await.expect(201);
        assert_eq!(
            session.message("missing")["param"],
            "$.fulfillment_groups[0].fulfillment_details.address"
        );
        let whole = json!({"fulfillment_groups": parcel_and_pickup()});
        let updated = acp.update(session.id(), &whole).await.expect(200);
        let _ = updated.is("ready_for_payment");
    }
}

#[tokio::test]
async fn the_shop_brings_what_is_near_and_says_what_is_not() {
    let near = |postal_code: &str| {
        json!([{"id": "g", "item_ids": ["tee-classic", "mug-enamel"], "destination_type": "local_delivery",
                "fulfillment_details": details("OR", postal_code)}])
    };
    for release in GROUPING {
        let acp = host().await.acp(release);
        let session = acp.create(&grouped(release, &near("97204"))).await.expect(201);
        let session = session.is("ready_for_payment");
        assert_eq!(option(&session, "g/local-delivery")["type"], "local_delivery");
        let far = acp.create(&grouped(release, &near("97401"))).await.expect(201);
        let _ = far.message("region_restricted");
    }
}

/// Buyers with an address near a place may pick up everything, without any group.
#[tokio::test]
async fn a_buyer_near_a_place_may_choose_to_pick_everything_up() {
    for release in GROUPING {
        let acp = host().await.acp(release);
        let address = fixtures::address_in("US", "OR", "97204");
        let body = fixtures::with(fixtures::cart(release, ITEMS), &fixtures::delivery(release, &address));
        let session = acp.create(&body).await.expect(201).is("ready_for_payment");
        let chosen = json!({"selected_fulfillment_options":
            [{"type": "pickup", "option_id": "pickup-portland", "item_ids": ["tee-classic", "mug-enamel"]}]});
        let updated = acp.update(session.id(), &chosen).await.expect(200);
        assert_eq!((updated.total("fulfillment"), selected(&updated).len()), (0, 1));
        assert_eq!(selected(&updated)[0].0, "pickup-portland");
    }
}

#[tokio::test]
async fn gifts_are_wrapped_if_the_metadata_asks_for_it() {
    for release in GROUPING {
        let acp = host().await.acp(release);
        let wrapped = fixtures::with(
            fixtures::cart(release, ITEMS),
            &json!({"metadata": {"gift_wrap": true}}),
        );
        let session = acp.create(&wrapped).await.expect(201);
        assert_eq!(session.total("gift_wrap"), 350);
        assert_eq!(session["metadata"], json!({"gift_wrap": true}));
    }
}
