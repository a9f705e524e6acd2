//! Prices that include tax: what was shown is paid, through every protocol.

use serde_json::json;
use tillhouse_tests::{HttpResponse, Merchant, Protocol, Shared, TestHost, fixtures};

/// Downloads, so that no shipping is added. The last one has a price without tax.
const CATALOG: &str = "id,title,price,availability,tax_behavior,shipping_type\n\
    album,Album,9.99 EUR,in_stock,inclusive,digital\n\
    cent,Cent,0.01 EUR,in_stock,inclusive,digital\n\
    score,Score,9.99 EUR,in_stock,exclusive,digital\n";

const CODES: &str = r#"
[discounts.TENTH]
percent = 10

[discounts.ONEOFF]
amount = 100
currency = "EUR"
on = "order"
"#;

static HOST: Shared = Shared::of(|| {
    let merchant = Merchant::named("demo").catalog(CATALOG).shop(CODES);
    TestHost::builder().merchant(merchant.set("currency = \"eur\""))
});

async fn ready(host: &TestHost, protocol: Protocol, items: &[(&str, u32)]) -> HttpResponse {
    let berlin = fixtures::address_in("DE", "", "10115");
    let session = protocol.create(host, items, "eur", &berlin).await;
    assert_eq!(session.status / 100, 2, "{}", session.text());
    session.is("ready_for_payment")
}

/// Captured charges of an amount in the acquirer's ledger.
fn charges_of(host: &TestHost, amount: i64) -> usize {
    let captures = host.sandbox.acquirer.ledger().captures();
    captures
        .iter()
        .filter(|charge| charge.amount_captured == amount)
        .count()
}

/// 3 × 9.99 at 19 %: 29.97, of which 4.79 is tax. The unit price is shown without tax and rounded.
#[tokio::test]
async fn three_times_nine_ninety_nine_is_twenty_nine_ninety_seven_everywhere() {
    let host = HOST.get().await;
    for protocol in Protocol::ALL {
        let session = ready(host, protocol, &[("album", 3)]).await;
        for (kind, amount) in [
            ("items_base_amount", 2518),
            ("subtotal", 2518),
            ("fulfillment", 0),
            ("tax", 479),
            ("total", 2997),
        ] {
            assert_eq!(session.total(kind), amount, "{protocol:?}: {kind}");
        }
        let line = &session["line_items"][0];
        let unit = line["unit_amount"].as_i64().or(line["item"]["unit_amount"].as_i64());
        let unit = unit.or(line["base_amount"].as_i64().map(|base| base / 3));
        assert_eq!(unit, Some(839), "{protocol:?}: {line:#}");

        let before = charges_of(host, 2997);
        let token = host.token_in("pm_card_visa", 2997, "eur").await;
        let paid = protocol.pay(host, session.id(), &protocol.payment(&token)).await;
        let _ = paid.expect(200).is("completed");
        assert_eq!(charges_of(host, 2997), before + 1, "{protocol:?}");
    }
}

#[tokio::test]
async fn discounts_come_off_what_was_shown() {
    let host = HOST.get().await;
    for (codes, total) in [
        (json!(["TENTH"]), 2697),
        (json!(["ONEOFF"]), 2897),
        (json!(["TENTH", "ONEOFF"]), 2597),
    ] {
        let mut totals = Vec::new();
        for protocol in [Protocol::ALL[1], Protocol::StripeAcs] {
            let session = ready(host, protocol, &[("album", 3)]).await;
            let coded = json!({"discounts": {"codes": codes}});
            let session = protocol.update(host, session.id(), &coded).await.expect(200);
            assert_eq!(session.total("total"), total, "{protocol:?}: {codes}");
            totals.push(session.total("tax"));
        }
        assert_eq!(totals[0], totals[1], "{codes}: the tax depends on the protocol");
        // The tax in 26.97, 28.97 and 25.97.
        assert!((totals[0] - total * 19 / 119).abs() <= 1, "{codes}: {totals:?}");
    }
}

#[tokio::test]
async fn a_cart_of_both_kinds_of_prices_adds_each_in_its_own_way() {
    let host = HOST.get().await;
    for protocol in Protocol::ALL {
        let session = ready(host, protocol, &[("album", 1), ("score", 1), ("cent", 1)]).await;
        // 9.99 and 0.01 as shown, 9.99 with 1.90 on top. Of the cent nothing is tax.
        assert_eq!(session.total("tax"), 160 + 190, "{protocol:?}");
        assert_eq!(session.total("total"), 999 + 1 + 999 + 190, "{protocol:?}");
    }
}

#[tokio::test]
async fn where_no_tax_is_due_the_price_stays_what_was_shown() {
    let host = HOST.get().await;
    for protocol in Protocol::ALL {
        let zurich = fixtures::address_in("CH", "", "8001");
        let session = protocol.create(host, &[("album", 3)], "eur", &zurich).await;
        let session = session.is("ready_for_payment");
        assert_eq!(
            (session.total("tax"), session.total("total")),
            (0, 2997),
            "{protocol:?}"
        );
    }
}
