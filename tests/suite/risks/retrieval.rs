//! What a retrieve tells of a checkout that others have changed since.

use std::time::Duration;

use tillhouse_tests::{Merchant, Protocol, TestHost, fixtures};

use super::eventually::{assert_charged_once, fast_timings};
use super::hostile;

const CATALOG: &str = "\
id,title,description,link,image_link,availability,inventory_quantity,price,weight
chair,Chair,A chair.,https://s.example/chair,https://s.example/i,in_stock,25,9.00 USD,1 kg
";

/// A minute, after which a retrieve quotes again, and a second.
const STALE: Duration = Duration::from_secs(61);

#[tokio::test]
async fn a_retrieve_says_that_others_have_bought_the_stock() {
    for protocol in Protocol::ALL {
        let shop = Merchant::named("demo").catalog(CATALOG);
        let builder = TestHost::builder().timings(fast_timings()).frozen();
        let host = builder.merchant(shop).start().await;
        let wanted = [("chair", 15)];
        let late = protocol
            .create(&host, &wanted, "usd", &fixtures::address())
            .await
            .is("ready_for_payment");
        let quick = protocol.create(&host, &wanted, "usd", &fixtures::address()).await;
        let token = host.token(quick.total("total")).await;
        let paid = protocol.pay(&host, quick.id(), &protocol.payment(&token)).await;
        let _ = paid.expect(200).is("completed");

        let soon = protocol.retrieve(&host, late.id()).await.expect(200);
        let _ = soon.is("ready_for_payment");
        host.clock.advance(STALE);
        let told = protocol.retrieve(&host, late.id()).await.expect(200);
        let _ = told.told("Only 10 of Chair left");
        let code = match protocol {
            Protocol::Acp(release) if !release.has_payment_handlers() => "out_of_stock",
            _ => "quantity_exceeded",
        };
        assert_eq!(told.message(code)["type"], "error", "{protocol:?}");
        let _ = told.is(protocol.not_ready());
    }
}

fn selling_at(unit_price: &str) -> Merchant {
    hostile::merchant("demo", &format!("unit-price = \"{unit_price}\""))
}

#[tokio::test]
async fn a_retrieve_while_the_plugin_fails_shows_what_is_stored_and_consents_to_nothing_else() {
    for protocol in Protocol::ALL {
        let mut host = hostile::builder().frozen().merchant(selling_at("2500")).start().await;
        let session = protocol
            .create(&host, &[("tee-classic", 1)], "usd", &fixtures::address())
            .await
            .is("ready_for_payment");
        let before = session.total("total");

        host.restart_as(selling_at("broken")).await;
        host.clock.advance(STALE);
        for _ in 0..2 {
            let stored = protocol.retrieve(&host, session.id()).await.expect(200);
            assert_eq!(stored.total("total"), before);
            let _ = stored.told("could not be checked again");
            let _ = stored.is("ready_for_payment");
        }

        host.restart_as(selling_at("2400")).await;
        let token = host.token(before).await;
        let payment = protocol.payment(&token);
        let _ = protocol
            .pay(&host, session.id(), &payment)
            .await
            .refused(409, "conflict");
        let shown = protocol.retrieve(&host, session.id()).await.expect(200);
        assert_eq!(shown.total("total"), before - 100);
        let _ = shown.told("The total has changed from");
        let _ = protocol
            .pay(&host, session.id(), &payment)
            .await
            .expect(200)
            .is("completed");
        assert_charged_once(&host, before - 100).await;
    }
}
