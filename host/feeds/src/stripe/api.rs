//! Calls of Stripe's API.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use tillhouse_checkout::feed::FeedUpload;
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_egress::{Client, Connection, EgressError, HttpRequest, HttpResponse, Method, UploadBody, Upstream};

use crate::parts::FeedTimings;
use crate::spool::SpooledFile;
use crate::transport::{TransportError, wrong_shape};

/// Most bytes of a file with refused rows.
const MAX_ERROR_FILE: u64 = 4 << 30;

/// Tries after which an upload ends without the file of its refused rows: about ten minutes.
const TRIES_FOR_ERROR_FILE: u32 = 9;

/// A merchant's account with Stripe, as its feeds need it.
#[derive(Debug)]
pub struct StripeSettings {
    /// Base URL of the API.
    pub api: Upstream,
    /// Base URL of the Files API.
    pub files: Upstream,
    /// Secret key of the account.
    pub key: Arc<Secret>,
    /// `Stripe-Version` of the calls.
    pub version: String,
    /// Hosts that an upload or a download may be sent to by a URL of Stripe's, with their subdomains.
    pub upload_hosts: Vec<String>,
    /// Folder for downloaded files; `None` for that of the system.
    pub spool: Option<std::path::PathBuf>,
    /// How long transfers may take.
    pub timings: FeedTimings,
}

/// The API of one account.
#[derive(Debug)]
pub(super) struct StripeApi {
    pub(super) client: Client,
    pub(super) settings: StripeSettings,
    pub(super) clock: Arc<dyn Clock>,
}

impl StripeApi {
    /// Reads an object of the API.
    pub(super) async fn get(&self, path: &str) -> Result<Value, TransportError> {
        let request = self.request(Method::Get, &self.settings.api, path)?;
        self.object(request).await
    }

    /// Sends a form under an idempotency key.
    pub(super) async fn post_form(
        &self,
        path: &str,
        form: &[(&str, &str)],
        key: &str,
    ) -> Result<Value, TransportError> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = self.request(Method::Post, &self.settings.api, path)?;
        let request = request.header("idempotency-key", key.to_owned());
        self.object(request.body("application/x-www-form-urlencoded", body.into_bytes()))
            .await
    }

    /// Sends a JSON document under an idempotency key.
    pub(super) async fn post_json(&self, path: &str, body: &Value, key: &str) -> Result<Value, TransportError> {
        let request = self.request(Method::Post, &self.settings.api, path)?;
        let request = request.header("idempotency-key", key.to_owned());
        self.object(request.body("application/json", body.to_string().into_bytes()))
            .await
    }

    /// Sends a file to the Files API.
    pub(super) async fn post_file(
        &self,
        content_type: &str,
        body: UploadBody,
        key: &str,
    ) -> Result<Value, TransportError> {
        let request = self
            .request(Method::Post, &self.settings.files, "/v1/files")?
            .header("idempotency-key", key.to_owned())
            .header("content-type", content_type.to_owned());
        let sent = self.upload(&self.settings.files, request, body).await?;
        self.read(&sent)
    }

    /// Sends a file to a URL of Stripe's. It says who may upload: the key of the account is not sent.
    pub(super) async fn put(
        &self,
        url: Url,
        content_type: &str,
        body: UploadBody,
    ) -> Result<HttpResponse, TransportError> {
        let upstream = self.outside(&url)?;
        let request = HttpRequest::new(Method::Put, url).header("content-type", content_type.to_owned());
        self.upload(&upstream, request, body).await
    }

    /// Downloads the content of a file of the Files API.
    pub(super) async fn file_content(&self, id: &str) -> Result<SpooledFile, TransportError> {
        let path = format!("/v1/files/{}/contents", plain(id)?);
        let request = self.request(Method::Get, &self.settings.files, &path)?;
        let (answer, file) = self.download(&self.settings.files, request).await?;
        if answer.status == 200 {
            Ok(file)
        } else {
            Err(refusal(&answer, self.clock.now()))
        }
    }

    /// Downloads from a URL of Stripe's; `None` if it is not taken any more.
    pub(super) async fn download_from(&self, url: Url) -> Result<Option<SpooledFile>, TransportError> {
        let upstream = self.outside(&url)?;
        let (answer, file) = self.download(&upstream, HttpRequest::new(Method::Get, url)).await?;
        match answer.status {
            200 => Ok(Some(file)),
            400 | 401 | 403 | 404 | 410 => Ok(None),
            status => Err(TransportError::temporary(format!(
                "the file of the refused rows: status {status}"
            ))),
        }
    }

    fn request(&self, method: Method, upstream: &Upstream, path: &str) -> Result<HttpRequest, TransportError> {
        let url = upstream.join(path, &[]);
        let url = url.map_err(|error| TransportError::Refused(error.to_string()))?;
        let mut request = HttpRequest::new(method, url)
            .header(
                "authorization",
                Secret::new(format!("Bearer {}", self.settings.key.reveal())),
            )
            .header("stripe-version", self.settings.version.clone());
        // Nothing here moves money, and every call may be repeated.
        request.connection = Connection::Pooled;
        Ok(request)
    }

    async fn object(&self, request: HttpRequest) -> Result<Value, TransportError> {
        let answer = self.client.send(&self.settings.api, request).await.map_err(no_answer)?;
        self.read(&answer)
    }

    fn read(&self, answer: &HttpResponse) -> Result<Value, TransportError> {
        if !matches!(answer.status, 200 | 201) {
            return Err(refusal(answer, self.clock.now()));
        }
        serde_json::from_slice(&answer.body).map_err(|error| {
            TransportError::temporary(format!("Stripe's answer is not readable: {}", wrong_shape(&error)))
        })
    }

    async fn upload(
        &self,
        upstream: &Upstream,
        mut request: HttpRequest,
        body: UploadBody,
    ) -> Result<HttpResponse, TransportError> {
        request.timeout = self.settings.timings.transfer;
        let sent = self.client.upload(upstream, request, body, self.settings.timings.stall);
        sent.await.map_err(no_answer)
    }

    async fn download(
        &self,
        upstream: &Upstream,
        mut request: HttpRequest,
    ) -> Result<(HttpResponse, SpooledFile), TransportError> {
        request.timeout = self.settings.timings.transfer;
        let file = SpooledFile::create(self.settings.spool.as_deref())?;
        let mut sink = tokio::fs::File::from_std(file.from_start()?);
        let stall = self.settings.timings.stall;
        let answer = self
            .client
            .download(upstream, request, MAX_ERROR_FILE, stall, &mut sink)
            .await;
        Ok((answer.map_err(no_answer)?, file))
    }

    /// The host of a URL that Stripe gave, if it is one of those that it may be.
    fn outside(&self, url: &Url) -> Result<Upstream, TransportError> {
        let host = url.host_str().unwrap_or_default();
        let known = |allowed: &String| {
            host == allowed
                || host
                    .strip_suffix(allowed.as_str())
                    .is_some_and(|rest| rest.ends_with('.'))
        };
        if !self.settings.upload_hosts.iter().any(known) {
            return Err(TransportError::temporary(format!(
                "Stripe's URL for the file is at {host}, which is not among upload_hosts of [feed]; add it there if Stripe's \
                 documentation names it"
            )));
        }
        let mut upstream = Upstream::new("stripe uploads", &url.origin().ascii_serialization())
            .map_err(|error| TransportError::temporary(error.to_string()))?;
        upstream.allow_http = self.settings.api.allow_http;
        upstream.allow_private = self.settings.api.allow_private;
        Ok(upstream)
    }
}

