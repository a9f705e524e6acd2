use serde_json::json;

use super::{CREATE, complete, create, get};
use crate::acp::Release;
use crate::testing::acp_requests::{self, Operation, RELEASES};
use crate::testing::schemas::assert_valid;
use crate::testing::scripted::{RecordedCall, ScriptedCheckouts, ScriptedResult};
use crate::testing::{KEY, acp, host, send, with, without};
use tillhouse_checkout::authentication::AuthenticationOutcome;
use tillhouse_checkout::cart::CartError;
use tillhouse_checkout::decision::Rejection;
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};
use tillhouse_checkout::ids::{GroupId, LineId};
use tillhouse_checkout::message::Subject;
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::ports::{DecisionError, PluginFault};
use tillhouse_checkout::quote::{ContractError, QuoteRule};

#[tokio::test]
async fn every_operation_of_acp_has_its_status() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(service.clone());
    for (request, status) in [
        (create(CREATE), 201),
        (acp("POST", "/checkout_sessions/cs_1", "k", "{}"), 200),
        (get("/checkout_sessions/cs_1"), 200),
        (complete(), 200),
        (acp("POST", "/checkout_sessions/cs_1/cancel", "k", ""), 200),
    ] {
        let got = send(&router, request).await;
        assert_eq!(got.status, status, "{}", got.body);
        assert_valid("2026-04-17", "CheckoutSession", &got.body);
        assert_eq!(got.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn a_release_must_be_named_and_known() {
    let (router, _) = host(ScriptedCheckouts::then([]));
    let missing = send(&router, without(create(CREATE), "api-version")).await;
    assert_eq!((missing.status, missing.code()), (400, "missing_api_version"));
    for version in ["2026-01-15", "latest", "", "2026-04-17, 2025-09-29"] {
        let got = send(&router, with(create(CREATE), "api-version", version)).await;
        assert_eq!((got.status, got.code()), (400, "unsupported_api_version"));
        assert_eq!(
            got.body["supported_versions"],
            json!(["2026-04-17", "2026-01-30", "2026-01-16", "2025-12-12", "2025-09-29"])
        );
        assert_valid("2026-04-17", "Error", &got.body);
    }
}

fn money(minor: i64) -> Money {
    Money {
        amount: Amount::new(minor).unwrap(),
        currency: Currency::new("USD").unwrap(),
    }
}

#[tokio::test]
async fn each_refusal_of_a_payment_has_its_code_and_field() {
    for (error, status, code, place) in [
        (
            CheckoutError::Token(PaymentTokenError::Expired),
            400,
            "token_expired",
            Place::Token,
        ),
        (
            CheckoutError::Token(PaymentTokenError::AmountExceeded {
                limit: money(1),
                total: money(2),
            }),
            400,
            "token_amount_exceeded",
            Place::Token,
        ),
        (
            CheckoutError::Declined {
                code: "fraud_42".into(),
            },
            402,
            "payment_declined",
            Place::Nowhere,
        ),
        (
            CheckoutError::InvalidState {
                state: "completed",
                verb: "completed",
            },
            409,
            "invalid_state",
            Place::Nowhere,
        ),
        (
            CheckoutError::TotalChanged {
                shown: money(1),
                now: money(2),
            },
            409,
            "conflict",
            Place::Nowhere,
        ),
        (CheckoutError::MustReadAgain, 409, "conflict", Place::Nowhere),
        (CheckoutError::OrderDeclined, 402, "payment_declined", Place::Nowhere),
        (CheckoutError::OutOfStock, 409, "out_of_stock", Place::Nowhere),
        (
            CheckoutError::AuthenticationRequired,
            400,
            "requires_3ds",
            Place::Authentication,
        ),
        (
            CheckoutError::AuthenticationResultMissing,
            400,
            "requires_3ds",
            Place::Authentication,
        ),
        (
            CheckoutError::AuthenticationFailed(AuthenticationOutcome::Denied),
            402,
            "payment_declined",
            Place::Authentication,
        ),
        (
            CheckoutError::AuthenticationPending("the cart"),
            409,
            "conflict",
            Place::Nowhere,
        ),
        (
            CheckoutError::AuthenticationExpired,
            400,
            "expired",
            Place::Authentication,
        ),
    ] {
        for release in RELEASES {
            let (router, _) = host(ScriptedCheckouts::then([ScriptedResult::Fail(error.clone())]));
            let body = acp_requests::body(release, Operation::Complete).unwrap();
            let request = acp_requests::request(release, Operation::Complete, &body.to_string());
            let got = send(&router, request).await;
            assert_eq!(
                (got.status, got.code(), got.param()),
                (status, code, place.path(release)),
                "{release:?}"
            );
            assert!(
                !got.body.to_string().contains("fraud_42"),
                "the issuer's reason is not disclosed"
            );
            assert_valid(release.date(), "Error", &got.body);
        }
    }
}

/// What a refusal of a payment is about.
#[derive(Clone, Copy, Debug)]
enum Place {
    Token,
    Authentication,
    Nowhere,
}

impl Place {
    fn path(self, release: Release) -> &'static str {
        let is_late = [Release::V2026_01_30, Release::V2026_04_17].contains(&release);
        match self {
            Self::Token if is_late => "$.payment_data.instrument.credential.token",
            Self::Token => "$.payment_data.token",
            Self::Authentication if release == Release::V2025_09_29 => "$.payment_data",
            Self::Authentication => "$.authentication_result",
            Self::Nowhere => "",
        }
    }
}

#[tokio::test]
async fn a_checkout_that_is_over_cannot_be_canceled_and_says_so_by_405() {
    let over = || {
        ScriptedResult::Fail(CheckoutError::InvalidState {
            state: "completed",
            verb: "canceled",
        })
    };
    let (router, _) = host(ScriptedCheckouts::then([over()]));
    for replayed in [None, Some("true")] {
        let got = send(&router, acp("POST", "/checkout_sessions/cs_1/cancel", "k", "")).await;
        assert_eq!((got.status, got.header("allow")), (405, Some("GET")));
        assert_eq!(got.header("idempotent-replayed"), replayed);
    }
}

#[tokio::test]
async fn a_failing_plugin_is_never_named_to_the_agent() {
    let broken = CheckoutError::Contract(ContractError {
        function: "pricing.price",
        rule: QuoteRule::L2,
        detail: "secret detail".into(),
    });
    let trapped = CheckoutError::Decision(DecisionError::Fault {
        plugin: "acme-shop".into(),
        function: "tax.assess",
        fault: PluginFault::Trap,
        detail: "secret detail".into(),
    });
    for error in [broken, trapped] {
        let (router, _) = host(ScriptedCheckouts::then([ScriptedResult::Fail(error)]));
        let got = send(&router, create(CREATE)).await;
        assert_eq!((got.status, got.code()), (500, "processing_error"));
        let text = got.body.to_string();
        assert!(
            !text.contains("secret") && !text.contains("acme") && !text.contains("price"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn an_agent_is_known_by_the_label_of_its_key_and_proves_nothing() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(service.clone());
    for (key, label) in [(KEY, "agent"), ("tk_other", "other")] {
        let request = with(create(CREATE), "authorization", &format!("Bearer {key}"));
        assert_eq!(send(&router, request).await.status, 201);
        let RecordedCall::Create(request) = service.last() else {
            panic!("not created");
        };
        assert_eq!(
            (request.caller.principal.as_deref(), request.agent.proven),
            (Some(label), false)
        );
    }
}

#[tokio::test]
async fn a_choice_that_contradicts_the_cart_is_refused_with_the_items_of_its_entry() {
    let entry = |option: &str, item: &str| json!({"type": "shipping", "option_id": option, "item_ids": [item]});
    let body = json!({"selected_fulfillment_options":
        [entry("std", "mug"), entry("fast", "hat"), entry("slow", "mug")]});
    let older = json!({"fulfillment_option_id": "std"});
    let inside =
        |option: &str, item: &str| json!({"type": "digital", "digital": {"option_id": option, "item_ids": [item]}});
    let nested = json!({"selected_fulfillment_options": [inside("std", "mug"), inside("fast", "hat")]});
    for (error, release, body, param) in [
        (
            CartError::GroupLineTwice(1, LineId::new("mug")),
            "2026-04-17",
            &body,
            "$.fulfillment_groups[1].item_ids",
        ),
        (CartError::TooManyGroups, "2026-04-17", &body, "$.fulfillment_groups"),
        (
            CartError::UnknownLine(LineId::new("hat")),
            "2026-04-17",
            &body,
            "$.selected_fulfillment_options[1].item_ids",
        ),
        (
            CartError::UnknownLine(LineId::new("hat")),
            "2025-12-12",
            &nested,
            "$.selected_fulfillment_options[1].digital.item_ids",
        ),
        (
            CartError::LineTwice(LineId::new("mug")),
            "2026-04-17",
            &body,
            "$.selected_fulfillment_options[2].item_ids",
        ),
        (
            CartError::TooManyChoices,
            "2026-04-17",
            &body,
            "$.selected_fulfillment_options",
        ),
        (
            CartError::TooManyChoices,
            "2025-09-29",
            &older,
            "$.fulfillment_option_id",
        ),
    ] {
        let (router, _) = host(ScriptedCheckouts::then([ScriptedResult::Fail(error.into())]));
        let request = acp("POST", "/checkout_sessions/cs_1", "k", body.to_string());
        let got = send(&router, with(request, "api-version", release)).await;
        assert_eq!((got.status, got.code(), got.param()), (400, "invalid", param));
    }
}

#[tokio::test]
async fn a_refusal_about_the_address_of_a_group_names_what_the_release_has() {
    let group = Subject::GroupAddress(GroupId::new("g_2"), Some("city".into()));
    for (release, param) in [
        ("2026-04-17", "$.fulfillment_groups"),
        ("2026-01-16", "$.fulfillment_details.address.city"),
        ("2025-09-29", "$.fulfillment_address.city"),
    ] {
        let rejection = Rejection {
            code: "invalid".into(),
            message: "No".into(),
            about: group.clone(),
        };
        let refused = ScriptedResult::Fail(CheckoutError::Rejected(rejection));
        let (router, _) = host(ScriptedCheckouts::then([refused]));
        let request = acp("POST", "/checkout_sessions/cs_1", "k", "{}");
        let got = send(&router, with(request, "api-version", release)).await;
        assert_eq!(got.param(), param, "{release}");
    }
}

#[tokio::test]
async fn a_refusal_about_a_consent_or_a_discount_names_the_list_of_the_request() {
    for (about, param) in [
        (Subject::Consent(Some("email".into())), "$.marketing_consents"),
        (Subject::Discount("d_1".into()), "$.discounts.codes"),
    ] {
        let rejection = Rejection {
            code: "refused".into(),
            message: "No".into(),
            about,
        };
        let refused = ScriptedResult::Fail(CheckoutError::Rejected(rejection));
        let (router, _) = host(ScriptedCheckouts::then([refused]));
        assert_eq!(send(&router, complete()).await.param(), param);
    }
}
