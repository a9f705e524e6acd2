//! States of a session that a payment leads to.

use super::{amount, usd};
use tillhouse_checkout::authentication::ThreeDSecure;
use tillhouse_checkout::decision::OrderIdentity;
use tillhouse_checkout::device::Device;
use tillhouse_checkout::ids::{AttemptId, MerchantId, OrderId, SessionId};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::order::{Order, OrderProgress};
use tillhouse_checkout::session::SessionState;
use tillhouse_checkout::time::Timestamp;

pub(crate) fn committing() -> SessionState {
    SessionState::Committing {
        attempt: AttemptId::new("pa_1"),
        order: Box::new(OrderIdentity {
            id: "ord_1".into(),
            number: Some("1001".into()),
            permalink: "https://shop.example/orders/1001".into(),
            confirmation: None,
        }),
    }
}

/// The same payment, taken by another party.
pub(crate) fn held() -> SessionState {
    let SessionState::Committing { attempt, order } = committing() else {
        unreachable!();
    };
    SessionState::Held {
        attempt,
        order,
        until: Timestamp(1_767_926_027_000),
    }
}

/// The same payment, waiting for the buyer.
pub(crate) fn authenticating() -> SessionState {
    let SessionState::Committing { attempt, order } = committing() else {
        unreachable!();
    };
    SessionState::AuthenticationRequired {
        attempt,
        order,
        requirements: Box::new(ThreeDSecure {
            acquirer_bin: "412345".into(),
            acquirer_country: "US".into(),
            merchant_id: "mer_1".into(),
            merchant_name: "Tillhouse".into(),
            requestor_id: Some("req_1".into()),
            directory_server: "visa".into(),
            flow: Some("challenge".into()),
        }),
        device: Box::new(Device {
            ip: Some("203.0.113.7".into()),
            user_agent: Some("Agent/1.0".into()),
            accept_language: Some("de-DE,de;q=0.9".into()),
            ..Device::default()
        }),
        until: Timestamp(1_767_926_027_000),
    }
}

pub(crate) fn completed() -> SessionState {
    SessionState::Completed {
        order: Box::new(Order {
            id: OrderId::new("ord_1"),
            number: Some("1001".into()),
            permalink: "https://shop.example/orders/1001".into(),
            merchant: MerchantId::new("mer"),
            session: SessionId::new("cs_1"),
            attempt: AttemptId::new("pa_1"),
            total: Money {
                amount: amount(4304),
                currency: usd(),
            },
            created: Timestamp(1_767_925_130_000),
            progress: OrderProgress::default(),
        }),
    }
}
