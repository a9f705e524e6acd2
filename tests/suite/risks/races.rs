//! Races: whichever request wins, money moves once and stock is sold once.

use serde_json::json;
use tillhouse_sandbox::acquirer::Operation;
use tillhouse_tests::{Builder, HttpResponse, Merchant, Release, Request, TestHost, fixtures};
use tokio::task::JoinSet;

use super::eventually::{
    assert_charged_once, assert_not_charged, fast_timings, wait_for_payment_records, wait_for_status, wait_until,
};

/// A long queue wait, so that many concurrent requests wait for a permit instead of being rejected.
fn builder() -> Builder {
    TestHost::builder()
        .timings(fast_timings())
        .set("plugins.queue_wait_ms = 30000")
}

async fn host() -> TestHost {
    builder().start().await
}

/// Sends all requests concurrently.
async fn stampede(requests: Vec<Request>) -> Vec<HttpResponse> {
    let mut running = JoinSet::new();
    for request in requests {
        running.spawn(request.send());
    }
    running.join_all().await
}

fn count(answers: &[HttpResponse], of: impl Fn(&HttpResponse) -> bool) -> usize {
    answers.iter().filter(|answer| of(answer)).count()
}

#[tokio::test]
async fn sixty_four_payments_of_one_checkout_charge_once() {
    let host = host().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("tee-classic", 1)]).await;
    let total = session.total("total");
    let mut requests = Vec::new();
    for _ in 0..64 {
        requests.push(agent.completion(session.id(), &host.token(total).await));
    }
    let answers = stampede(requests).await;

    let completed = count(&answers, |answer| {
        answer.status == 200 && answer["status"] == "completed"
    });
    assert_eq!(
        completed,
        1,
        "{:?}",
        answers.iter().map(HttpResponse::text).collect::<Vec<_>>()
    );
    assert_eq!(count(&answers, |answer| answer.status == 409), 63);
    let orders: Vec<_> = answers
        .iter()
        .filter_map(|answer| answer["order"]["id"].as_str())
        .collect();
    assert_eq!(orders.len(), 1);
    let shown = agent.retrieve(session.id()).await.is("completed");
    assert_eq!(shown["order"]["id"], orders[0]);
    assert_eq!(
        host.charges(),
        1,
        "expected one charge, counting declined and voided ones"
    );
    assert_charged_once(&host, total).await;
    let _ = wait_for_payment_records(&host, 1).await;
}

#[tokio::test]
async fn sixty_four_confirms_of_stripe_with_one_token_charge_once() {
    let host = host().await;
    let stripe = host.stripe_acs();
    let checkout = stripe.ready(&[("tee-classic", 1)]).await;
    let token = host.token(checkout.total("total")).await;
    let confirm = stripe.confirmation(checkout.id(), &token);
    let answers = stampede(vec![confirm; 64]).await;

    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert!(count(&answers, |answer| answer["status"] == "completed") >= 1);
    let mut orders: Vec<_> = answers
        .iter()
        .filter_map(|answer| answer["order"]["id"].as_str())
        .collect();
    orders.sort_unstable();
    orders.dedup();
    assert_eq!(orders.len(), 1, "expected the same order in every response");
    assert_eq!(host.charges(), 1);
    assert_charged_once(&host, checkout.total("total")).await;
}

