//! Countries and states of addresses, in every protocol.

use serde_json::{Value, json};
use tillhouse_tests::{HttpResponse, Protocol, fixtures};

use crate::protocols::host;

/// A session for a tee that is sent to this country and state.
async fn sent_to(protocol: Protocol, country: &str, state: &str) -> HttpResponse {
    let address = fixtures::address_in(country, state, "94105");
    protocol
        .create(host().await, &[("tee-classic", 1)], "usd", &address)
        .await
}

fn shown<'a>(protocol: Protocol, session: &'a HttpResponse, field: &str) -> &'a Value {
    let path = protocol.address_field(field).replace("$.", "/").replace('.', "/");
    session.json.pointer(&path).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn nothing_is_sold_to_a_country_that_does_not_exist() {
    for protocol in Protocol::ALL {
        for code in ["ZZ", "QQ", "AA", "SU", "CS", "AN", "EU", "XI", "YU", "U1"] {
            let refused = sent_to(protocol, code, "").await.refused(400, "invalid");
            let refused = refused.about(&protocol.address_field("country"));
            let told = refused["message"].as_str().unwrap();
            assert!(told.contains("ISO 3166-1") && told.contains("such as US"), "{told}");
        }
        let kosovo = sent_to(protocol, "XK", "").await;
        assert_eq!(kosovo["status"], "ready_for_payment", "{}", kosovo.text());
    }
}

#[tokio::test]
async fn the_usual_names_of_a_country_count_as_its_code_and_the_session_says_so() {
    for protocol in Protocol::ALL {
        for (written, code) in [("UK", "GB"), ("uk", "GB"), ("EL", "GR")] {
            let known = sent_to(protocol, code, "").await.is("ready_for_payment");
            let session = sent_to(protocol, written, "").await.is("ready_for_payment");
            assert_eq!(session.total("total"), known.total("total"), "{protocol:?} {written}");
            assert_eq!(shown(protocol, &session, "country"), code);
            let message = session.told(&format!("read as {code}"));
            assert_eq!(message["param"], protocol.address_field("country"));
            assert_eq!(message["type"], "info");
            assert!(known["messages"].as_array().unwrap().is_empty(), "{}", known.text());
        }
    }
}

#[tokio::test]
async fn a_state_may_be_written_by_its_name_and_an_unknown_one_is_asked_for() {
    for protocol in Protocol::ALL {
        let known = sent_to(protocol, "US", "CA").await.is("ready_for_payment");
        for written in ["California", "US-CA", " ca ", "CALIFORNIA"] {
            let session = sent_to(protocol, "US", written).await.is("ready_for_payment");
            assert_eq!(session.total("tax"), known.total("tax"), "{protocol:?} {written}");
            assert_eq!(shown(protocol, &session, "state"), "CA");
        }
        for (country, written) in [
            ("US", "Kalifornia"),
            ("US", "94103"),
            ("CA", "Ontaria"),
            ("AU", "Auckland"),
        ] {
            let session = sent_to(protocol, country, written).await.is(protocol.not_ready());
            let message = session.message("invalid");
            assert_eq!(message["param"], protocol.address_field("state"), "{}", session.text());
            assert!(message["content"].as_str().unwrap().contains("such as"), "{message}");
        }
    }
}

#[tokio::test]
async fn a_street_without_anything_visible_is_no_street() {
    for protocol in Protocol::ALL {
        for street in ["\u{200b}", "\u{a0}", "\u{2060}\u{ad}", " \u{3164} "] {
            let mut address = fixtures::address();
            address["line_one"] = json!(street);
            let session = protocol
                .create(host().await, &[("tee-classic", 1)], "usd", &address)
                .await;
            let session = session.is(protocol.not_ready());
            let message = session.message("missing");
            assert_eq!(message["param"], protocol.address_field("line_one"), "{street:?}");
        }
    }
}

#[tokio::test]
async fn names_are_shown_without_what_turns_them_around() {
    for protocol in Protocol::ALL {
        let mut address = fixtures::address();
        address["line_one"] = json!("\u{202e}123 Main St\u{202c}\u{2066}");
        let session = protocol
            .create(host().await, &[("tee-classic", 1)], "usd", &address)
            .await;
        assert_eq!(
            shown(protocol, &session.is("ready_for_payment"), "line_one"),
            "123 Main St"
        );
        address["line_one"] = json!("123 Main St\u{1b}[2J");
        let refused = protocol
            .create(host().await, &[("tee-classic", 1)], "usd", &address)
            .await;
        let refused = refused
            .refused(400, "invalid")
            .about(&protocol.address_field("line_one"));
        assert!(
            refused["message"].as_str().unwrap().contains("U+001B"),
            "{}",
            refused.text()
        );
    }
}
