//! What a line says of its item, in each release.

use serde_json::{Value, json};

use crate::acp::Release;
use crate::rendering::RequestKind;
use crate::testing::acp_requests::RELEASES;
use crate::testing::rendering::{rendered, rendered_on};
use crate::testing::schemas::assert_valid;
use crate::testing::sessions;
use tillhouse_checkout::decision::ItemFacts;

/// Members that say what the item is, with their first release.
const FACTS: [(&str, Release); 8] = [
    ("disclosures", Release::V2025_12_12),
    ("custom_attributes", Release::V2025_12_12),
    ("product_id", Release::V2026_01_30),
    ("variant_id", Release::V2026_01_30),
    ("category", Release::V2026_01_30),
    ("weight", Release::V2026_01_30),
    ("dimensions", Release::V2026_01_30),
    ("variant_options", Release::V2026_01_30),
];

#[test]
fn a_line_says_what_the_catalog_knows_where_the_schema_has_a_member_for_it() {
    for release in RELEASES {
        let body = rendered(release, &sessions::full());
        let line = &body["line_items"][0];
        for (member, since) in FACTS {
            let has_it = line.get(member).is_some();
            assert_eq!(has_it, release.date() >= since.date(), "{release:?} {member}: {line}");
        }
        assert_valid(release.date(), "CheckoutSession", &body);
    }
}

#[test]
fn facts_are_said_as_the_catalog_has_them() {
    let line = rendered(Release::V2026_04_17, &sessions::full())["line_items"][0].take();
    let expected = json!({
        "disclosures": [{"type": "disclaimer", "content_type": "plain", "content": "Keep away from fire"}],
        "custom_attributes": [{"display_name": "Brand", "value": "Acme"}],
        "product_id": "shirt-group", "variant_id": "shirt", "category": "Clothing > Tops",
        "weight": {"value": 250, "unit": "g"},
        "dimensions": {"length": 30, "width": 20, "height": 2, "unit": "cm"},
        "variant_options": [{"name": "Size", "value": "M"}],
    });
    for (member, _) in FACTS {
        assert_eq!(line[member], expected[member], "{member}");
    }
}

#[test]
fn an_item_of_which_nothing_is_known_says_nothing() {
    let mut session = sessions::full();
    session.quote.lines[0].shown.facts = ItemFacts::default();
    for release in RELEASES {
        let line: Value = rendered(release, &session)["line_items"][0].take();
        assert!(FACTS.iter().all(|(member, _)| line.get(member).is_none()), "{line}");
    }
}

#[test]
fn the_order_has_the_number_of_the_purchase_order() {
    let mut session = sessions::in_state(sessions::completed());
    session.cart.purchase_order = Some("PO-7".into());
    let shown = RELEASES.map(|release| {
        let body = rendered_on(release, &session, RequestKind::Payment);
        assert_valid(release.date(), "CheckoutSessionWithOrder", &body);
        body["order"]["client_reference_id"].clone()
    });
    let none = || Value::Null;
    assert_eq!(shown, [none(), none(), none(), none(), json!("PO-7")]);
}
