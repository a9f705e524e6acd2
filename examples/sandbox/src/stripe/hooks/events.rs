//! The events of a checkout that Stripe runs, as it sends them afterwards.

use serde_json::{Value, json};

use super::{Checkout, new_id};

impl Checkout {
    /// `checkout.session.completed`, with this `payment_status`: `paid`, or `unpaid` where the money comes later.
    #[must_use]
    pub fn completed_event(&self, payment_status: &str) -> Value {
        self.session_event("checkout.session.completed", payment_status)
    }

    /// Another event of the checkout session: `checkout.session.expired` …
    #[must_use]
    pub fn session_event(&self, kind: &str, payment_status: &str) -> Value {
        let is_expired = kind == "checkout.session.expired";
        event(
            kind,
            json!({
                "id": self.id,
                "object": "checkout.session",
                "payment_status": payment_status,
                "payment_intent": self.payment_intent.as_ref().filter(|_| !is_expired),
                "amount_subtotal": self.subtotal(),
                "amount_total": self.total(),
                "currency": self.currency,
                "metadata": self.metadata,
            }),
        )
    }

    /// An event of a refund of the payment: `refund.created`, `refund.updated`, `refund.failed`.
    #[must_use]
    pub fn refund_event(&self, kind: &str, refund: &str, amount: i64, status: &str) -> Value {
        event(
            kind,
            json!({
                "id": refund, "object": "refund", "amount": amount, "currency": self.currency, "status": status,
                "payment_intent": self.payment_intent, "charge": self.charge(), "reason": "requested_by_customer",
            }),
        )
    }

    /// `charge.refunded`, as newer API versions send it: with the sum of all refunds, and without their list.
    #[must_use]
    pub fn charge_refunded_event(&self, amount_refunded: i64) -> Value {
        event(
            "charge.refunded",
            json!({
                "id": self.charge(), "object": "charge", "amount": self.total(), "amount_refunded": amount_refunded,
                "currency": self.currency, "payment_intent": self.payment_intent,
            }),
        )
    }

    /// An event of a dispute of the payment: `charge.dispute.created`, `charge.dispute.closed` …
    #[must_use]
    pub fn dispute_event(&self, kind: &str, status: &str) -> Value {
        event(
            kind,
            json!({
                "id": self.charge().map(|charge| charge.replacen("ch_", "du_", 1)), "object": "dispute",
                "amount": self.total(), "currency": self.currency, "status": status, "reason": "fraudulent",
                "payment_intent": self.payment_intent, "charge": self.charge(),
            }),
        )
    }

    fn charge(&self) -> Option<String> {
        let intent = self.payment_intent.as_ref()?;
        Some(intent.replacen("pi_", "ch_", 1))
    }
}

fn event(kind: &str, object: Value) -> Value {
    json!({"id": new_id(), "object": "event", "type": kind, "livemode": false, "data": {"object": object}})
}
