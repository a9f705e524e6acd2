//! Updates replace the members that they contain and keep the others.

use serde_json::{Value, json};
use tillhouse_tests::{HttpResponse, Release, fixtures};

use crate::protocols::{RELEASES, host};

fn choice(release: Release, option: &str) -> Value {
    fixtures::shipped_by(release, option, &["tee-classic"])
}

fn items(release: Release, items: &[(&str, u32)]) -> Value {
    let member = fixtures::items_member(release);
    json!({member: fixtures::cart(release, items)[member]})
}

/// The id of the fulfillment option whose title contains this word.
fn option(session: &HttpResponse, word: &str) -> String {
    let options = session["fulfillment_options"].as_array().unwrap();
    let found = options
        .iter()
        .find(|option| option["title"].as_str().unwrap().contains(word));
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn another_option_changes_the_price_of_shipping_and_nothing_else() {
    for release in RELEASES {
        let acp = host().await.acp(release);
        let session = acp.ready(&[("tee-classic", 2)]).await;
        let express = choice(release, &option(&session, "Express"));
        let session = acp.update(session.id(), &express).await.expect(200);
        assert_eq!(session.total("fulfillment"), 1999);
        assert_eq!(session.total("total"), 5000 + 1999 + 363);
        assert_eq!(session.total("items_base_amount"), 5000);
    }
}

#[tokio::test]
async fn an_option_of_another_type_than_the_agent_says_is_refused_and_changes_nothing() {
    let acp = host().await.acp(Release::V2026_04_17);
    let session = acp.ready(&[("tee-classic", 2)]).await;
    let express = option(&session, "Express");
    for kind in ["pickup", "digital", "local_delivery"] {
        let entry = json!({"type": kind, "option_id": express, "item_ids": ["tee-classic"]});
        let chosen = json!({"selected_fulfillment_options": [entry]});
        let refused = acp.update(session.id(), &chosen).await.refused(400, "invalid");
        let refused = refused.about("$.selected_fulfillment_options[0].type");
        assert!(
            refused["message"].as_str().unwrap().contains("has the type shipping"),
            "{}",
            refused.text()
        );
        assert_eq!(acp.retrieve(session.id()).await.json, session.json);
    }
}

#[tokio::test]
async fn an_option_that_is_not_on_offer_is_refused_and_changes_nothing() {
    for (release, param) in [
        (Release::V2025_09_29, "$.fulfillment_option_id"),
        (Release::V2026_04_17, "$.selected_fulfillment_options[0].option_id"),
    ] {
        let acp = host().await.acp(release);
        let session = acp.ready(&[("tee-classic", 2)]).await;
        let refused = acp.update(session.id(), &choice(release, "drone")).await;
        let _ = refused.refused(400, "invalid").about(param);
        assert_eq!(acp.retrieve(session.id()).await.json, session.json);
    }
}

#[tokio::test]
async fn a_new_address_brings_other_options_and_another_tax() {
    for release in RELEASES {
        let acp = host().await.acp(release);
        let session = acp.ready(&[("tee-classic", 2)]).await;
        let berlin = fixtures::delivery(release, &fixtures::address_in("DE", "BE", "10115"));
        let session = acp
            .update(session.id(), &berlin)
            .await
            .expect(200)
            .is("ready_for_payment");
        // 12.99 and 2.00 per started kilogram; 19 % tax on goods and shipping alike.
        assert_eq!(session.total("subtotal"), 5000);
        assert_eq!(session.total("fulfillment"), 1499);
        assert_eq!(session.total("tax"), 950 + 285);
    }
}

#[tokio::test]
async fn an_address_that_nothing_is_sent_to_blocks_the_payment() {
    for release in RELEASES {
        let acp = host().await.acp(release);
        let session = acp.ready(&[("tee-classic", 2)]).await;
        let pyongyang = fixtures::delivery(release, &fixtures::address_in("KP", "", "999093"));
        let session = acp
            .update(session.id(), &pyongyang)
            .await
            .expect(200)
            .is("not_ready_for_payment");
        let code = if release.has_payment_handlers() {
            "region_restricted"
        } else {
            "invalid"
        };
        assert_eq!(session.message(code)["type"], "error");
        assert_eq!(session["fulfillment_options"], json!([]));
    }
}

#[tokio::test]
async fn new_items_replace_the_old_ones_and_keep_the_address() {
    for release in RELEASES {
        let acp = host().await.acp(release);
        let session = acp.ready(&[("tee-classic", 2), ("mug-enamel", 1)]).await;
        let changed = acp.update(session.id(), &items(release, &[("notebook-grid", 4)])).await;
        let changed = changed.expect(200).is("ready_for_payment");
        assert_eq!(changed["line_items"].as_array().unwrap().len(), 1);
        assert_eq!(changed.total("items_base_amount"), 5000);
        assert_eq!(changed.total("fulfillment"), 599);
    }
}

#[tokio::test]
async fn an_update_without_fields_is_a_fresh_look() {
    for release in RELEASES {
        let acp = host().await.acp(release);
        let session = acp.ready(&[("tee-classic", 2)]).await;
        let again = acp.update(session.id(), &json!({})).await.expect(200);
        assert_eq!(again["line_items"], session["line_items"]);
        assert_eq!(again["totals"], session["totals"]);
    }
}

#[tokio::test]
async fn codes_are_replaced_and_an_empty_list_clears_them() {
    let acp = host().await.acp(Release::V2026_04_17);
    let session = acp.ready(&[("tee-classic", 2)]).await;
    for (codes, items_discount, order_discount) in [
        (json!(["SAVE10"]), 500, 0),
        (json!(["FIVEOFF"]), 500, 0),
        (json!(["ORDER3"]), 0, 300),
        (json!([]), 0, 0),
    ] {
        let body = json!({"discounts": {"codes": codes}});
        let session = acp.update(session.id(), &body).await.expect(200);
        assert_eq!(
            session["discounts"]["codes"].as_array().map_or(0, Vec::len),
            codes.as_array().unwrap().len()
        );
        assert_eq!(session.total("items_discount"), items_discount, "{codes}");
        assert_eq!(session.total("discount"), order_discount, "{codes}");
    }
}