#[tokio::test]
async fn one_key_sent_sixty_four_times_has_one_effect_and_one_answer() {
    let host = host().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("tee-classic", 1)]).await;
    let token = host.token(session.total("total")).await;
    let request = agent.completion(session.id(), &token).key("the-one-key");
    let answers = stampede(vec![request.clone(); 64]).await;

    let first: Vec<_> = answers.iter().filter(|answer| !answer.is_replay()).collect();
    assert_eq!(first.len(), 1);
    for answer in &answers {
        assert_eq!(
            (answer.status, &answer.body),
            (200, &first[0].body),
            "{}",
            answer.text()
        );
    }
    let replay = request.send().await.expect(200);
    assert!(replay.is_replay());
    assert_eq!(replay.body, first[0].body);
    assert_eq!(host.charges(), 1);
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn one_key_sent_sixty_four_times_creates_one_session() {
    let host = host().await;
    let agent = host.acp(Release::V2026_04_17);
    let body = fixtures::cart(Release::V2026_04_17, &[("tee-classic", 1)]);
    let request = agent.post("/checkout_sessions").json(&body).key("create-once");
    let answers = stampede(vec![request; 64]).await;
    let mut ids: Vec<_> = answers.iter().filter_map(|answer| answer["id"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let fresh = count(&answers, |answer| answer.status == 201 && !answer.is_replay());
    assert_eq!(fresh, 1);
    assert!(answers.iter().all(|answer| answer.status == 201));
}

/// A code that may be used once, in six checkouts of a download: nothing is out of stock.
#[tokio::test]
async fn buyers_who_lose_the_last_use_of_a_code_are_told_that_it_is_the_code() {
    let shop = Merchant::named("demo").shop("discounts.FIRST5.usage-limit = 1");
    let host = builder().merchant(shop).start().await;
    let agent = host.acp(Release::V2026_04_17);
    let code = json!({"discounts": {"codes": ["FIRST5"]}});
    let mut requests = Vec::new();
    for _ in 0..6 {
        let session = agent.ready(&[("tee-classic", 1)]).await;
        let session = agent
            .update(session.id(), &code)
            .await
            .expect(200)
            .is("ready_for_payment");
        let token = host.token(session.total("total")).await;
        requests.push(agent.completion(session.id(), &token));
    }
    let answers = stampede(requests).await;
    assert_eq!(count(&answers, |answer| answer["status"] == "completed"), 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        match answer["code"].as_str() {
            // The payment of another came between its quote and its commit, or before its quote.
            Some("discount_code_usage_limit_reached") => assert_eq!(answer["param"], "$.discounts.codes[0]"),
            Some("conflict") => {
                let told = answer["message"].as_str().unwrap_or_default();
                assert!(told.contains("the total has changed"), "{told}");
            }
            _ => panic!("{} {}", answer.status, answer.text()),
        }
        assert_eq!(answer.status, 409);
    }
}

const RARE: &str = "id,title,description,link,image_link,availability,price,inventory_quantity,weight\n\
    rare,Rare,Only five.,https://shop.example/p/rare,https://shop.example/i/rare.jpg,in_stock,10.00 USD,5,100 g\n";

#[tokio::test]
async fn thirty_two_buyers_of_five_pieces_get_five() {
    let shop = Merchant::named("demo").catalog(RARE);
    let host = builder().merchant(shop).start().await;
    let agent = host.acp(Release::V2026_04_17);
    let mut requests = Vec::new();
    for _ in 0..32 {
        let session = agent.ready(&[("rare", 1)]).await;
        let token = host.token(session.total("total")).await;
        requests.push(agent.completion(session.id(), &token));
    }
    let answers = stampede(requests).await;

    let texts = || {
        answers
            .iter()
            .map(|answer| format!("{} {}", answer.status, answer.text()))
            .collect::<Vec<_>>()
    };
    assert_eq!(count(&answers, |answer| answer.status == 200), 5, "{:#?}", texts());
    assert_eq!(count(&answers, |answer| answer.status == 409), 27, "{:#?}", texts());
    assert_eq!(host.sandbox.acquirer.ledger().captures().len(), 5);
    assert_eq!(host.charges(), 5);
    let sold_out = agent.open(&[("rare", 1)]).await;
    assert_eq!(sold_out.message("out_of_stock")["type"], "error");
}

#[tokio::test]
async fn a_checkout_cannot_be_changed_or_canceled_while_it_is_paid() {
    let host = host().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("tee-classic", 1)]).await;
    let total = session.total("total");
    let token = host.token(total).await;
    let hold = host.sandbox.acquirer.hold(Operation::Charge);
    let paying = tokio::spawn(agent.completion(session.id(), &token).send());
    hold.arrived(1).await;

    let items = json!({"line_items": [{"id": "headphones-pro", "quantity": 1}]});
    let _ = agent.update(session.id(), &items).await.expect(409);
    let canceled = agent.cancel(session.id()).await;
    assert!([405, 409].contains(&canceled.status), "{}", canceled.text());
    let other = host.token(total).await;
    let _ = agent.complete(session.id(), &other).await.expect(409);
    hold.release();

    let _ = paying.await.unwrap().expect(200).is("completed");
    let shown = agent.retrieve(session.id()).await;
    assert_eq!(shown["line_items"], session["line_items"]);
    assert_eq!(host.charges(), 1);
    assert_charged_once(&host, total).await;
}

