//! Calls of an agent's Feed API (`openapi.feed.yaml` of ACP 2026-04-17).

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::time::Clock;
use tillhouse_egress::{Client, Connection, HttpRequest, HttpResponse, Method};

use super::settings::{API_VERSION, AcpFeedSettings};
use crate::transport::{TransportError, wrong_shape};

/// What an agent answers to an upsert.
#[derive(Debug)]
pub(super) enum Upserted {
    /// It has the products; and the id of the update, which ACP defines after 2026-04-17.
    Taken(Option<String>),
    /// A product of it does not fit: which member, and why.
    Unfit { param: Option<String>, message: String },
    /// It does not know the feed.
    UnknownFeed,
}

/// The API of one agent.
#[derive(Debug)]
pub(super) struct FeedApi {
    pub(super) client: Client,
    pub(super) settings: AcpFeedSettings,
    pub(super) clock: Arc<dyn Clock>,
}

#[derive(Deserialize)]
struct Metadata {
    id: String,
}

#[derive(Deserialize)]
struct UpsertAnswer {
    accepted: bool,
    feed_update_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorAnswer {
    code: String,
    message: String,
    param: Option<String>,
}

impl FeedApi {
    /// Makes a feed. The same key makes it once.
    pub(super) async fn create(&self, key: String) -> Result<String, TransportError> {
        let body = match &self.settings.target_country {
            Some(country) => json!({"target_country": country}),
            None => json!({}),
        };
        let answer = self
            .send(Method::Post, "/feeds", body.to_string().into_bytes(), key)
            .await?;
        if !matches!(answer.status, 200 | 201) {
            return Err(self.refusal(&answer));
        }
        let metadata: Metadata = read(&answer)?;
        Ok(metadata.id)
    }

    /// Upserts products, each a JSON object.
    pub(super) async fn upsert(&self, feed: &str, products: &[&[u8]], key: String) -> Result<Upserted, TransportError> {
        if feed.is_empty() || feed.contains('/') {
            let message = format!("{feed:?} is not the id of a feed: it would be part of a path");
            return Err(TransportError::Refused(message));
        }
        let mut body = br#"{"products":["#.to_vec();
        body.extend(products.join(&b','));
        body.extend(b"]}");
        let answer = self
            .send(Method::Patch, &format!("/feeds/{feed}/products"), body, key)
            .await?;
        match answer.status {
            200 => {
                let answer: UpsertAnswer = read(&answer)?;
                match answer.accepted {
                    true => Ok(Upserted::Taken(answer.feed_update_id)),
                    false => Err(TransportError::Refused(
                        "the agent answers accepted: false, so it has not taken the products; ask it why, and upload again".to_owned(),
                    )),
                }
            }
            400 | 413 | 422 => {
                let error = error_of(&answer);
                Ok(Upserted::Unfit {
                    message: said(answer.status, &error),
                    param: error.param,
                })
            }
            404 => Ok(Upserted::UnknownFeed),
            _ => Err(self.refusal(&answer)),
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        key: String,
    ) -> Result<HttpResponse, TransportError> {
        let AcpFeedSettings {
            upstream, key: secret, ..
        } = &self.settings;
        let url = upstream.join(path, &[]);
        let url = url.map_err(|error| TransportError::Refused(error.to_string()))?;
        let mut request = HttpRequest::new(method, url)
            .header("authorization", Secret::new(format!("Bearer {}", secret.reveal())))
            .header("api-version", API_VERSION)
            .header("request-id", key.clone())
            .header("idempotency-key", key)
            .header("timestamp", self.clock.now().rfc3339())
            .body("application/json", body);
        // An upsert may be repeated: it says what products are.
        request.connection = Connection::Pooled;
        request.timeout = upstream.timeout;
        let sent = self.client.send(upstream, request).await;
        sent.map_err(|error| TransportError::temporary(error.to_string()))
    }

    /// A wrong key can be put right while the upload waits.
    fn refusal(&self, answer: &HttpResponse) -> TransportError {
        let status = answer.status;
        let why = said(status, &error_of(answer));
        match status {
            401 | 403 | 408 | 409 | 425 | 429 | 500.. => TransportError::Temporary {
                why,
                retry_after: answer.retry_after(self.clock.now()),
            },
            _ => TransportError::Refused(why),
        }
    }
}

fn read<'a, T: Deserialize<'a>>(answer: &'a HttpResponse) -> Result<T, TransportError> {
    serde_json::from_slice(&answer.body).map_err(|error| {
        let why = wrong_shape(&error);
        TransportError::temporary(format!("the agent's answer does not fit the schema: {why}"))
    })
}

fn error_of(answer: &HttpResponse) -> ErrorAnswer {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

fn said(status: u16, error: &ErrorAnswer) -> String {
    match (error.code.as_str(), error.message.as_str()) {
        ("", "") => format!("the agent answers {status}"),
        (code, message) => format!("the agent answers {status} {code}: {message}"),
    }
}
