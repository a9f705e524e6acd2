//! Calls, their usage, and the files beside the tests.

use tillhouse_harness::generate::any_cart;
use tillhouse_harness::prelude::*;
use tillhouse_harness::quote::NotQuoted;
use tillhouse_harness::run;
use tillhouse_plugin::inventory::ReserveOutcome;
use tillhouse_plugin::payments::{CaptureOutcome, RefundLookup, VoidLookup, VoidOutcome};
use tillhouse_plugin::types::{Agent, Cart};

use crate::{CARELESS, HOSTILE, failure};

#[test]
fn a_call_answers_in_the_types_of_the_sdk() {
    run(CARELESS, async |env: Env| {
        let priced = env
            .pricing()
            .price(cart().line("tee", 2).line("nothing", 1).code("X"))
            .await
            .unwrap();
        assert_eq!(
            (priced.lines[0].unit_price, priced.unknown.as_slice()),
            (25_00, &["line_2".to_owned()][..])
        );
        assert_eq!(priced.rejected[0].reason, "discount_code_invalid");
        let taxed = env
            .tax()
            .assess(cart().line("tee", 2).to(address::us("CA")), 25_00)
            .await
            .unwrap();
        assert_eq!(line_tax(&taxed, "line_1"), Some(5_00));
        let order = env
            .orders()
            .identify(cart().line("tee", 1), money(25_00, "usd"))
            .await
            .unwrap();
        assert_eq!(order.id, "order_test");
    });
}

#[test]
fn a_whole_quote_has_the_amounts_that_a_host_computes() {
    run(CARELESS, async |env: Env| {
        env.item(item("cap", "9.99 USD"));
        let quote = env
            .quote(cart().line("tee", 2).line("cap", 3).to(address::us("CA")))
            .await
            .unwrap();
        assert_eq!(quote.line("line_1"), net(50_00).tax(5_00));
        assert_eq!(quote.line("line_2"), gross(32_97).net(29_97).tax(3_00));
        assert_eq!(quote.option("standard"), net(5_99).tax(0));
        assert_eq!(quote.totals().total, 93_96);
        let unknown = env.quote(cart().line("nothing", 1)).await.unwrap_err();
        assert!(matches!(unknown, NotQuoted::Rejected(_)), "{unknown}");
    });
}

#[test]
fn prices_that_include_tax_stay_what_was_shown() {
    run(CARELESS, async |env: Env| {
        env.catalog("").item(item("tee", "9.99 USD").tax_included());
        let quote = env.quote(cart().line("tee", 3).to(address::us("CA"))).await.unwrap();
        assert_eq!(quote.line("line_1"), gross(29_97).tax(2_72));
    });
}

#[test]
fn lookups_captures_and_notices_are_called_in_the_types_of_the_sdk() {
    run(CARELESS, async |env: Env| {
        env.config("notice-key", "k1");
        let acquirer = env.upstream("acquirer");
        let _ = acquirer
            .expect(get("/v1/charges/ch_1"))
            .reply(200, json!({"status": "voided"}));
        let _ = acquirer
            .expect(get("/v1/refunds").query("reference", "ref_test"))
            .reply(200, json!({"data": []}));
        let _ = acquirer
            .expect(post("/v1/charges/ch_1/capture"))
            .reply(200, json!({"status": "captured"}));
        let payments = env.payments();
        assert_eq!(
            payments.lookup_void("ch_1").await.unwrap(),
            VoidLookup::Found(VoidOutcome::Voided)
        );
        let refund = payments.lookup_refund("ch_1", money(10_00, "usd")).await.unwrap();
        assert_eq!(refund, RefundLookup::Absent);
        let captured = payments.capture("ch_1", money(45_98, "usd")).await.unwrap();
        assert_eq!(captured, CaptureOutcome::Captured);
        let signed = [("careless-signature", "k1")];
        let read = payments.notice(&signed, "evt_1").await.unwrap();
        assert_eq!(
            (read.events[0].id.as_str(), read.reply.unwrap().body),
            ("evt_1", b"[accepted]".to_vec())
        );
        let changed = env.orders().notice(&signed, "evt_2").await.unwrap();
        assert_eq!((changed.changes[0].id.as_str(), changed.reply), ("evt_2", None));
        assert!(matches!(payments.notice(&[], "evt_1").await, Err(Failure::Rejected(_))));
    });
}

