//! Downloads in a shop with taxes: the tax depends on where the buyer is, so that the checkout asks for a country.

use serde_json::{Value, json};
use tillhouse_tests::eventually::{assert_charged_once, assert_not_charged, fast_timings};
use tillhouse_tests::{HttpResponse, Merchant, Protocol, TestHost, fixtures};

const CATALOG: &str = "id,title,price,availability,shipping_type\nsong,Song,10.00 EUR,in_stock,digital\n";

async fn start() -> TestHost {
    let merchant = Merchant::named("demo").catalog(CATALOG).set("currency = \"eur\"");
    TestHost::builder()
        .timings(fast_timings())
        .merchant(merchant)
        .start()
        .await
}

/// An address of which only the country is known.
fn somewhere_in(country: &str) -> Value {
    json!({"name": "", "line_one": "", "city": "", "state": "", "country": country, "postal_code": ""})
}

/// A session of which nothing is known but the item.
async fn opened(host: &TestHost, protocol: Protocol) -> HttpResponse {
    let opened = protocol
        .creation(host, &protocol.cart(&[("song", 1)], "eur"))
        .send()
        .await;
    let opened = opened.is(protocol.not_ready());
    assert_eq!((opened.total("tax"), opened.total("total")), (0, 1000), "{protocol:?}");
    let missing = opened.message("missing");
    assert_eq!(missing["param"], protocol.address_field("country"), "{protocol:?}");
    assert!(missing["content"].as_str().unwrap().contains("tax"), "{missing}");
    opened
}

#[tokio::test]
async fn a_country_is_enough_to_be_taxed_and_to_pay() {
    for protocol in Protocol::ALL {
        let host = start().await;
        let session = opened(&host, protocol).await;
        for (country, tax) in [("DE", 190), ("CH", 0), ("FR", 200)] {
            let address = protocol.delivery(&somewhere_in(country));
            let session = protocol.update(&host, session.id(), &address).await.expect(200);
            let session = session.is("ready_for_payment");
            assert_eq!(
                (session.total("tax"), session.total("total")),
                (tax, 1000 + tax),
                "{protocol:?}"
            );
        }
        let token = host.token_in("pm_card_visa", 1200, "eur").await;
        let paid = protocol.pay(&host, session.id(), &protocol.payment(&token)).await;
        let _ = paid.expect(200).is("completed");
        assert_charged_once(&host, 1200).await;
    }
}

/// The buyer pays the tax only after it was shown: the first payment with a billing address is refused with the new total.
#[tokio::test]
async fn the_billing_address_of_a_payment_decides_and_the_tax_is_shown_before_it_is_paid() {
    for protocol in Protocol::ALL {
        let host = start().await;
        let session = opened(&host, protocol).await;
        let token = host.token_in("pm_card_visa", 1190, "eur").await;
        let unbilled = protocol.pay(&host, session.id(), &protocol.payment(&token)).await;
        assert_eq!(unbilled.status / 100, 4, "{protocol:?}: {}", unbilled.text());

        let billed = protocol.payment_billed_to(&token, "DE");
        for _ in 0..2 {
            let refused = protocol.pay(&host, session.id(), &billed).await;
            let refused = refused.refused(409, "conflict");
            assert!(refused.text().contains("11.90 EUR"), "{protocol:?}: {}", refused.text());
        }
        assert_not_charged(&host);

        let shown = protocol.retrieve(&host, session.id()).await.expect(200);
        let shown = shown.is("ready_for_payment");
        assert_eq!((shown.total("tax"), shown.total("total")), (190, 1190), "{protocol:?}");
        let paid = protocol.pay(&host, session.id(), &billed).await;
        let _ = paid.expect(200).is("completed");
        assert_charged_once(&host, 1190).await;
    }
}

#[tokio::test]
async fn the_place_of_delivery_counts_more_than_the_billing_address() {
    for protocol in Protocol::ALL {
        let host = start().await;
        let address = somewhere_in("FR");
        let session = protocol.create(&host, &[("song", 1)], "eur", &address).await;
        let session = session.is("ready_for_payment");
        let token = host.token_in("pm_card_visa", 1200, "eur").await;
        let billed = protocol.payment_billed_to(&token, "DE");
        let _ = protocol
            .pay(&host, session.id(), &billed)
            .await
            .expect(200)
            .is("completed");
        assert_charged_once(&host, 1200).await;
    }
}

/// Switzerland is not in the table of taxes, so that the total stays what was shown.
#[tokio::test]
async fn a_billing_address_that_changes_nothing_pays_at_once() {
    let fixed = fixtures::address_in("CH", "", "8001");
    for protocol in Protocol::ALL {
        let host = start().await;
        let session = protocol.create(&host, &[("song", 1)], "eur", &fixed).await;
        let token = host.token_in("pm_card_visa", 1000, "eur").await;
        let billed = protocol.payment_billed_to(&token, "CH");
        let _ = protocol
            .pay(&host, session.id(), &billed)
            .await
            .expect(200)
            .is("completed");
        assert_charged_once(&host, 1000).await;
    }
}
