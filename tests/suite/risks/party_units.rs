//! Amounts in the units of the token's issuer: what is shown, granted, charged and recorded is one and the same money.

use serde_json::json;
use tillhouse_tests::{HttpResponse, Merchant, Protocol, Release, TestHost, fixtures};

use super::eventually::{assert_not_charged, fast_timings, wait_for_payment_records};

const PROTOCOLS: [Protocol; 2] = [Protocol::Acp(Release::V2026_04_17), Protocol::StripeAcs];

/// A shop that sells downloads without taxes in this currency.
async fn shop(currency: &str, rows: &str) -> TestHost {
    let catalog = format!("id,title,price,availability,shipping_type\n{rows}");
    let merchant = Merchant::named("demo").untaxed().catalog(&catalog);
    let merchant = merchant.set(&format!("currency = \"{currency}\""));
    TestHost::builder()
        .timings(fast_timings())
        .merchant(merchant)
        .start()
        .await
}

async fn open(protocol: Protocol, host: &TestHost, items: &[(&str, u32)], currency: &str) -> HttpResponse {
    let session = protocol.create(host, items, currency, &fixtures::address()).await;
    assert!(matches!(session.status, 200 | 201), "{}", session.text());
    session
}

/// One shop for each way in which Stripe counts: the price, the total in minor units of ISO 4217, and the same in Stripe's units.
const SAME_MONEY: [(&str, &str, i64, i64); 6] = [
    ("isk", "5000 ISK", 5000, 500_000),
    ("ugx", "5000 UGX", 5000, 500_000),
    ("mga", "5000 MGA", 500_000, 5000),
    ("jpy", "5000 JPY", 5000, 5000),
    ("kwd", "12.340 KWD", 12_340, 12_340),
    ("usd", "50.00 USD", 5000, 5000),
];

#[tokio::test]
async fn a_token_in_stripes_units_pays_and_the_record_is_in_them_over_every_protocol() {
    for (currency, price, minor, units) in SAME_MONEY {
        let host = shop(currency, &format!("song,Song,{price},in_stock,digital\n")).await;
        for (count, protocol) in PROTOCOLS.into_iter().enumerate() {
            let session = open(protocol, &host, &[("song", 1)], currency).await;
            let shown = if protocol == Protocol::StripeAcs { units } else { minor };
            assert_eq!(session.total("total"), shown, "{protocol:?} {currency}");
            let token = host.token_in("pm_card_visa", units, currency).await;
            let paid = protocol.pay(&host, session.id(), &protocol.payment(&token)).await;
            let _ = paid.expect(200).is("completed");
            let charge = host.sandbox.acquirer.ledger().charges()[count].amount;
            assert_eq!(
                charge, minor,
                "the processor counts in minor units: {protocol:?} {currency}"
            );
            let records = wait_for_payment_records(&host, count + 1).await;
            let record = &records[count];
            let recorded = (record.amount_requested.value, record.amount_guaranteed.value);
            assert_eq!(recorded, (units, units), "{protocol:?} {currency}");
        }
        host.stop().await;
    }
}

#[tokio::test]
async fn a_token_that_grants_less_than_the_total_in_stripes_units_is_refused() {
    for (currency, price, enough) in [
        ("isk", "5000 ISK", 500_000),
        ("mga", "5000 MGA", 5000),
        ("ugx", "5 UGX", 500),
    ] {
        let host = shop(currency, &format!("song,Song,{price},in_stock,digital\n")).await;
        for protocol in PROTOCOLS {
            let session = open(protocol, &host, &[("song", 1)], currency).await;
            let step = if currency == "mga" { 1 } else { 100 };
            let token = host.token_in("pm_card_visa", enough - step, currency).await;
            let paid = protocol.pay(&host, session.id(), &protocol.payment(&token)).await;
            let _ = paid.refused(400, "token_amount_exceeded");
        }
        assert_not_charged(&host);
        host.stop().await;
    }
}

#[tokio::test]
async fn a_total_that_stripe_takes_no_payment_of_is_not_ready_and_charges_nothing() {
    for (currency, price, code, words) in [
        ("kwd", "12.345 KWD", "unsupported", "0.010 KWD"),
        ("bhd", "0.001 BHD", "unsupported", "0.010 BHD"),
        ("mga", "50.50 MGA", "unsupported", "1.00 MGA"),
        ("usd", "1000000.00 USD", "maximum_exceeded", "999999.99 USD"),
        ("ugx", "1000000 UGX", "maximum_exceeded", "999999 UGX"),
    ] {
        let host = shop(currency, &format!("song,Song,{price},in_stock,digital\n")).await;
        for protocol in PROTOCOLS {
            let session = open(protocol, &host, &[("song", 1)], currency).await;
            let shown = session.is(protocol.not_ready());
            let message = shown.message(code);
            assert!(message["content"].as_str().unwrap().contains(words), "{message}");
            let token = host.token_in("pm_card_visa", 99_999_900, currency).await;
            let paid = protocol.pay(&host, shown.id(), &protocol.payment(&token)).await;
            assert_eq!(paid.status / 100, 4, "{}", paid.text());
            let again = protocol.retrieve(&host, shown.id()).await.expect(200);
            let _ = again.is(protocol.not_ready());
        }
        assert_not_charged(&host);
        assert!(
            host.sandbox
                .stripe
                .tokens()
                .iter()
                .all(|token| token.deactivated.is_none())
        );
        host.stop().await;
    }
}

#[tokio::test]
async fn a_cart_becomes_payable_when_its_total_is_one_that_stripe_takes() {
    let rows = "song,Song,12.345 KWD,in_stock,digital\npen,Pen,0.005 KWD,in_stock,digital\n";
    let host = shop("kwd", rows).await;
    let stripe = host.stripe_acs();
    let session = open(Protocol::StripeAcs, &host, &[("song", 1)], "kwd")
        .await
        .is("incomplete");
    let items = json!({"line_items": [{"sku_id": "song", "quantity": 1}, {"sku_id": "pen", "quantity": 1}]});
    let session = stripe
        .update(session.id(), &items)
        .await
        .expect(200)
        .is("ready_for_payment");
    assert_eq!(session.total("total"), 12_350);
    let token = host.token_in("pm_card_visa", 12_350, "kwd").await;
    let _ = stripe.confirm(session.id(), &token).await.expect(200).is("completed");
    let records = wait_for_payment_records(&host, 1).await;
    assert_eq!(records[0].amount_guaranteed.value, 12_350);
    host.stop().await;
}
