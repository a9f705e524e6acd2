//! What a restored store does with payments that another party takes.

use std::time::Duration;

use super::{QuarantineCause, quarantine};
use crate::manual_settlement::KnownOutcome;
use crate::testing::{TestHost, caller, creation, merchant, recorder};
use tillhouse_checkout::attempt::{Attempt, AttemptStatus};
use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::caller::{Caller, Protocol};
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::device::Device;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{ProcessorReference, SessionId};
use tillhouse_checkout::operation::CreateRequest;
use tillhouse_checkout::outside_payment::{HoldRequest, OutsidePayment, OutsideResult};
use tillhouse_checkout::ports::Store;
use tillhouse_checkout::time::Clock;

fn party() -> Caller {
    Caller {
        protocol: Protocol::AdyenMerchant,
        ..caller()
    }
}

async fn with_hold(id: &SessionId) -> TestHost {
    let host = TestHost::start();
    let request = CreateRequest {
        caller: party(),
        id: Some(id.clone()),
        ..creation()
    };
    let outside = host.payments.outside();
    Box::pin(outside.upsert(request, recorder())).await.unwrap();
    let hold = HoldRequest {
        caller: party(),
        session: id.clone(),
        expected: None,
        tax_of_caller: None,
        difference: Default::default(),
        billing: None,
        edit: CartEdit::default(),
        device: Device::default(),
        signals: Vec::new(),
        consents: Vec::new(),
        attribution: None,
        hold_for: Duration::from_secs(900),
    };
    Box::pin(outside.hold(hold, recorder())).await.unwrap();
    host
}

#[tokio::test]
async fn a_hold_of_a_restored_store_is_left_to_the_operator() {
    let id = SessionId::new("adyen_1");
    let host = with_hold(&id).await;
    let cause = QuarantineCause::Restored {
        actor: "ann".into(),
        source: "backup".into(),
    };
    let now = host.clock.now();
    quarantine(host.store.as_ref(), host.store.as_ref(), now, &cause)
        .await
        .unwrap();
    let attempt = host.attempts(&id).await.pop().unwrap();
    assert_eq!(
        (host.stored(&id).await.state.name(), attempt.status()),
        ("held", AttemptStatus::NeedsReview)
    );
    let report = OutsidePayment {
        caller: party(),
        session: id.clone(),
        reference: Some(ProcessorReference::new("psp_1")),
        amount: None,
        result: OutsideResult::Paid,
    };
    let answer = Box::pin(host.payments.outside().finalize(report)).await;
    assert!(matches!(answer, Err(CheckoutError::PaidAfterEnd { .. })), "{answer:?}");
    let entry = |_: &Attempt| AuditEntry {
        at: now,
        actor: "operator:ann".into(),
        action: AuditAction::SettleAttempt,
        subject: "pa".into(),
        detail: String::new(),
    };
    let known = KnownOutcome::Charged(ProcessorReference::new("psp_1"));
    let settled = host.payments.recovery().settle_manually(&attempt.id, known, entry);
    Box::pin(settled).await.unwrap();
    assert!(host.store.order(&merchant(), &id).await.unwrap().is_some());
}
