//! A total of zero leads to an order without a charge: no token is checked or resolved, and nothing is charged or reported.

use serde_json::json;
use tillhouse_tests::{Builder, HttpResponse, Merchant, Release, TestHost};
use tokio::task::JoinSet;

use super::eventually::{assert_charged_once, assert_not_charged, fast_timings, wait_until};

const CATALOG: &str = "id,title,description,link,image_link,availability,price,inventory_quantity,shipping_type\n\
    song,Song,A song.,https://s.example/song,https://s.example/i,in_stock,9.00 USD,,digital\n\
    sample,Sample,Free.,https://s.example/sample,https://s.example/i,in_stock,0.00 USD,,digital\n\
    last-sample,Last sample,Free.,https://s.example/last,https://s.example/i,in_stock,0.00 USD,1,digital\n";

const CODES: &str = r#"
[discounts.ALLOFF]
percent = 100

[discounts.NINEOFF]
amount = 900
currency = "USD"
on = "order"
"#;

fn merchant() -> Merchant {
    Merchant::named("demo").catalog(CATALOG).shop(CODES).untaxed()
}

fn builder() -> Builder {
    TestHost::builder()
        .timings(fast_timings())
        .merchant(merchant().webhook("agent", Release::V2026_04_17, &[]))
}

/// Asserts that Stripe got no request for a token, and that nothing was charged or reported once all pending messages were
/// delivered.
async fn nothing_moved(host: &TestHost, orders: usize) {
    wait_until("the events of every order are delivered", async || {
        host.clock.advance(std::time::Duration::from_millis(100));
        host.sandbox.receiver.events().len() >= orders
    })
    .await;
    assert_not_charged(host);
    assert_eq!(host.charges(), 0);
    assert_eq!(host.sandbox.receiver.events().len(), orders);
    let asked = host.sandbox.stripe.requests();
    for (operation, count) in &asked {
        // Issuing is a call of the agent.
        assert!(
            *count == 0 || operation.contains("test_helpers"),
            "{operation}: {asked:?}"
        );
    }
}

#[track_caller]
fn ordered(answer: HttpResponse) -> HttpResponse {
    let done = answer.expect(200).is("completed");
    assert!(done["order"]["id"].is_string(), "{}", done.text());
    done
}

#[tokio::test]
async fn an_item_for_nothing_is_ordered_without_a_charge_in_every_release() {
    for release in [Release::V2025_09_29, Release::V2026_04_17] {
        let host = builder().start().await;
        let agent = host.acp(release);
        let session = agent.open(&[("sample", 2)]).await.is("ready_for_payment");
        assert_eq!(session.total("total"), 0);
        let token = host.token(100).await;
        let completion = agent.completion(session.id(), &token).key("k-free");
        let done = ordered(completion.clone().send().await);
        let replay = completion.clone().send().await.expect(200);
        assert!(replay.is_replay());
        assert_eq!(replay.body, done.body);
        nothing_moved(&host, 1).await;
    }
}

#[tokio::test]
async fn a_code_that_takes_everything_off_leaves_an_order_without_a_charge() {
    for code in ["ALLOFF", "NINEOFF"] {
        let host = builder().start().await;
        let agent = host.acp(Release::V2026_04_17);
        let session = agent.open(&[("song", 1)]).await;
        let coded = agent
            .update(session.id(), &json!({"discounts": {"codes": [code]}}))
            .await
            .expect(200)
            .is("ready_for_payment");
        assert_eq!(coded.total("total"), 0);
        let _ = ordered(agent.complete(session.id(), &host.token(900).await).await);
        nothing_moved(&host, 1).await;
    }
}

#[tokio::test]
async fn stripe_confirms_what_costs_nothing_and_a_repeat_is_the_same_order() {
    let host = builder().start().await;
    let stripe = host.stripe_acs();
    let checkout = stripe.open(&[("sample", 1)]).await.is("ready_for_payment");
    let (token, other) = (host.token(100).await, host.token(100).await);
    let done = ordered(stripe.confirm(checkout.id(), &token).await);
    for again in [&token, &other] {
        let repeated = ordered(stripe.confirm(checkout.id(), again).await);
        assert_eq!(repeated["order"]["id"], done["order"]["id"]);
    }
    nothing_moved(&host, 1).await;
}

#[tokio::test]
async fn the_token_of_an_order_without_a_charge_is_not_checked_and_stays_usable() {
    let host = builder().start().await;
    let agent = host.acp(Release::V2026_04_17);
    let token = host.token(900).await;
    for token in [token.as_str(), "spt_that_stripe_does_not_know"] {
        let session = agent.open(&[("sample", 1)]).await;
        let _ = ordered(agent.complete(session.id(), token).await);
    }
    nothing_moved(&host, 2).await;
    let paid = agent.open(&[("song", 1)]).await;
    let _ = ordered(agent.complete(paid.id(), &token).await);
    assert_charged_once(&host, 900).await;
    // A used-up token does not prevent an order that costs nothing.
    let session = agent.open(&[("sample", 1)]).await;
    let _ = ordered(agent.complete(session.id(), &token).await);
    assert_charged_once(&host, 900).await;
}

#[tokio::test]
async fn a_declined_checkout_that_costs_nothing_later_is_ordered_with_the_same_token() {
    let host = builder().start().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.open(&[("song", 1)]).await;
    let token = host.token_of("pm_card_chargeDeclined", 900).await;
    let _ = agent
        .complete(session.id(), &token)
        .await
        .refused(402, "payment_declined");
    let coded = agent
        .update(session.id(), &json!({"discounts": {"codes": ["ALLOFF"]}}))
        .await
        .expect(200);
    assert_eq!(coded.total("total"), 0);
    let _ = ordered(agent.complete(session.id(), &token).await);
    assert_not_charged(&host);
}

#[tokio::test]
async fn a_shop_without_a_processor_gives_away_what_costs_nothing() {
    let shop = merchant().without_processor();
    let host = TestHost::builder().timings(fast_timings()).merchant(shop).start().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.open(&[("sample", 1)]).await;
    let _ = ordered(agent.complete(session.id(), &host.token(100).await).await);
}

#[tokio::test]
async fn sixty_four_orders_of_the_last_free_piece_are_one() {
    let host = builder().set("plugins.queue_wait_ms = 30000").start().await;
    let agent = host.acp(Release::V2026_04_17);
    let mut running = JoinSet::new();
    for _ in 0..64 {
        let session = agent.open(&[("last-sample", 1)]).await;
        running.spawn(agent.completion(session.id(), "spt_any").send());
    }
    let answers = running.join_all().await;
    let made = answers.iter().filter(|answer| answer["status"] == "completed").count();
    assert_eq!(made, 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(answer.status, 409, "{}", answer.text());
    }
    nothing_moved(&host, 1).await;
}

#[tokio::test]
async fn an_order_without_a_charge_survives_the_host() {
    let mut host = builder().start().await;
    let session = host.acp(Release::V2026_04_17).open(&[("last-sample", 1)]).await;
    let completion = host
        .acp(Release::V2026_04_17)
        .completion(session.id(), "spt_any")
        .key("k-free");
    let done = ordered(completion.clone().send().await);
    host.crash().await;
    let agent = host.acp(Release::V2026_04_17);
    let again = agent.completion(session.id(), "spt_any").key("k-free").send().await;
    assert!(again.is_replay());
    assert_eq!(again["order"]["id"], done["order"]["id"]);
    let _ = agent.retrieve(session.id()).await.expect(200).is("completed");
    nothing_moved(&host, 1).await;
}
