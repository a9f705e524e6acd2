//! What the merchant's plugin is told of a new order.

use tillhouse_checkout::decision::{Consent, OrderPayment};
use tillhouse_checkout::operation::CompleteRequest;
use tillhouse_checkout::ports::PhaseKind;
use tillhouse_checkout::session::Session;

use crate::testing::{TestHost, address, completion, profile, usd};

/// Complete a checkout, and deliver what is due.
async fn ordered(host: &TestHost) -> Session {
    let id = host.session().await;
    let request = CompleteRequest {
        billing: Some(address("US")),
        consents: vec![Consent {
            channel: "email".into(),
            granted: true,
        }],
        ..completion(&id)
    };
    host.complete(request).await.unwrap();
    host.payments.outbox().deliver_obligations().await;
    host.stored(&id).await
}

#[tokio::test]
async fn the_event_of_a_new_order_has_the_whole_order() {
    let host = TestHost::start();
    host.processor.set(|script| script.profile = Some(profile()));
    let session = ordered(&host).await;
    let notified = host.shop.state().notified;
    let [(scope, event)] = notified.as_slice() else {
        panic!("{notified:?}")
    };
    assert_eq!((scope.kind, &scope.agent), (PhaseKind::Notify, &session.agent));
    assert_eq!(
        (event.kind.as_str(), event.revision, event.status.as_str()),
        ("created", 1, "confirmed")
    );
    assert_eq!(event.order, session.order().unwrap().id.as_str());
    assert_eq!((&event.cart, &event.quote), (&session.cart, &session.quote));
    assert_eq!((event.total, &event.billing), (usd(1000), &Some(address("US"))));
    assert_eq!(
        (&event.consents, &event.attributions),
        (&session.consents, &session.attributions)
    );
    assert_eq!((event.fulfillments.len(), event.adjustments.len()), (0, 0));
    let attempt = host.attempt(&session.order().unwrap().attempt).await;
    let payment = OrderPayment {
        processor: "Acme Acquirer".into(),
        reference: attempt.reference.clone(),
        processor_reference: Some("ch_1".into()),
        amount: usd(1000),
        captured: true,
    };
    assert_eq!(event.payment, payment);
}

#[tokio::test]
async fn a_profile_that_cannot_be_had_delays_no_event() {
    let host = TestHost::start();
    ordered(&host).await;
    let event = host.shop.state().notified.pop().unwrap().1;
    assert_eq!(event.payment.processor, "acme-processor");
}

#[tokio::test]
async fn an_order_for_nothing_names_no_processor() {
    let host = TestHost::start();
    host.processor.set(|script| script.profile = Some(profile()));
    host.shop.set(|shop| shop.price = 0);
    ordered(&host).await;
    let payment = host.shop.state().notified.pop().unwrap().1.payment;
    assert_eq!((payment.processor.as_str(), payment.processor_reference), ("", None));
    assert_eq!(payment.amount, usd(0));
}
