//! One purchase through Adyen, which the agent plays: it has the merchant hold the stock, takes the payment itself and reports it, late,
//! twice or not at all.

use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_sandbox::adyen::MerchantCall;

use crate::adyen_calls::{merchant_call, merchant_session, paid_elsewhere, refused_elsewhere};
use crate::client::{Request, fresh_key};
use crate::history::{Action, Operation, Status};
use crate::http_response::HttpResponse;

use super::agent::Agents;
use super::observed;
use super::purchase::basket;
use super::random::Random;
use super::shop::{HOLD, TENANTS};

/// A checkout of Adyen, under the id that Adyen gave it.
#[derive(Clone, Debug)]
pub(super) struct OutsideCheckout {
    pub(super) id: String,
    /// Index of the merchant in [`TENANTS`].
    pub(super) tenant: usize,
    /// Payments that Adyen has made of it.
    pub(super) payments: Vec<MadePayment>,
}

/// A payment that Adyen has made.
#[derive(Clone, Debug)]
pub(super) struct MadePayment {
    pub(super) reference: String,
    pub(super) cents: i64,
}

/// What becomes of a payment.
#[derive(Clone, Copy, Debug)]
enum Ending {
    Paid,
    /// One payment, reported twice at the same time.
    Doubled,
    /// Two payments, reported at the same time.
    PaidTwice,
    /// The first payment is refused, and a second one is made.
    Refused,
    Canceled,
    /// The payment is reported at the moment in which the buyer cancels.
    PaidAgainstCancel,
    /// The payment is of another amount than was asked about.
    OtherAmount,
    /// The payment is reported after the stock was released.
    TooLate,
    /// The report never comes.
    Unreported,
}

/// Endings with their weights, out of 100.
const ENDINGS: &[(u64, Ending)] = &[
    (50, Ending::Paid),
    (10, Ending::Doubled),
    (5, Ending::PaidTwice),
    (10, Ending::Refused),
    (6, Ending::Canceled),
    (8, Ending::PaidAgainstCancel),
    (4, Ending::OtherAmount),
    (4, Ending::TooLate),
    (3, Ending::Unreported),
];

/// The state of one purchase.
#[derive(Debug)]
pub(super) struct OutsidePurchase<'a> {
    agents: &'a Agents,
    random: &'a mut Random,
    tenant: usize,
    id: String,
}

/// A call that can be repeated.
type Call = (Operation, Request);

impl<'a> OutsidePurchase<'a> {
    pub(super) fn of(agents: &'a Agents, random: &'a mut Random) -> Self {
        Self {
            tenant: usize::from(random.one_in(3)),
            agents,
            random,
            id: format!("ad_{}", fresh_key()),
        }
    }

    /// Creates a checkout, sometimes changes it, asks to hold it and takes the payment.
    pub(super) async fn make(mut self) {
        self.agents.opened_elsewhere(OutsideCheckout {
            id: self.id.clone(),
            tenant: self.tenant,
            payments: Vec::new(),
        });
        let session = merchant_session(&basket(self.random));
        let Some(mut due) = self.due(Action::Create, &session).await else {
            return;
        };
        if self.random.one_in(8) {
            let more = json!({"items": [{"id": "tee", "quantity": 4}]});
            match self.due(Action::Update, &more).await {
                Some(changed) => due = changed,
                None => return,
            }
        }
        // The question is optional.
        if self.random.one_in(12) || self.is_held().await {
            self.end(due).await;
        }
    }

    async fn end(&mut self, due: i64) {
        match self.random.weighed(ENDINGS) {
            Ending::Paid => self.report(due).await,
            Ending::Doubled => {
                let report = self.payment(due);
                self.send_both(&report, &report).await;
            }
            Ending::PaidTwice => {
                let (first, second) = (self.payment(due), self.payment(due));
                self.send_both(&first, &second).await;
            }
            Ending::Refused => {
                let refused = refused_elsewhere(&reference());
                let refused = self.call(MerchantCall::Finalize, Action::Complete, &refused);
                let _ = self.send(&refused).await;
                if self.is_held().await {
                    self.report(due).await;
                }
            }
            Ending::Canceled => {
                let cancel = self.cancel();
                let _ = self.send(&cancel).await;
            }
            Ending::PaidAgainstCancel => {
                let (report, cancel) = (self.payment(due), self.cancel());
                self.send_both(&report, &cancel).await;
            }
            Ending::OtherAmount => self.report(due - 1).await,
            Ending::TooLate => {
                tokio::time::sleep(HOLD + Duration::from_millis(500)).await;
                self.report(due).await;
            }
            Ending::Unreported => {}
        }
    }

    /// Creates or changes the session; the amount due, if it can be paid.
    async fn due(&mut self, action: Action, body: &Value) -> Option<i64> {
        let call = self.call(MerchantCall::Session, action, body);
        let answer = self.send(&call).await?;
        let shown = observed::shown(&call.0, &answer).filter(|_| answer.status < 300)?;
        shown.total("total").filter(|_| shown.status == Status::Open)
    }

    /// Asks to hold the stock, sometimes twice.
    async fn is_held(&mut self) -> bool {
        let commit = self.call(MerchantCall::Commit, Action::Complete, &Value::Null);
        if self.random.one_in(15) {
            let _ = self.send(&commit).await;
        }
        let answer = self.send(&commit).await;
        answer.is_some_and(|answer| answer.status < 300)
    }

    /// Makes a payment and reports it, sometimes once more later.
    async fn report(&mut self, cents: i64) {
        let report = self.payment(cents);
        let _ = self.send(&report).await;
        if self.random.one_in(10) {
            let _ = self.send(&report).await;
        }
    }

    /// Makes a payment; the call that reports it.
    fn payment(&self, cents: i64) -> Call {
        let reference = reference();
        let body = paid_elsewhere(&reference, cents);
        self.agents.paid_elsewhere(&self.id, MadePayment { reference, cents });
        self.call(MerchantCall::Finalize, Action::Complete, &body)
    }

    fn cancel(&self) -> Call {
        self.call(MerchantCall::Cancel, Action::Cancel, &Value::Null)
    }

    fn call(&self, call: MerchantCall, action: Action, body: &Value) -> Call {
        let client = &self.agents.clients[self.tenant];
        let request = merchant_call(client, call, &self.id, body);
        (operation(&self.id, self.tenant, action, body), request)
    }

    async fn send(&mut self, call: &Call) -> Option<HttpResponse> {
        let recorder = &self.agents.recorder;
        recorder.send_until_answered(&call.0, &call.1, self.random).await
    }

    async fn send_both(&mut self, first: &Call, second: &Call) {
        let (mut here, mut there) = (self.random.fork(), self.random.fork());
        let recorder = &self.agents.recorder;
        let _ = tokio::join!(
            recorder.send_until_answered(&first.0, &first.1, &mut here),
            recorder.send_until_answered(&second.0, &second.1, &mut there)
        );
    }
}

/// A reference of Adyen that no other payment has.
fn reference() -> String {
    format!("PSP{}", fresh_key())
}

pub(super) fn operation(id: &str, tenant: usize, action: Action, body: &Value) -> Operation {
    Operation {
        tenant: TENANTS[tenant].to_owned(),
        action,
        checkout: (action != Action::Create).then(|| id.to_owned()),
        key: None,
        body: observed::digest(body.to_string().as_bytes()),
    }
}
