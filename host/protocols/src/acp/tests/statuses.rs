//! Every state of a session, in the words of each release, held against its official schema.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::rendering::RequestKind;
use crate::testing::acp_requests::RELEASES;
use crate::testing::rendering::{rendered, rendered_on};
use crate::testing::schemas::{assert_valid, definition};
use crate::testing::sessions;
use tillhouse_checkout::message::{Message, Subject};
use tillhouse_checkout::session::{Session, SessionState};

/// A session with this error only, and with a page of the merchant for the buyer.
fn blocked_by(code: &str) -> Session {
    let mut session = sessions::full();
    session.quote.messages = vec![Message::error(code, Subject::Session, "No")];
    session.quote.continue_url = Some("https://shop.example/continue/cs_1".into());
    session
}

/// Sessions, each with its status in the five releases, oldest first.
fn sessions_with_statuses() -> Vec<(Session, [&'static str; 5])> {
    let everywhere = |status| [status; 5];
    let since_2026_01_30 = |before, status| [before, before, before, status, status];
    let not_ready = "not_ready_for_payment";
    vec![
        (sessions::full(), everywhere("ready_for_payment")),
        (sessions::bare(), everywhere(not_ready)),
        (blocked_by("missing"), everywhere(not_ready)),
        (
            blocked_by("age_verification_required"),
            since_2026_01_30(not_ready, "requires_escalation"),
        ),
        (
            blocked_by("approval_required"),
            since_2026_01_30(not_ready, "pending_approval"),
        ),
        (
            sessions::in_state(sessions::committing()),
            since_2026_01_30("in_progress", "complete_in_progress"),
        ),
        (
            sessions::in_state(sessions::authenticating()),
            [
                not_ready,
                "authentication_required",
                "authentication_required",
                "authentication_required",
                "authentication_required",
            ],
        ),
        (sessions::in_state(sessions::completed()), everywhere("completed")),
        (sessions::in_state(SessionState::Canceled), everywhere("canceled")),
        (
            sessions::in_state(SessionState::Expired),
            since_2026_01_30("canceled", "expired"),
        ),
    ]
}

#[test]
fn every_state_of_a_session_has_a_status_of_each_release() {
    for (session, statuses) in sessions_with_statuses() {
        for (release, status) in RELEASES.into_iter().zip(statuses) {
            let body = rendered(release, &session);
            assert_eq!(body["status"], status, "{release:?} {:?}", session.state);
            assert_valid(release.date(), "CheckoutSession", &body);
        }
    }
}

/// Statuses of the schemas from 2026-01-30 that a merchant's side does not use, because neither schema nor RFC says when: `README.md`.
const UNUSED: [&str; 2] = ["incomplete", "in_progress"];

#[test]
fn every_status_of_a_schema_is_reached_or_listed_as_unused() {
    for (index, release) in RELEASES.into_iter().enumerate() {
        let Some(schema) = definition(release.date(), "CheckoutSessionBase") else {
            continue;
        };
        let known = schema["properties"]["status"]["enum"].as_array().unwrap().iter();
        let known: BTreeSet<&str> = known.map(|status| status.as_str().unwrap()).collect();
        let reached = sessions_with_statuses();
        let mut reached: BTreeSet<&str> = reached.iter().map(|(_, statuses)| statuses[index]).collect();
        if release.date() >= "2026-01-30" {
            assert!(UNUSED.iter().all(|unused| reached.insert(unused)), "{release:?}");
        }
        assert_eq!(reached, known, "{release:?}");
    }
}

#[test]
fn the_answer_of_complete_has_the_order_before_and_after_the_payment_is_made() {
    let states = [
        sessions::committing(),
        sessions::authenticating(),
        sessions::completed(),
    ];
    for state in states {
        for release in RELEASES {
            let body = rendered_on(release, &sessions::in_state(state.clone()), RequestKind::Payment);
            assert_eq!(body["order"]["id"], "ord_1", "{release:?} {state:?}");
            assert_valid(release.date(), "CheckoutSessionWithOrder", &body);
        }
    }
}

#[test]
fn other_answers_have_the_order_once_it_is_paid_where_the_schema_allows_it() {
    let shown = |state: SessionState| {
        let session = sessions::in_state(state);
        RELEASES.map(|release| rendered(release, &session).get("order").is_some())
    };
    assert_eq!(shown(sessions::completed()), [false, true, true, true, true]);
    for unpaid in [sessions::committing(), sessions::authenticating()] {
        assert_eq!(shown(unpaid), [false; 5]);
    }
}

#[test]
fn a_payment_that_goes_on_or_waits_is_a_message_in_each_release() {
    for release in RELEASES {
        let first = |state| rendered(release, &sessions::in_state(state))["messages"][0].take();
        assert_eq!(first(sessions::committing())["type"], "info", "{release:?}");
        let waits = first(sessions::authenticating());
        assert_eq!(
            (&waits["type"], &waits["code"]),
            (&Value::from("error"), &Value::from("requires_3ds"))
        );
    }
}

#[test]
fn a_session_is_rendered_the_same_each_time() {
    for (session, _) in sessions_with_statuses() {
        for release in RELEASES {
            assert_eq!(
                rendered(release, &session).to_string(),
                rendered(release, &session.clone()).to_string()
            );
        }
    }
}
