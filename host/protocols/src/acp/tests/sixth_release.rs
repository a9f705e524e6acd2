//! What a further release costs: a made-up one, with two changed shapes and a new member, is a file and its shapes.

mod address;
mod release;
mod risk_signals;

use axum::http::HeaderMap;
use serde_json::{Value, json};

use self::release::RELEASE;
use super::super::Release;
use super::super::release_definition::RenderContext;
use crate::json::parse;
use crate::rendering::RequestKind;
use crate::settings::StripeAcsAuth;
use crate::testing::acp_requests::{self, Operation};
use crate::testing::{acp_settings, merchant, sessions};
use tillhouse_checkout::cart::Change;

const SIXTH: Release = Release(&RELEASE);

/// The body of 2026-04-17 as the made-up release has it.
fn body(operation: Operation) -> Value {
    let text = acp_requests::body(Release::V2026_04_17, operation).unwrap().to_string();
    let mut body: Value = serde_json::from_str(&text.replace("\"state\"", "\"region\"")).unwrap();
    let members = body.as_object_mut().unwrap();
    members.remove("order_notes");
    members.remove("marketing_consents");
    body
}

fn read_create(release: Release, body: &Value) -> Result<crate::acp::Creation, String> {
    let creation = release.read_create(&parse(body.to_string().as_bytes()).unwrap());
    creation.map_err(|error| error.path())
}

#[test]
fn a_header_names_it_beside_the_others() {
    let headers = HeaderMap::from_iter([("api-version".parse().unwrap(), "2026-12-31".parse().unwrap())]);
    let releases = [SIXTH, Release::V2026_04_17];
    assert_eq!(
        Release::among(&releases, &["2026-12-31", "2026-04-17"], &headers).unwrap(),
        SIXTH
    );
    assert!(Release::of(&headers).is_err());
}

#[test]
fn its_new_member_and_its_changed_shapes_are_read_and_the_others_stay() {
    let mut create = body(Operation::Create);
    create["gift_message"] = json!("For you");
    let edit = read_create(SIXTH, &create).unwrap().edit;
    assert_eq!(edit.notes, Change::Set("For you".to_owned()));
    let recipient = edit.recipient.new_value().unwrap().apply(None).unwrap();
    assert_eq!(recipient.address.unwrap().region, "CA");
    assert_eq!(edit.codes.unwrap(), ["TEN"]);
    for (release, pointer, path) in [
        (SIXTH, "/order_notes", "$.order_notes"),
        (
            Release::V2026_04_17,
            "/gift_message",
            "$.fulfillment_details.address.region",
        ),
    ] {
        let mut body = create.clone();
        body[pointer.trim_start_matches('/')] = json!("x");
        assert_eq!(read_create(release, &body).unwrap_err(), path);
    }

    let mut complete = body(Operation::Complete);
    complete["risk_signals"] = json!({"device": {"ip": "203.0.113.7"}});
    let completion = SIXTH.read_complete(&parse(complete.to_string().as_bytes()).unwrap(), &acp_settings());
    assert_eq!(completion.unwrap().device.ip.as_deref(), Some("203.0.113.7"));
    complete["risk_signals"] = json!({"ip_address": "203.0.113.7"});
    let refused = SIXTH.read_complete(&parse(complete.to_string().as_bytes()).unwrap(), &acp_settings());
    assert_eq!(refused.unwrap_err().path(), "$.risk_signals.ip_address");
}

#[test]
fn it_shows_a_session_in_its_shapes() {
    let (merchant, settings) = (merchant("mer", StripeAcsAuth::Bearer(Vec::new())), acp_settings());
    let context = RenderContext {
        merchant: &merchant,
        settings: &settings,
        request_kind: RequestKind::Other,
    };
    let session = sessions::full();
    let shown: Value = serde_json::from_slice(&SIXTH.render(&session, context)).unwrap();
    let newest: Value = serde_json::from_slice(&Release::V2026_04_17.render(&session, context)).unwrap();
    let address = |body: &Value| body["fulfillment_details"]["address"].clone();
    assert_eq!(shown["protocol"]["version"], "2026-12-31");
    assert_eq!(address(&shown)["region"], address(&newest)["state"]);
    assert!(address(&shown).get("state").is_none());
    for unchanged in ["line_items", "totals", "discounts", "links"] {
        assert_eq!(shown[unchanged], newest[unchanged], "{unchanged}");
    }
}
