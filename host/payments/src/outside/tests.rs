//! Payments that another party takes: every transition of the table, by its rows.

mod at_once;
mod changed_holds;
mod expired_holds;
mod holds;
mod longer_holds;
mod notices;
mod payer_reports;
mod repeated;
mod reports;
mod sessions;
mod stated_amounts;
mod unnamed_refusals;

use std::time::Duration;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::caller::{Caller, Protocol};
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{ProcessorReference, SessionId};
use tillhouse_checkout::operation::{CheckoutResponse, CreateRequest};
use tillhouse_checkout::order::Order;
use tillhouse_checkout::outside_payment::{HoldRequest, OutsidePayment, OutsideResult};
use tillhouse_checkout::ports::OperatorQueries;
use tillhouse_checkout::session::Session;

use crate::testing::{TestHost, caller, creation, recorder, usd};

/// How long the holds of the tests last.
const HOLD: Duration = Duration::from_secs(900);

/// The party that takes the payment.
fn party() -> Caller {
    Caller {
        protocol: Protocol::AdyenMerchant,
        principal: Some("adyen".into()),
        ..caller()
    }
}

fn session_id() -> SessionId {
    SessionId::new("adyen_1")
}

fn creation_of(id: &SessionId) -> CreateRequest {
    CreateRequest {
        caller: party(),
        id: Some(id.clone()),
        ..creation()
    }
}

fn question(id: &SessionId) -> HoldRequest {
    HoldRequest {
        caller: party(),
        session: id.clone(),
        expected: None,
        tax_of_caller: None,
        difference: Default::default(),
        billing: None,
        edit: Default::default(),
        device: Default::default(),
        signals: Vec::new(),
        consents: Vec::new(),
        attribution: None,
        hold_for: HOLD,
    }
}

/// The word of the party that the amount of the session was paid.
fn paid(reference: &str) -> OutsidePayment {
    OutsidePayment {
        caller: party(),
        session: session_id(),
        reference: Some(ProcessorReference::new(reference)),
        amount: Some(usd(1000)),
        result: OutsideResult::Paid,
    }
}

fn refused(reference: &str) -> OutsidePayment {
    OutsidePayment {
        result: OutsideResult::Refused("Refused".into()),
        ..paid(reference)
    }
}

fn body(response: &CheckoutResponse) -> String {
    match response {
        CheckoutResponse::Fresh(reply) => String::from_utf8(reply.body.clone()).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// A host with a session of the party, which is open.
async fn with_session() -> TestHost {
    let host = TestHost::start();
    host.upsert().await.unwrap();
    host
}

/// A host with a session of the party, which is held.
async fn with_hold() -> TestHost {
    let host = with_session().await;
    let answer = host.hold(question(&session_id())).await.unwrap();
    assert_eq!(body(&answer), "held");
    host
}

impl TestHost {
    async fn upsert(&self) -> Result<CheckoutResponse, CheckoutError> {
        let request = creation_of(&session_id());
        Box::pin(self.payments.outside().upsert(request, recorder())).await
    }

    async fn hold(&self, request: HoldRequest) -> Result<CheckoutResponse, CheckoutError> {
        Box::pin(self.payments.outside().hold(request, recorder())).await
    }

    async fn report(&self, report: OutsidePayment) -> Result<(), CheckoutError> {
        Box::pin(self.payments.outside().finalize(report)).await
    }

    async fn cancel_held(&self) -> Result<CheckoutResponse, CheckoutError> {
        let (caller, id) = (party(), session_id());
        Box::pin(self.payments.outside().release(&caller, &id, recorder())).await
    }

    async fn held(&self) -> Session {
        self.stored(&session_id()).await
    }

    async fn state(&self) -> &'static str {
        self.held().await.state.name()
    }

    async fn last_attempt(&self) -> Attempt {
        self.attempts(&session_id()).await.pop().unwrap()
    }

    async fn placed(&self) -> Order {
        self.held().await.order().unwrap().clone()
    }

    async fn discrepancies(&self) -> Vec<Discrepancy> {
        self.store.list_discrepancies(100).await.unwrap()
    }

    async fn kinds(&self) -> Vec<DiscrepancyKind> {
        let found = self.discrepancies().await;
        found.into_iter().map(|found| found.kind).collect()
    }

    /// Stock of the shop is gone.
    fn sell_out(&self) {
        self.shop.set(|shop| shop.shortage = Some("stock"));
    }

    fn restock(&self) {
        self.shop.set(|shop| shop.shortage = None);
    }

    /// Let the time of the hold pass, and recovery do its work.
    async fn let_hold_expire(&self) {
        self.clock.advance(HOLD);
        assert_eq!(self.payments.recovery().run_once().await, 1);
    }
}
