//! One target, and sending a letter to it.

use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::letter::Letter;
use super::sign;
use tillhouse_checkout::ports::Undelivered;
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::snapshot::OrderSnapshot;
use tillhouse_checkout::time::Timestamp;
use tillhouse_egress::{Client, HttpRequest, Method, Upstream};

/// Bound of one try.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The target wants nothing any more (RFC 9110 §15.5.11).
const GONE: u16 = 410;

/// Writes an order down as the target's release of the protocol says.
pub type Render = fn(&OrderSnapshot<'_>) -> Vec<u8>;

/// Who is told of a merchant's orders. The address rules of egress hold: TLS to public addresses, unless granted otherwise.
#[derive(Debug)]
pub struct Target {
    /// Its name, unique with its merchant.
    pub name: String,
    /// Where it is; the base URL is the whole URL.
    pub upstream: Upstream,
    /// What it knows us by; two while one is replaced by the other.
    pub secrets: Vec<Arc<Secret>>,
    /// How its bodies are written.
    pub render: Render,
}

impl Target {
    /// Send a letter. Whatever the target answers but 2xx is tried again, a refusal as well: targets get mended.
    pub(super) async fn send(&self, client: &Client, letter: &Letter, now: Timestamp) -> Result<(), Undelivered> {
        let name = &self.name;
        match client.send(&self.upstream, self.request(letter, now)).await {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
            Ok(answer) if answer.status == GONE => Err(Undelivered::Never(format!(
                "webhook {name} answered 410: it is gone and wants no more events"
            ))),
            Ok(answer) => Err(Undelivered::Later {
                reason: format!("webhook {name} answered {}", answer.status),
                retry_after: answer.retry_after(now),
            }),
            Err(error) => Err(Undelivered::Later {
                reason: error.to_string(),
                retry_after: None,
            }),
        }
    }

    fn request(&self, letter: &Letter, now: Timestamp) -> HttpRequest {
        let body = letter.body.as_bytes();
        let mut request = HttpRequest::new(Method::Post, self.upstream.base().clone())
            .header(sign::HEADER, sign::signature(&self.secrets, body, now))
            .header("request-id", letter.event.as_str())
            .header("timestamp", now.rfc3339())
            .body("application/json", Zeroizing::new(body.to_vec()));
        request.timeout = TIMEOUT;
        // Only the status matters.
        request.max_response_bytes = 0;
        request
    }
}
