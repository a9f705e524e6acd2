//! A webhook target, and sending an event to it.

use std::time::Duration;

use zeroize::Zeroizing;

use super::delivery::OrderEventDelivery;
use super::kind::TargetKind;
use tillhouse_checkout::ports::DeliveryError;
use tillhouse_checkout::time::Timestamp;
use tillhouse_egress::{Client, HttpRequest, Method, Upstream};

/// Status of a target that wants no more events (<https://www.rfc-editor.org/rfc/rfc9110#section-15.5.11>).
const GONE: u16 = 410;

/// An endpoint that receives a merchant's order events. The address rules of egress apply: TLS to public addresses, unless the
/// configuration allows otherwise.
#[derive(Debug)]
pub struct Target {
    /// Name of the target, unique per merchant.
    pub name: String,
    /// Where events are sent; the base URL is the whole URL.
    pub upstream: Upstream,
    /// Which orders it is told of, in which bodies, and how it knows the sender.
    pub kind: TargetKind,
}

impl Target {
    /// Send an event. Every answer but 2xx and 410 is retried, a refusal included, because targets get fixed.
    pub(super) async fn send(
        &self,
        client: &Client,
        delivery: &OrderEventDelivery,
        now: Timestamp,
        timeout: Duration,
    ) -> Result<(), DeliveryError> {
        let name = &self.name;
        match client.send(&self.upstream, self.request(delivery, now, timeout)).await {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
            Ok(answer) if answer.status == GONE => Err(DeliveryError::Permanent(format!(
                "webhook {name} answered 410 Gone: it wants no more events"
            ))),
            Ok(answer) => Err(DeliveryError::Retry {
                reason: format!("webhook {name} answered {}", answer.status),
                retry_after: answer.retry_after(now),
            }),
            Err(error) => Err(DeliveryError::Retry {
                reason: error.to_string(),
                retry_after: None,
            }),
        }
    }

    fn request(&self, delivery: &OrderEventDelivery, now: Timestamp, timeout: Duration) -> HttpRequest {
        let body = delivery.body.as_bytes();
        let request = HttpRequest::new(Method::Post, self.upstream.base().clone());
        let mut request = self
            .kind
            .identify(request, delivery, now)
            .body(self.kind.content_type(), Zeroizing::new(body.to_vec()));
        request.timeout = timeout;
        // Only the status matters.
        request.max_response_bytes = 0;
        request
    }
}
