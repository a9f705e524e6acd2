//! Answers that the document names and does not show: what lacks something, is under way or over, and every answer to Adyen's calls.

use libtest_mimic::Trial;
use serde_json::{Value, json};
use tillhouse_sandbox::adyen::MerchantCall;
use tillhouse_tests::{
    Adyen, AdyenSandbox, Merchant, TestHost, fixtures, merchant_session, paid_elsewhere, refused_elsewhere,
};

use super::coverage::Operation;
use super::{Bodies, Outcome, trial};

const ITEM: &[(&str, u32)] = &[("tee-classic", 1)];

/// Trials of both edges.
pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial("the_schema_can_refuse", the_schema_can_refuse),
        trial("a_session_that_lacks_something", a_session_that_lacks_something),
        trial("discounts_and_downloads", discounts_and_downloads),
        trial("a_payment_under_way", a_payment_under_way),
        trial("what_is_over", what_is_over),
        trial("requests_that_are_not_understood", requests_that_are_not_understood),
        trial("a_session_of_adyen", a_session_of_adyen),
        trial("a_hold", a_hold),
        trial("a_token_of_adyen", a_token_of_adyen),
    ]
}

async fn start() -> TestHost {
    TestHost::builder()
        .merchant(Merchant::named("demo").adyen())
        .start()
        .await
}

/// A test of the tests: an empty schema would refuse nothing.
async fn the_schema_can_refuse(bodies: Bodies) -> Outcome {
    let host = start().await;
    let session = host.adyen().ready(ITEM).await;
    bodies.answer(Operation::Create, &session, 201)?;
    for broken in [
        json!({"surprise": 1}),
        json!({"status": "nearly_ready"}),
        json!({"currency": "usd"}),
        json!({"messages": [{"code": "X", "content": "x", "content_type": "plain", "type": "warning"}]}),
    ] {
        let body = fixtures::with(session.json.clone(), &broken);
        assert!(
            !tillhouse_tests::official::adyen::schema().accepts("Session", &body),
            "{broken}"
        );
    }
    Ok(())
}

async fn a_session_that_lacks_something(bodies: Bodies) -> Outcome {
    let host = start().await;
    let agent = host.adyen();
    let open = agent.open(ITEM).await;
    bodies.answer(Operation::Create, &open, 201)?;
    bodies.answer(Operation::Retrieve, &agent.retrieve(open.id()).await, 200)?;
    let early = agent.complete(open.id(), "acp_tok_early").await;
    bodies.answer(Operation::Complete, &early, 409)?;
    let delivery = json!({"buyer": fixtures::buyer(), "fulfillment_address": fixtures::address()});
    bodies.request(Operation::Update, &delivery)?;
    let ready = agent.update(open.id(), &delivery).await;
    bodies.answer(Operation::Update, &ready, 200)?;
    assert_eq!(ready["status"], "ready_for_payment");
    let more = agent
        .update(open.id(), &json!({"items": [{"id": "print-last", "quantity": 2}]}))
        .await;
    bodies.answer(Operation::Update, &more, 422)
}

async fn discounts_and_downloads(bodies: Bodies) -> Outcome {
    let host = start().await;
    let agent = host.adyen();
    let cart = json!({
        "currency": "usd",
        "items": [{"id": "album-field", "quantity": 1}, {"id": "hoodie-zip", "quantity": 2}],
        "buyer": fixtures::buyer(),
        "fulfillment_address": fixtures::address(),
        "discounts": {"codes": ["SAVE10", "SUMMER23", "NO-SUCH-CODE"]},
    });
    bodies.request(Operation::Create, &cart)?;
    let created = agent.create(&cart).await;
    bodies.answer(Operation::Create, &created, 201)?;
    assert_eq!(created["discounts"]["rejected"].as_array().map(Vec::len), Some(2));
    let download = agent
        .create(&fixtures::with(
            cart,
            &json!({"items": [{"id": "album-field", "quantity": 1}]}),
        ))
        .await;
    bodies.answer(Operation::Create, &download, 201)?;
    assert_eq!(download["fulfillment_options"][0]["type"], "digital");
    Ok(())
}

async fn a_payment_under_way(bodies: Bodies) -> Outcome {
    let host = start().await;
    let agent = host.adyen();
    let session = agent.ready(ITEM).await;
    let token = agent
        .token_of("pm_card_pending", session.id(), session.total("total"))
        .await;
    bodies.answer(Operation::Complete, &agent.complete(session.id(), &token).await, 200)?;
    let read = agent.retrieve(session.id()).await;
    bodies.answer(Operation::Retrieve, &read, 200)?;
    assert_eq!(read["status"], "in_progress");
    bodies.answer(Operation::Cancel, &agent.cancel(session.id()).await, 409)?;
    bodies.answer(Operation::Update, &agent.update(session.id(), &json!({})).await, 409)
}

async fn what_is_over(bodies: Bodies) -> Outcome {
    let host = start().await;
    let agent = host.adyen();
    let bought = agent.buy(ITEM).await;
    bodies.answer(Operation::Complete, &bought, 200)?;
    bodies.answer(Operation::Retrieve, &agent.retrieve(bought.id()).await, 200)?;
    bodies.answer(Operation::Cancel, &agent.cancel(bought.id()).await, 409)?;
    let canceled = agent.open(ITEM).await;
    for _ in 0..2 {
        bodies.answer(Operation::Cancel, &agent.cancel(canceled.id()).await, 200)?;
    }
    bodies.answer(Operation::Retrieve, &agent.retrieve(canceled.id()).await, 200)?;
    bodies.answer(Operation::Update, &agent.update(canceled.id(), &json!({})).await, 409)?;
    bodies.answer(Operation::Retrieve, &agent.retrieve("cs_unknown").await, 404)
}

