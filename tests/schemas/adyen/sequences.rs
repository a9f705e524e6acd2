//! The two sequences of the document, walked step by step against the sandbox's Adyen and a host, with what each side sent.

mod walk;

use libtest_mimic::Trial;
use tillhouse_sandbox::adyen::{Flow, MerchantConnection, Party, Payment};
use tillhouse_sandbox::agent::Basket;
use tillhouse_tests::eventually::{fast_timings, wait_until};
use tillhouse_tests::official::adyen as document;
use tillhouse_tests::orders::parcel;
use tillhouse_tests::{Merchant, TestHost};

use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::order::Order;

use super::{Bodies, Outcome, trial};
use walk::{Facts, Walk};

/// Trials of the two flows.
pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial("the_standard_flow", the_standard_flow),
        trial("the_advanced_flow", the_advanced_flow),
    ]
}

async fn the_standard_flow(bodies: Bodies) -> Outcome {
    walked(bodies, "standard-flow", Flow::Standard).await
}

async fn the_advanced_flow(bodies: Bodies) -> Outcome {
    walked(bodies, "advanced-flow", Flow::Advanced).await
}

async fn walked(bodies: Bodies, sequence: &str, flow: Flow) -> Outcome {
    let builder = TestHost::builder().merchant(Merchant::of_the_document());
    let host = builder.timings(fast_timings()).start().await;
    let receiver = &host.sandbox.receiver;
    host.sandbox.adyen.push_events_to(receiver.url(), receiver.secret());
    let adyen = host
        .adyen_sandbox()
        .connected(|connection| MerchantConnection { flow, ..connection });
    let purchase = adyen.buy(&Basket::of("01", 1).paid_with("pm_card_adyen")).await;
    let order = order_of(&host, &purchase.session_id).await;
    host.change_order(&order, "ship", parcel("p1", &[])).await;
    wait_until("the agent is told of the parcel", async || {
        let transcript = adyen.transcript();
        let mut pushed = transcript.iter().filter(|entry| entry.to == Party::Agent);
        pushed.any(|entry| entry.status.is_some())
    })
    .await;
    bodies.transcript(&adyen.transcript())?;
    let payments: Vec<Payment> = adyen.payments_of(&purchase.session_id);
    let transcript = adyen.transcript();
    let pushed = transcript.last().ok_or("the agent was told last")?;
    let facts = Facts {
        purchase: &purchase,
        payments: &payments,
        order: &order,
        tracking: &pushed.request["fulfillments"][0]["trackingNumber"],
    };
    let steps = document::json(&format!("sequences/{sequence}.json"));
    let steps = steps.as_array().ok_or("a sequence is a list of steps")?;
    Walk::through(steps, &transcript, &facts)?.write(sequence)
}

async fn order_of(host: &TestHost, session: &str) -> Order {
    let merchant = MerchantId::new("document");
    let found = host.store().order(&merchant, &SessionId::new(session)).await;
    found.unwrap().expect("the session is paid")
}