#[test]
fn a_plugin_sees_the_agent_and_the_time_zone_that_a_test_sets() {
    run(CARELESS, async |env: Env| {
        let price = || {
            env.pricing()
                .price(cart().line("tee", 1).extension("echo-context", "true"))
        };
        let partner = Agent {
            name: Some("Acme Shopper".into()),
            proven: true,
            ..Agent::default()
        };
        env.agent(partner).time_zone("Europe/Berlin");
        let echoed = price().await.unwrap().extensions;
        assert_eq!(
            echoed,
            [("context".to_owned(), "Acme Shopper, proven, Europe/Berlin".to_owned())]
        );
    });
}

#[test]
fn staged_data_is_committed_and_can_be_read() {
    run(CARELESS, async |env: Env| {
        let reserve = || {
            env.inventory()
                .reserve("r1", cart().line("tee", 3))
                .operation(&operation("1"))
        };
        assert_eq!(reserve().await.unwrap(), ReserveOutcome::Reserved);
        assert_eq!(env.counter("sold/tee"), -3);
        assert_eq!(env.kv(), [("reservation/r1".to_owned(), b"held".to_vec())]);
        let stock = env.inventory().check(cart().line("tee", 1)).await.unwrap();
        assert_eq!(stock[0].available, Some(7));
        env.set_counter("sold/tee", -10);
        let stock = env.inventory().check(cart().line("tee", 1)).await.unwrap();
        assert_eq!(stock[0].available, Some(0));
    });
}

#[test]
fn a_change_between_two_calls_is_in_force_for_the_second() {
    run(CARELESS, async |env: Env| {
        let price = || env.pricing().price(cart().line("cap", 1));
        assert_eq!(price().await.unwrap().unknown, ["line_1"]);
        env.item(item("cap", "12.50 USD").stock(1));
        assert_eq!(price().await.unwrap().lines[0].unit_price, 12_50);
        env.catalog("id,title,price,availability\ncap,Cap,1400 JPY,in_stock\n")
            .currency("JPY");
        assert_eq!(price().await.unwrap().lines[0].unit_price, 1400);
    });
}

#[test]
fn instructions_are_the_same_each_time_and_every_bound_is_judged() {
    run(CARELESS, async |env: Env| {
        let price = || env.pricing().price(cart().line("tee", 2));
        price().await.unwrap();
        let first = env.usage();
        price().await.unwrap();
        assert_eq!(env.usage(), first);
        assert!(first.instructions > 1_000 && first.memory_bytes > 0, "{first:?}");
        assert_eq!(env.total_usage().instructions, 2 * first.instructions);
        first.assert_under(instructions(first.instructions), mib(8), calls(0));
    });
    let said = failure(CARELESS, async |env: Env| {
        env.pricing().price(cart().line("tee", 2)).await.unwrap();
        env.usage().assert_under(instructions(10), mib(8), calls(0));
    });
    assert!(
        said.starts_with("pricing.price used too much:\n  - ") && said.ends_with("at most 10"),
        "{said}"
    );
}

#[test]
fn a_fixture_is_an_argument_and_a_golden_file_an_answer() {
    run(CARELESS, async |env: Env| {
        let cart: Cart = env.fixture("cart.json");
        let priced = env.pricing().price(cart).await.unwrap();
        env.golden("priced-cart", &priced);
        env.usage().assert_locked("pricing.price, two lines");
    });
}

#[test]
fn a_property_that_does_not_hold_is_shown_by_a_small_example() {
    let said = failure(HOSTILE, async |env: Env| {
        env.for_all(40, any_cart(&["tee"]), async |cart: Cart| {
            let quantity: u32 = cart.lines.iter().map(|line| line.quantity).max().unwrap_or(0);
            env.pricing()
                .price(cart)
                .await
                .map_err(|failure| format!("{failure:?}"))?;
            if quantity < 100 {
                Ok(())
            } else {
                Err("too many".to_owned())
            }
        })
        .await;
    });
    assert!(
        said.starts_with("too many\nfor Cart") && said.matches("item:").count() == 1,
        "{said}"
    );
    assert!(
        said.contains("codes: []") && said.contains("destination: None"),
        "{said}"
    );
}

#[test]
fn a_function_can_be_called_by_its_name_with_json() {
    run(CARELESS, async |env: Env| {
        let lines = json!([{"id": "l1", "item": "mug", "quantity": 1}]);
        let answer = env
            .call("pricing.price", json!({"cart": {"lines": lines}}))
            .await
            .unwrap();
        assert_eq!(answer["lines"][0]["unit_price"], 15_00);
    });
}
