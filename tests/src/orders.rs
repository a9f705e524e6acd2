//! What becomes of the orders of a test host, as an operator says it.

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::decision::{Fulfillment, LineUnits};
use tillhouse_checkout::ids::{AttemptId, MerchantId, OrderId, SessionId};
use tillhouse_checkout::money::{Amount, Money};
use tillhouse_checkout::order::{ChangeSource, Order, OrderChange, OrderChangeKind, OrderProgress, OrderWrite};
use tillhouse_checkout::refund::Refund;
use tillhouse_checkout::time::{Clock as _, Timestamp};
use tillhouse_checkout::unit_of_work::UnitOfWork;
use tillhouse_payments::{AskRefundError, AskedRefund, RefundRequest};

use crate::host::TestHost;

/// Units of an order: (line, quantity).
#[must_use]
pub fn units(lines: &[(&str, u32)]) -> Vec<LineUnits> {
    let units = |(line, quantity): &(&str, u32)| LineUnits {
        line: (*line).to_owned(),
        quantity: *quantity,
    };
    lines.iter().map(units).collect()
}

/// A parcel that was given to the carrier.
#[must_use]
pub fn parcel(id: &str, lines: &[(&str, u32)]) -> OrderChangeKind {
    OrderChangeKind::Fulfilled(Box::new(Fulfillment {
        id: id.to_owned(),
        kind: "shipping".to_owned(),
        status: "shipped".to_owned(),
        lines: units(lines),
        carrier: Some("UPS".to_owned()),
        tracking_number: Some("1Z999".to_owned()),
        tracking_url: Some("https://carrier.example/1Z999".to_owned()),
        description: None,
        destination: None,
        earliest: None,
        latest: None,
        digital: None,
        events: Vec::new(),
        at: Timestamp(0),
    }))
}

/// The commit of an order under the id that an attempt has been given, for another checkout.
#[must_use]
pub fn order_of_another(attempt: &Attempt) -> UnitOfWork {
    let taken = Order {
        id: OrderId::new(attempt.order.id.as_str()),
        number: None,
        permalink: attempt.order.permalink.clone(),
        merchant: attempt.merchant.clone(),
        session: SessionId::new("cs_another"),
        attempt: AttemptId::new("pa_another"),
        total: attempt.amount,
        created: attempt.initiated,
        progress: OrderProgress::default(),
    };
    UnitOfWork {
        order: Some(OrderWrite::new(taken)),
        ..UnitOfWork::default()
    }
}

impl TestHost {
    /// The order that was made of a session of the merchant `demo`.
    ///
    /// # Panics
    /// If the session is not paid.
    pub async fn order_of(&self, session: &str) -> Order {
        let merchant = MerchantId::new("demo");
        let found = self.store().order(&merchant, &SessionId::new(session)).await;
        found.expect("the store answers").expect("the session is paid")
    }

    /// Make an order under the id that an attempt has been given, so that the attempt cannot make its own.
    ///
    /// # Panics
    /// If there is such an order already.
    pub async fn take_order_id_of(&self, attempt: &Attempt) {
        let committed = self.store().commit(order_of_another(attempt)).await;
        committed.expect("an order that is new");
    }

    /// Say what became of an order.
    ///
    /// # Panics
    /// If the order does not allow that.
    pub async fn change_order(&self, order: &Order, id: &str, what: OrderChangeKind) {
        let change = OrderChange {
            source: ChangeSource::Operator,
            id: id.to_owned(),
            at: self.clock.now(),
            what,
        };
        let payments = self.payments();
        let changed = payments
            .ordering()
            .change(&order.merchant, &order.id, &change, |_| None);
        changed.await.expect("the order allows it");
    }

    /// Ask for a refund of so many minor units.
    ///
    /// # Errors
    /// If the order cannot be refunded so.
    ///
    /// # Panics
    /// If it is an amount below zero.
    pub async fn ask_refund(&self, order: &Order, name: &str, minor: i64) -> Result<AskedRefund, AskRefundError> {
        let request = RefundRequest {
            merchant: order.merchant.clone(),
            order: order.id.clone(),
            name: name.to_owned(),
            amount: Some(Money {
                amount: Amount::new(minor).expect("an amount"),
                currency: order.total.currency,
            }),
            lines: Vec::new(),
            reason: Some("It came broken.".to_owned()),
            code: Some("damaged".to_owned()),
        };
        let entry = |refund: &Refund| AuditEntry {
            at: Timestamp(0),
            actor: "operator:ada".to_owned(),
            action: AuditAction::AskRefund,
            subject: refund.id.to_string(),
            detail: "{}".to_owned(),
        };
        self.payments().refunding().ask(request, entry).await
    }
}
