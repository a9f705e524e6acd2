//! What a webhook target is: which orders it is told of, in which bodies, and how it knows who sends them.

use std::fmt;
use std::sync::Arc;

use super::delivery::OrderEventDelivery;
use super::sign;
use tillhouse_checkout::order_snapshot::OrderSnapshot;
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::time::Timestamp;
use tillhouse_egress::HttpRequest;

/// Serializes an order event as the target's release of ACP defines it.
pub type Render = fn(&OrderSnapshot<'_>) -> Vec<u8>;

/// Serializes an order event for Adyen; `None` if Adyen is not told of it.
pub type RenderForAdyen = Arc<dyn Fn(&OrderSnapshot<'_>) -> Option<Vec<u8>> + Send + Sync>;

/// The kind of a target.
pub enum TargetKind {
    /// An agent or a merchant's system: is told of every order, in a release of ACP. Deliveries are signed.
    Acp {
        /// Signing secrets; two while one is being replaced by the other.
        secrets: Vec<Arc<Secret>>,
        /// How bodies are serialized.
        render: Render,
    },
    /// Adyen's endpoint `/events`: is told what becomes of orders of its own checkouts. Deliveries have the merchant's API key.
    AdyenEvents {
        /// Key of Adyen's API.
        api_key: Arc<Secret>,
        /// Which orders it is told of, and how bodies are serialized.
        render: RenderForAdyen,
    },
}

impl fmt::Debug for TargetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Acp { .. } => "Acp",
            Self::AdyenEvents { .. } => "AdyenEvents",
        })
    }
}

impl TargetKind {
    /// The body of an event; `None` if the target is not told of it.
    pub(super) fn body(&self, snapshot: &OrderSnapshot<'_>) -> Option<Vec<u8>> {
        match self {
            Self::Acp { render, .. } => Some(render(snapshot)),
            Self::AdyenEvents { render, .. } => render(snapshot),
        }
    }

    /// Adds the headers by which the target knows the sender, and an event that it has had before.
    ///
    /// Adyen documents `X-API-Key` and `Idempotency-Key`, of at most 64 characters, for its other endpoints
    /// (<https://docs.adyen.com/development-resources/api-idempotency>).
    pub(super) fn identify(&self, request: HttpRequest, delivery: &OrderEventDelivery, now: Timestamp) -> HttpRequest {
        let event = delivery.event.as_str();
        match self {
            Self::Acp { secrets, .. } => request
                .header(sign::HEADER, sign::signature(secrets, delivery.body.as_bytes(), now))
                .header("request-id", event)
                .header("timestamp", now.rfc3339()),
            Self::AdyenEvents { api_key, .. } => request
                .header("x-api-key", Arc::clone(api_key))
                .header("idempotency-key", event),
        }
    }
}
