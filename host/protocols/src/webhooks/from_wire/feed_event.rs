//! Events about imports of product feeds: `data_management.import_set.*` with the import in them, and the thin ones of v2, which name it
//! (<https://docs.stripe.com/agentic-commerce/for-sellers/custom>). Either is only a hint: what became of the import is asked.

use serde_json::Value;

use crate::webhooks::wire::Event;

/// Beginnings of the types of these events.
const ABOUT_IMPORTS: [&str; 2] = ["data_management.import_set.", "v2.commerce.product_catalog.imports."];

/// Maximum length of an id, in bytes.
const MAX_ID: usize = 255;

/// Id of the import that an event is about; `None` for every other event.
pub(super) fn import(event: &Event) -> Option<String> {
    ABOUT_IMPORTS.iter().find(|about| event.r#type.starts_with(*about))?;
    let object = event.data.get("object").filter(|object| object.is_object());
    let id = object
        .unwrap_or(&event.related_object)
        .get("id")
        .and_then(Value::as_str)?;
    (1..=MAX_ID).contains(&id.len()).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(event: Value) -> Option<String> {
        import(&serde_json::from_value(event).unwrap())
    }

    #[test]
    fn an_event_with_its_object_and_a_thin_one_name_their_import() {
        let whole = json!({"id": "evt_1", "type": "data_management.import_set.succeeded", "livemode": false, "created": 1_767_925_127,
            "data": {"object": {"id": "impset_1", "created": 1_767_924_632_381_u64, "status": "succeeded_with_errors"}}});
        assert_eq!(of(whole).as_deref(), Some("impset_1"));
        let thin = json!({"id": "evt_2", "object": "v2.core.event", "livemode": false, "created": "2026-03-26T00:40:00.000Z",
            "type": "v2.commerce.product_catalog.imports.failed", "data": {},
            "related_object": {"id": "pcimprt_1", "type": "v2.commerce.product_catalog.imports", "url": "/v2/x"}});
        assert_eq!(of(thin).as_deref(), Some("pcimprt_1"));
    }

    #[test]
    fn other_events_name_none() {
        for event in [
            json!({"id": "evt_1", "type": "shared_payment.granted_token.revoked", "livemode": false, "data": {"object": {"id": "spt_1"}}}),
            json!({"id": "evt_1", "type": "data_management.import_set.failed", "livemode": false}),
            json!({"id": "evt_1", "type": "data_management.import_set.failed", "livemode": false, "data": {"object": {"id": ""}}}),
        ] {
            assert_eq!(of(event), None);
        }
    }
}
