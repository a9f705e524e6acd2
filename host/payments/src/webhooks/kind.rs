//! What a webhook target is: which orders it is told of, in which bodies, and how it knows who sends them.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

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

/// The order events of a change for Stripe, each with the name of the part of the order that it is about.
pub type RenderForStripe = fn(&OrderSnapshot<'_>) -> Vec<(String, Value)>;

/// How a body is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodyEncoding {
    /// As Stripe's v1 API takes it: `a[b][0]=c`.
    #[default]
    Form,
    /// As Stripe's v2 API takes it.
    Json,
}

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
    /// The endpoint of Stripe that takes order events: is told what becomes of orders of its own checkouts. Deliveries have the account's
    /// key.
    StripeEvents {
        /// Secret key of the account.
        key: Arc<Secret>,
        /// `Stripe-Version` to ask for; `None` for the account's own.
        version: Option<String>,
        /// How bodies are written.
        encoding: BodyEncoding,
        /// Which orders it is told of, and in which events.
        render: RenderForStripe,
    },
}

impl fmt::Debug for TargetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Acp { .. } => "Acp",
            Self::AdyenEvents { .. } => "AdyenEvents",
            Self::StripeEvents { .. } => "StripeEvents",
        })
    }
}

impl TargetKind {
    /// The bodies of the events of a change, with the parts of the order that they are about where a change is several events. None if
    /// the target is not told of it.
    pub(super) fn bodies(&self, snapshot: &OrderSnapshot<'_>) -> Vec<(Option<String>, Vec<u8>)> {
        match self {
            Self::Acp { render, .. } => vec![(None, render(snapshot))],
            Self::AdyenEvents { render, .. } => render(snapshot).map(|body| (None, body)).into_iter().collect(),
            Self::StripeEvents { render, encoding, .. } => {
                let events = render(snapshot).into_iter();
                events
                    .map(|(part, event)| (Some(part), encoding.write(&event)))
                    .collect()
            }
        }
    }

    /// The media type of the bodies.
    pub(super) const fn content_type(&self) -> &'static str {
        match self {
            Self::StripeEvents {
                encoding: BodyEncoding::Form,
                ..
            } => "application/x-www-form-urlencoded",
            Self::Acp { .. } | Self::AdyenEvents { .. } | Self::StripeEvents { .. } => "application/json",
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
            Self::StripeEvents { key, version, .. } => {
                let authorization = Secret::new(format!("Bearer {}", key.reveal()));
                let request = request
                    .header("authorization", authorization)
                    .header("idempotency-key", event);
                match version {
                    Some(version) => request.header("stripe-version", version.clone()),
                    None => request,
                }
            }
        }
    }
}

impl BodyEncoding {
    fn write(self, event: &Value) -> Vec<u8> {
        match self {
            Self::Json => event.to_string().into_bytes(),
            Self::Form => {
                let mut pairs = Vec::new();
                flatten("", event, &mut pairs);
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                form.extend_pairs(pairs).finish().into_bytes()
            }
        }
    }
}

/// The pairs of a form: `a[b][0]` is the first member of the list `b` in `a`.
fn flatten(name: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    let inner = |member: &str| match name {
        "" => member.to_owned(),
        name => format!("{name}[{member}]"),
    };
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                flatten(&inner(member), value, pairs);
            }
        }
        Value::Array(items) => {
            for (place, value) in items.iter().enumerate() {
                flatten(&inner(&place.to_string()), value, pairs);
            }
        }
        Value::String(text) => pairs.push((name.to_owned(), text.clone())),
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) => pairs.push((name.to_owned(), value.to_string())),
    }
}
