//! A completion pays the quote that was shown: an equal total of other parts is another one, and so is a lower total.

use std::time::Duration;

use tillhouse_tests::{Builder, HttpResponse, Merchant, Protocol, TestHost, fixtures};

use super::eventually::{assert_charged_once, assert_not_charged, fast_timings};

/// Songs with other prices from ten minutes after the start on: one dearer, one cheaper by as much.
const CATALOG: &str = "\
id,title,description,link,image_link,availability,price,sale_price,sale_price_effective_date,shipping_type
up,Up,A song.,https://s.example/up,https://s.example/i,in_stock,15.00 USD,10.00 USD,2026-11-21T00:00Z/2026-11-21T12:10Z,digital
down,Down,A song.,https://s.example/down,https://s.example/i,in_stock,15.00 USD,10.00 USD,2026-11-21T12:10Z/2026-11-22T00:00Z,digital
";

fn songs() -> Builder {
    let shop = Merchant::named("demo").catalog(CATALOG).untaxed();
    TestHost::builder().timings(fast_timings()).frozen().merchant(shop)
}

fn later(host: &TestHost) {
    host.clock.advance(Duration::from_secs(20 * 60));
}

async fn pay(protocol: Protocol, host: &TestHost, session: &HttpResponse) -> HttpResponse {
    let token = host.token(10_000).await;
    protocol.pay(host, session.id(), &protocol.payment(&token)).await
}

/// Refused until the checkout is read, and then paid.
async fn must_be_read(protocol: Protocol, host: &TestHost, session: &HttpResponse, words: &str, total: i64) {
    for _ in 0..2 {
        let refused = pay(protocol, host, session).await.refused(409, "conflict");
        assert!(refused.text().contains(words), "{protocol:?}: {}", refused.text());
        assert_eq!(refused.header("retry-after"), None, "waiting does not help");
    }
    assert_not_charged(host);
    let read = protocol.retrieve(host, session.id()).await.expect(200);
    assert_eq!(read.total("total"), total);
    let _ = pay(protocol, host, session).await.expect(200).is("completed");
    assert_charged_once(host, total).await;
}

#[tokio::test]
async fn an_equal_total_of_other_lines_must_be_read() {
    for protocol in Protocol::ALL {
        let host = songs().start().await;
        let items = [("up", 1), ("down", 1)];
        let session = protocol.create(&host, &items, "usd", &fixtures::address()).await;
        assert_eq!(session.total("total"), 2500);
        later(&host);
        must_be_read(protocol, &host, &session, "the total is 25.00 USD as when", 2500).await;
    }
}

fn shop(settings: &str) -> Merchant {
    Merchant::named("demo").shop(settings)
}

/// Each pair of configurations of the shop makes the same total of a mug to California.
#[tokio::test]
async fn an_equal_total_of_another_option_or_another_tax_must_be_read_after_a_restart() {
    let express_for_the_price_of_standard = "
        [shipping]
        preselect = \"express\"
        [shipping.zone.domestic.express]
        price = 599
    ";
    let no_tax_and_dearer_shipping = "
        [tax.us]
        CA = \"0\"
        [shipping.zone.domestic.standard]
        price = 708
    ";
    for protocol in Protocol::ALL {
        for after in [express_for_the_price_of_standard, no_tax_and_dearer_shipping] {
            let mut host = TestHost::builder()
                .timings(fast_timings())
                .frozen()
                .merchant(shop(""))
                .start()
                .await;
            let session = protocol
                .create(&host, &[("mug-enamel", 1)], "usd", &fixtures::address())
                .await;
            let total = session.total("total");
            host.restart_as(shop(after)).await;
            must_be_read(protocol, &host, &session, "have changed", total).await;
        }
    }
}

#[tokio::test]
async fn a_lower_total_is_charged_unseen_only_where_the_merchant_says_so() {
    for protocol in Protocol::ALL {
        let host = songs().start().await;
        let session = protocol
            .create(&host, &[("down", 1)], "usd", &fixtures::address())
            .await;
        later(&host);
        must_be_read(protocol, &host, &session, "from 15.00 USD to 10.00 USD", 1000).await;

        let generous = Merchant::named("demo")
            .catalog(CATALOG)
            .untaxed()
            .set("charge_lower_total = true");
        let builder = TestHost::builder().timings(fast_timings()).frozen();
        let host = builder.merchant(generous).start().await;
        let falls = protocol
            .create(&host, &[("down", 1)], "usd", &fixtures::address())
            .await;
        let rises = protocol.create(&host, &[("up", 1)], "usd", &fixtures::address()).await;
        later(&host);
        let paid = pay(protocol, &host, &falls).await.expect(200).is("completed");
        if let Protocol::Acp(_) = protocol {
            assert_eq!(paid.total("total"), 1000);
            let _ = paid.told("from 15.00 USD to 10.00 USD");
        }
        assert_charged_once(&host, 1000).await;
        let _ = pay(protocol, &host, &rises).await.refused(409, "conflict");
    }
}