async fn requests_that_are_not_understood(bodies: Bodies) -> Outcome {
    let host = start().await;
    let agent = host.adyen();
    bodies.answer(Operation::Create, &agent.post("").body("{").send().await, 400)?;
    bodies.answer(
        Operation::Create,
        &agent.post("").without("authorization").send().await,
        401,
    )?;
    let euros = json!({"currency": "EUR", "items": [{"id": "tee-classic", "quantity": 1}]});
    bodies.request(Operation::Create, &euros)?;
    bodies.answer(Operation::Create, &agent.create(&euros).await, 422)?;
    let address = agent.path("/cs_1");
    let deleted = agent.client.request("DELETE".parse()?, &address).send().await;
    bodies.answer(Operation::Update, &deleted, 405)?;
    let text = agent
        .post("")
        .body("{}")
        .header("content-type", "text/plain")
        .send()
        .await;
    bodies.answer(Operation::Create, &text, 415)?;
    bodies.answer(
        Operation::Create,
        &agent.post("").body(" ".repeat(300_000)).send().await,
        413,
    )
}

/// Calls of Adyen about one session, each of which has to be answered so.
async fn answered(
    bodies: Bodies,
    adyen: &AdyenSandbox<'_>,
    session: &str,
    calls: &[(Operation, Value, u16)],
) -> Outcome {
    for (operation, body, status) in calls {
        let call = match operation {
            Operation::Session => MerchantCall::Session,
            Operation::Commit => MerchantCall::Commit,
            Operation::Finalize => MerchantCall::Finalize,
            Operation::Token => MerchantCall::Token,
            _ => MerchantCall::Cancel,
        };
        let answer = adyen.call(call, session, body).await;
        let answer = answer.map_err(|error| format!("{operation:?}: {error:?}"))?;
        bodies.answer_to_adyen(*operation, &answer, *status)?;
    }
    Ok(())
}

async fn a_session_of_adyen(bodies: Bodies) -> Outcome {
    let host = start().await;
    let calls = [
        (Operation::Session, json!({"currency": "USD"}), 422),
        (
            Operation::Session,
            json!({"currency": "USD", "items": [{"id": "tee-classic", "quantity": 1}]}),
            200,
        ),
        (Operation::Session, merchant_session(&[("print-last", 2)]), 422),
        (Operation::Session, merchant_session(ITEM), 200),
        (Operation::CancelAtMerchant, Value::Null, 200),
        (Operation::CancelAtMerchant, Value::Null, 200),
        (Operation::Session, json!({}), 409),
        (Operation::Finalize, paid_elsewhere("P1", 1), 409),
    ];
    answered(bodies, &host.adyen_sandbox(), "ad_1", &calls).await?;
    let unknown = [
        (Operation::Commit, Value::Null, 404),
        (Operation::Finalize, paid_elsewhere("P2", 1), 404),
        (Operation::CancelAtMerchant, Value::Null, 404),
    ];
    answered(bodies, &host.adyen_sandbox(), "ad_unknown", &unknown).await
}

async fn a_hold(bodies: Bodies) -> Outcome {
    let host = start().await;
    let adyen = host.adyen_sandbox();
    let total = total_of(&host.adyen()).await;
    let amount = |cents: i64| json!({"amount": {"value": cents, "currency": "USD"}});
    let calls = [
        (Operation::Session, merchant_session(ITEM), 200),
        (Operation::Commit, amount(total - 1), 422),
        (Operation::Commit, amount(total), 200),
        (Operation::Finalize, refused_elsewhere("P1"), 204),
        (Operation::Session, json!({}), 200),
        (Operation::Commit, amount(total), 200),
        (Operation::Finalize, paid_elsewhere("P2", total - 1), 409),
        (Operation::Finalize, paid_elsewhere("P2", total), 204),
        (Operation::Commit, amount(total), 200),
        (Operation::CancelAtMerchant, Value::Null, 409),
    ];
    answered(bodies, &adyen, "ad_1", &calls).await
}

async fn a_token_of_adyen(bodies: Bodies) -> Outcome {
    let host = start().await;
    let adyen = host.adyen_sandbox().advanced();
    let total = total_of(&host.adyen()).await;
    for (session, card, status) in [
        ("ad_1", "pm_card_adyen", 204),
        ("ad_2", "pm_card_chargeDeclined", 422),
        ("ad_3", "pm_card_pending", 200),
    ] {
        let token = host.adyen().token_of(card, session, total).await;
        let payment = json!({"payment_data": {"provider": "adyen", "token": token}});
        let calls = [
            (Operation::Session, merchant_session(ITEM), 200),
            (Operation::Token, payment, status),
        ];
        answered(bodies, &adyen, session, &calls).await?;
    }
    Ok(())
}

/// What the item costs Jane.
async fn total_of(agent: &Adyen<'_>) -> i64 {
    agent.ready(ITEM).await.total("total")
}
