//! What became of Adyen's charge, and payments with a token that it delivers.

use super::*;
use crate::testing::{sessions, with};
use tillhouse_checkout::outside_payment::OutsideResult;
use tillhouse_checkout::payment_token::IssuerName;

async fn report_of(body: &Value) -> Box<tillhouse_checkout::outside_payment::OutsidePayment> {
    match taken("s1/finalize", body).await {
        RecordedCall::Finalize(report) => report,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_finalize_call_is_acknowledged_without_a_body() {
    let body = json!({"pspReference": "P1", "resultCode": "Authorised", "amount": {"value": 4304, "currency": "USD"},
                      "merchantReference": "ord_1"});
    let answer = post(&host(&ScriptedCheckouts::then([])), "s1/finalize", &body).await;
    assert_eq!((answer.status, answer.header("content-type")), (204, None));
    assert!(answer.body.is_null());
    let report = report_of(&body).await;
    assert_eq!(report.reference.unwrap().as_str(), "P1");
    assert_eq!(report.amount.unwrap().amount.minor(), 4304);
    assert_eq!((report.session.as_str(), report.result), ("s1", OutsideResult::Paid));
}

#[tokio::test]
async fn the_result_decides_what_became_of_the_payment() {
    let refused = |text: &str| OutsideResult::Refused(text.into());
    for (body, result) in [
        (json!({}), OutsideResult::Paid),
        (json!({"resultCode": null}), OutsideResult::Paid),
        (json!({"resultCode": "authorised"}), OutsideResult::Paid),
        (
            json!({"result_code": "PartiallyAuthorised", "amount": 4303}),
            OutsideResult::Paid,
        ),
        (
            json!({"resultCode": "Refused", "refusalReason": "Not enough balance"}),
            refused("Refused: Not enough balance"),
        ),
        (json!({"resultCode": "Error"}), refused("Error")),
        (json!({"resultCode": "Cancelled"}), refused("Cancelled")),
    ] {
        assert_eq!(report_of(&body).await.result, result, "{body}");
    }
    let nothing = send(&host(&ScriptedCheckouts::then([])), call("s1/finalize", "")).await;
    assert_eq!(nothing.status, 204, "without any body");
}

#[tokio::test]
async fn a_result_that_is_not_final_changes_nothing() {
    let service = ScriptedCheckouts::then([]);
    for code in ["Pending", "Received", "ChallengeShopper"] {
        let answer = post(&host(&service), "s1/finalize", &json!({"resultCode": code})).await;
        assert_eq!(
            (answer.status, adyen::first_message(&answer).0),
            (422, "RESULT_NOT_FINAL"),
            "{code}"
        );
        adyen::assert_dialect(&answer);
    }
    assert_eq!(service.count(), 0);
}

/// Without the amount, a part would be taken for the whole.
#[tokio::test]
async fn a_payment_in_part_says_how_much_of_it_was_made() {
    let service = ScriptedCheckouts::then([]);
    for body in [
        json!({"pspReference": "P1", "resultCode": "PartiallyAuthorised"}),
        json!({"pspReference": "P1", "resultCode": "partiallyauthorised", "amount": null}),
    ] {
        let answer = post(&host(&service), "s1/finalize", &body).await;
        assert_eq!(
            (answer.status, adyen::first_message(&answer)),
            (400, ("MISSING_FIELD", "amount")),
            "{body}"
        );
    }
    assert_eq!(service.count(), 0);
}

/// Adyen may name its members otherwise than is assumed, and say that the payment was refused.
#[tokio::test]
async fn a_body_that_is_not_understood_is_not_taken_for_a_payment() {
    let service = ScriptedCheckouts::then([]);
    for body in [
        json!({"payment": {"resultCode": "Refused"}}),
        json!({"result": "REFUSED", "psp": "P1"}),
        json!({"resultcode": "Refused"}),
    ] {
        let answer = post(&host(&service), "s1/finalize", &body).await;
        assert_eq!(
            (answer.status, adyen::first_message(&answer)),
            (400, ("MISSING_FIELD", "resultCode")),
            "{body}"
        );
    }
    assert_eq!(service.count(), 0);
}

#[tokio::test]
async fn a_result_may_be_demanded() {
    let strict = AdyenMerchantSettings {
        finalizes_without_result: false,
        ..settings()
    };
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host_with(service.clone(), strict);
    let answer = post(&router, "s1/finalize", &json!({"pspReference": "P1"})).await;
    assert_eq!(
        (answer.status, adyen::first_message(&answer)),
        (400, ("MISSING_FIELD", "resultCode"))
    );
    assert_eq!(service.count(), 0);
}

#[tokio::test]
async fn each_merchant_has_its_flow() {
    for (flow, path, status) in [
        (AdyenFlow::Standard, "s1/payment", 409),
        (AdyenFlow::Standard, "s1/commit", 200),
        (AdyenFlow::Advanced, "s1/commit", 409),
        (AdyenFlow::Advanced, "s1/payment", 204),
        (AdyenFlow::Both, "s1/commit", 200),
        (AdyenFlow::Both, "s1/payment", 204),
        (AdyenFlow::Advanced, "s1/finalize", 204),
    ] {
        let service = ScriptedCheckouts::then([]);
        let (router, _) = host_with(service.clone(), AdyenMerchantSettings { flow, ..settings() });
        let answer = post(&router, path, &json!({"payment_data": {"token": "acp_tok_1"}})).await;
        assert_eq!(answer.status, status, "{flow:?} {path}");
        if status == 409 {
            assert_eq!(adyen::first_message(&answer).0, "FLOW_NOT_ENABLED");
            adyen::assert_dialect(&answer);
            assert_eq!(service.count(), 0);
        }
    }
}

#[tokio::test]
async fn a_token_is_charged_by_the_merchant() {
    let body = json!({"payment_data": {"provider": "adyen", "token": "psp_tok_Ab7xQfN2YwR..."},
                      "buyer": {"first_name": "Simon"}, "marketing_consents": [{"channel": "email", "opted_in": false}]});
    let RecordedCall::Complete(request) = taken("s1/payment", &body).await else {
        panic!();
    };
    assert_eq!(request.token.issuer, IssuerName::Adyen);
    assert_eq!(request.token.id.as_str(), "psp_tok_Ab7xQfN2YwR...");
    assert!(request.deadline.unwrap() < Duration::from_secs(5));
    let route = AdyenMerchantSettings {
        token_route: "token".into(),
        ..settings()
    };
    let (router, _) = host_with(ScriptedCheckouts::then([]), route);
    assert_eq!(post(&router, "s1/token", &body).await.status, 204);
    assert_eq!(post(&router, "s1/payment", &body).await.status, 404);
}

#[tokio::test]
async fn a_declined_token_is_refused_with_the_session() {
    let left = ScriptedResult::Decline(Box::new(sessions::full()));
    let service = ScriptedCheckouts::then([left]);
    let router = host(&service);
    let request = || {
        let body = json!({"token": "acp_tok_1"});
        with(call("cs_1/payment", &body.to_string()), "idempotency-key", "k1")
    };
    let answer = send(&router, request()).await;
    assert_eq!(
        (answer.status, adyen::first_message(&answer).0),
        (422, "PAYMENT_DECLINED")
    );
    assert_eq!(answer.body["status"], "ready_for_payment");
    adyen::assert_dialect(&answer);
    adyen::assert_valid_adyen("Session", &answer.body);
    assert_eq!(send(&router, request()).await.body, answer.body, "the same again");
    assert_eq!(service.count(), 1);
}

#[tokio::test]
async fn a_payment_that_goes_on_is_in_progress() {
    let paying = ScriptedResult::Propose(Box::new(sessions::in_state(sessions::committing())));
    let answer = post(
        &host(&ScriptedCheckouts::then([paying])),
        "cs_1/payment",
        &json!({"token": "acp_tok_1"}),
    )
    .await;
    assert_eq!(
        (answer.status, answer.body["status"].as_str()),
        (200, Some("in_progress"))
    );
    adyen::assert_dialect(&answer);
}

#[tokio::test]
async fn a_token_for_another_amount_is_not_charged() {
    let body = json!({"token": "acp_tok_1", "amount": {"value": 4304, "currency": "USD"}});
    let RecordedCall::Complete(request) = taken("cs_1/payment", &body).await else {
        panic!();
    };
    assert_eq!(request.expected.unwrap().amount.minor(), 4304);
    let changed = CheckoutError::TotalChanged {
        shown: request.expected.unwrap(),
        now: sessions::full().total(),
    };
    let service = ScriptedCheckouts::then([ScriptedResult::Fail(changed)]);
    let answer = post(&host(&service), "cs_1/payment", &body).await;
    assert_eq!(
        (answer.status, adyen::first_message(&answer).0),
        (422, "PRICE_MISMATCH")
    );
    adyen::assert_dialect(&answer);
}

#[tokio::test]
async fn a_card_number_is_no_token() {
    for token in ["4242424242424242", "4242 4242 4242 4242", "4242.4242.4242.4242"] {
        let service = ScriptedCheckouts::then([]);
        let body = json!({"token": token}).to_string();
        let answer = send(
            &host(&service),
            with(call("s1/payment", &body), "idempotency-key", "k1"),
        )
        .await;
        assert_eq!((answer.status, adyen::first_message(&answer).0), (422, "INVALID_TOKEN"));
        adyen::assert_dialect(&answer);
        assert_eq!((service.count(), service.records.lock().unwrap().len()), (0, 0));
    }
}
