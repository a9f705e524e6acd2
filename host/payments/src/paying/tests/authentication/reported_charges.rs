//! The processor asks for an authentication at the charge, and reports later that this charge was made all the same.

use tillhouse_checkout::decision::{ProcessorEvent, ProcessorReport, ProcessorWebhook, WebhookReading};

use super::interrupted::dies_after;
use super::*;
use crate::testing::merchant;

/// The processor reports that the charge of 10.00 USD was made.
async fn reports_the_charge(host: &TestHost, attempt: &Attempt) {
    let report = ProcessorReport::Charge(ChargeOutcome::Approved {
        processor_reference: "ch_1".into(),
        minor: 1000,
        currency: "usd".into(),
        captured: true,
    });
    let event = ProcessorEvent {
        id: "e1".into(),
        reference: Some(attempt.reference.clone()),
        processor_reference: Some("ch_1".into()),
        amount: None,
        report,
    };
    host.processor.set(|script| {
        script.readings.push_back(WebhookReading {
            events: vec![event],
            reply: None,
        });
    });
    let webhook = ProcessorWebhook {
        headers: Vec::new(),
        body: Vec::new(),
    };
    let handled = host.payments.recovery().handle_webhook(&merchant(), webhook).await;
    assert_eq!(handled.unwrap().fresh, 1);
}

#[tokio::test]
async fn the_charge_that_was_made_pays_an_interrupted_completion_and_no_other_follows() {
    for resolving in [false, true] {
        for recovered in [false, true] {
            let (host, id) = waiting(Asking::AtTheCharge).await;
            dies_after(&host, &id, resolving).await;
            let host = host.restarted().await;
            let case = format!("resolving {resolving}, recovered {recovered}");
            if recovered {
                assert_eq!(host.payments.recovery().run_once().await, 1, "{case}");
            }
            reports_the_charge(&host, &only_attempt(&host, &id).await).await;
            assert_eq!(
                only_attempt(&host, &id).await.status(),
                AttemptStatus::Approved,
                "{case}"
            );
            assert!(
                matches!(host.stored(&id).await.state, SessionState::Completed { .. }),
                "{case}"
            );
            let again = host.complete(authenticated(&id)).await.unwrap();
            assert_eq!(shown(&again), "completed", "{case}");
            assert!(charges(&host).is_empty(), "{case}: by this host");
        }
    }
}
