use std::collections::BTreeMap;
use std::sync::Arc;

use super::{CREATE, STRIPE, complete, create, get, hook};
use crate::testing::scripted::ScriptedCheckouts;
use crate::testing::{host, send, with, without};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::outage::{Outage, OutageCause};

/// A checkout service in which the merchant `mer` is out of service.
fn without_mer() -> Arc<ScriptedCheckouts> {
    let service = ScriptedCheckouts::then([]);
    let mut outage = Outage::default();
    outage.add(
        OutageCause::Catalog,
        "catalog: /srv/mer.csv: line 3: column id is required".to_owned(),
    );
    service.outages.set(BTreeMap::from([(MerchantId::new("mer"), outage)]));
    service
}

#[tokio::test]
async fn authenticated_callers_get_the_reason_and_a_retry_after() {
    let service = without_mer();
    let (router, _) = host(service.clone());
    for request in [
        create(CREATE),
        complete(),
        get("/checkout_sessions/cs_1"),
        with(create(CREATE), "api-version", "2025-09-29"),
        hook("POST", "/agentic/checkouts", STRIPE),
        hook("POST", "/agentic/checkouts/cs_1/confirm", "{}"),
        hook("GET", "/agentic/checkouts/cs_1", ""),
    ] {
        let uri = request.uri().clone();
        let got = send(&router, request).await;
        assert_eq!((got.status, got.code()), (503, "service_unavailable"), "{uri}");
        assert_eq!(got.body["type"], "service_unavailable");
        assert_eq!(got.header("retry-after"), Some("60"));
        assert_eq!(
            got.body["message"],
            "this shop is out of service: its catalog cannot be used; the operator of the shop must fix this; retry later"
        );
    }
    assert_eq!(service.count(), 0, "no request reaches the domain");
}

#[tokio::test]
async fn unauthenticated_callers_get_no_reason_and_other_merchants_are_served() {
    let (router, _) = host(without_mer());
    for (request, status) in [
        (without(create(CREATE), "authorization"), 401),
        (
            with(
                hook("POST", "/agentic/checkouts", STRIPE),
                "stripe-signature",
                "t=1,v1=00",
            ),
            401,
        ),
        (with(create(CREATE), "api-version", "1999-01-01"), 400),
        (get("/nothing"), 404),
        (get("/m/mute/checkout_sessions/cs_1"), 404),
        (with(create(CREATE), "host", "bear.example"), 201),
    ] {
        let uri = request.uri().clone();
        assert_eq!(send(&router, request).await.status, status, "{uri}");
    }
}