#[tokio::test]
async fn changes_that_race_a_payment_come_before_it_or_not_at_all() {
    for round in 0..10 {
        let host = host().await;
        let agent = host.acp(Release::V2026_04_17);
        let session = agent.ready(&[("tee-classic", 1)]).await;
        let token = host.token(session.total("total")).await;
        let more = json!({"line_items": [{"id": "tee-classic", "quantity": 2}]});
        let update = agent.post(&format!("/checkout_sessions/{}", session.id())).json(&more);
        let (changed, paid) = tokio::join!(update.send(), agent.complete(session.id(), &token));
        let shown = agent.retrieve(session.id()).await;
        if paid.status == 200 {
            let shown = wait_for_status(&host, session.id(), "completed").await;
            assert_charged_once(&host, shown.total("total")).await;
            assert_eq!(
                shown.total("total"),
                session.total("total"),
                "charged for what was confirmed"
            );
            assert_ne!(changed.status, 500, "round {round}: {}", changed.text());
        } else {
            assert!([400, 409].contains(&paid.status), "round {round}: {}", paid.text());
            assert_eq!(
                changed.status,
                200,
                "expected exactly one success: {}\n{}",
                changed.text(),
                paid.text()
            );
            assert_not_charged(&host);
            let _ = shown.is("ready_for_payment");
        }
    }
}

#[tokio::test]
async fn a_cancel_that_races_a_payment_wins_or_loses_whole() {
    for _ in 0..10 {
        let host = host().await;
        let agent = host.acp(Release::V2026_04_17);
        let session = agent.ready(&[("print-last", 1)]).await;
        let token = host.token(session.total("total")).await;
        let (canceled, paid) = tokio::join!(agent.cancel(session.id()), agent.complete(session.id(), &token));
        match (canceled.status, paid.status) {
            (200, _) => {
                let _ = agent.retrieve(session.id()).await.is("canceled");
                assert_ne!(paid.status, 200, "{}", paid.text());
                assert_not_charged(&host);
                wait_until("the last print is available again", async || {
                    agent.open(&[("print-last", 1)]).await["messages"]
                        .to_string()
                        .find("out_of_stock")
                        .is_none()
                })
                .await;
            }
            (_, 200) => {
                let _ = agent.retrieve(session.id()).await.is("completed");
                assert_charged_once(&host, session.total("total")).await;
            }
            _ => panic!("neither request won: {}\n{}", canceled.text(), paid.text()),
        }
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_changes_nothing() {
    let host = host().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("tee-classic", 1)]).await;
    let token = host.token(session.total("total")).await;
    let hold = host.sandbox.acquirer.hold(Operation::Charge);
    let paying = tokio::spawn(agent.completion(session.id(), &token).send());
    hold.arrived(1).await;
    paying.abort();
    assert!(paying.await.is_err());
    hold.release();
    let done = wait_for_status(&host, session.id(), "completed").await;
    assert!(done["order"]["id"].is_string());
    assert_charged_once(&host, session.total("total")).await;
}
