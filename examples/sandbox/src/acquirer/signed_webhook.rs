//! Webhooks of the acquirer, called notices in its API: the current status of a charge or a refund.

use std::io;

use axum::body::Bytes;
use axum::http::{Request, header};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::json;

use super::state::AcquirerState;
use crate::stripe::signature;
use crate::sync::lock;

/// Header with the signature of a notice: `t=<unix seconds>,v1=<hex>`.
///
/// HMAC-SHA256 of timestamp and raw body, as in <https://docs.stripe.com/webhooks/signature>.
pub const SIGNATURE: &str = "acquirer-signature";

/// A signed webhook about a charge or a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedWebhook {
    /// Id of the notice: the same while the status is the same, so that duplicates can be detected.
    pub id: String,
    /// Value of the header [`SIGNATURE`].
    pub signature: String,
    /// JSON body: `{"id", "object": "notice", "charge": {…}}`, or `refund` in place of `charge`.
    pub body: String,
}

impl SignedWebhook {
    /// Posts the notice and returns the HTTP status of the answer.
    pub(super) async fn send(&self, url: &str) -> io::Result<u16> {
        let request = Request::post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(SIGNATURE, &self.signature)
            .body(Full::new(Bytes::from(self.body.clone())))
            .map_err(io::Error::other)?;
        let client = Client::builder(TokioExecutor::new())
            .retry_canceled_requests(false)
            .build_http();
        let answer = client.request(request).await.map_err(io::Error::other)?;
        Ok(answer.status().as_u16())
    }
}

impl AcquirerState {
    /// A notice with the current status of the charge, or else of the refund, with this reference.
    pub(super) fn signed_webhook(&self, reference: &str) -> Option<SignedWebhook> {
        let (what, object) = {
            let ledger = lock(&self.ledger);
            match ledger.by_reference(reference) {
                Some(charge) => ("charge", charge.to_json()),
                None => ("refund", ledger.refund_by_reference(reference)?.to_json()),
            }
        };
        let state = object
            .get("status")
            .and_then(|status| status.as_str())
            .unwrap_or_default();
        let id = format!("nt_{reference}_{state}");
        let body = json!({"id": id, "object": "notice", what: object}).to_string();
        let signature = signature::sign(&self.notice_secret, self.pipeline.clock.now(), body.as_bytes());
        Some(SignedWebhook { id, signature, body })
    }
}