/// What to tell of an upload whose refused rows cannot be fetched; an error while that may change. What became of the others is known,
/// and is not to be lost with them.
pub(super) fn without_error_file(upload: &FeedUpload, error: TransportError) -> Result<String, TransportError> {
    let is_tried_again = upload.tries < TRIES_FOR_ERROR_FILE || upload.problem.is_none();
    if is_tried_again && !matches!(error, TransportError::Refused(_)) {
        return Err(error);
    }
    Ok(format!(
        "the file with the refused rows cannot be fetched, so that they are not listed here; look into the Feed history of the Dashboard: {error}"
    ))
}

fn no_answer(error: EgressError) -> TransportError {
    TransportError::temporary(error.to_string())
}

/// An id of Stripe's becomes part of a path: letters, digits, `_` and `-` only.
pub(super) fn plain(id: &str) -> Result<&str, TransportError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=255).contains(&id.len()) && id.bytes().all(is_plain) {
        Ok(id)
    } else {
        Err(TransportError::Refused(
            "an id in Stripe's answer is not one of Stripe's".to_owned(),
        ))
    }
}

/// What an answer without an object means. A wrong key or a missing permission can be put right while the upload waits; so can a version.
/// Stripe keeps a server error under the key of the request.
fn refusal(answer: &HttpResponse, now: Timestamp) -> TransportError {
    let status = answer.status;
    let error: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |member: &str| {
        error
            .pointer(&format!("/error/{member}"))
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let (kind, message) = (text("type"), text("message"));
    let why = format!(
        "Stripe answers {status}: {}",
        if message.is_empty() { kind } else { message }
    );
    let wait = |retry_after: Option<Duration>| TransportError::Temporary {
        why: why.clone(),
        retry_after,
    };
    match status {
        401 | 403 | 408 => wait(None),
        // Another request under the same key is in progress.
        409 => wait(None),
        400 | 404 if message.contains("API version") || message.starts_with("Unrecognized request URL") => wait(None),
        400..=428 | 430..=499 => TransportError::Refused(why),
        500..=502 | 504..=599 => TransportError::KeySpent(why),
        _ => wait(answer.retry_after(now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str) -> TransportError {
        let answer = HttpResponse {
            status,
            headers: vec![("retry-after".to_owned(), "7".to_owned())],
            body: body.as_bytes().to_vec().into(),
        };
        refusal(&answer, Timestamp(0))
    }

    #[test]
    fn what_can_be_put_right_meanwhile_does_not_end_an_upload() {
        let permission =
            r#"{"error":{"type":"invalid_request_error","message":"The key lacks Product Catalog Import"}}"#;
        assert!(
            matches!(refused(403, permission), TransportError::Temporary { why, .. } if why.contains("lacks Product"))
        );
        let version = r#"{"error":{"message":"Invalid Stripe API version: 2"}}"#;
        assert!(matches!(refused(400, version), TransportError::Temporary { .. }));
        assert!(matches!(refused(400, "{}"), TransportError::Refused(_)));
        assert!(matches!(refused(500, ""), TransportError::KeySpent(_)));
        for status in [429, 503] {
            let asked = Some(Duration::from_secs(7));
            assert!(
                matches!(refused(status, ""), TransportError::Temporary { retry_after, .. } if retry_after == asked)
            );
        }
    }

    #[test]
    fn an_id_stays_in_its_place_of_the_path() {
        assert!(plain("file_1SnV9UJ7").is_ok());
        for wrong in ["", "a/b", "..", "file_1?x", &"a".repeat(256)] {
            assert!(plain(wrong).is_err(), "{wrong}");
        }
    }
}
