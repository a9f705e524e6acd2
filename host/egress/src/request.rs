//! A complete outgoing request, and its response.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use tokio::time::Instant;
use url::Url;
use zeroize::Zeroizing;

use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::time::Timestamp;

/// HTTP methods that requests may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`: reads, and has no body.
    Get,
    /// `POST`: creates or acts.
    Post,
    /// `PUT`: replaces a resource.
    Put,
    /// `PATCH`: changes a resource.
    Patch,
    /// `DELETE`: removes a resource.
    Delete,
}

impl Method {
    /// The method with this name, in upper case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "GET" => Self::Get,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            _ => return None,
        })
    }

    /// Method name in upper case, as on the request line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Value of a request header.
#[derive(Debug)]
pub enum HeaderText {
    /// May appear in logs and debug output.
    Plain(String),
    /// Must not appear in logs or debug output.
    Secret(Arc<Secret>),
}

impl HeaderText {
    /// The value in clear text.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.reveal(),
        }
    }
}

impl From<&str> for HeaderText {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl From<String> for HeaderText {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

impl From<Secret> for HeaderText {
    fn from(secret: Secret) -> Self {
        Self::Secret(Arc::new(secret))
    }
}

impl From<Arc<Secret>> for HeaderText {
    fn from(secret: Arc<Secret>) -> Self {
        Self::Secret(secret)
    }
}

/// Connection on which a request is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// One of its own, whose bytes are counted, closed afterwards. For a request that moves money: every failure reports how much
    /// of the request was written.
    #[default]
    Fresh,
    /// A pooled connection of an earlier request, if one is open.
    Pooled,
}

/// One request. It is sent at most once, follows no redirect, and its body is wiped afterwards.
pub struct HttpRequest {
    /// HTTP method of the request line.
    pub method: Method,
    /// Absolute URL, below the base of the upstream that it is sent to.
    pub url: Url,
    /// Headers in order. `host`, `content-length` and the other headers of the connection are set by the client.
    pub headers: Vec<(String, HeaderText)>,
    /// Body, wiped when dropped; `None` sends no body.
    pub body: Option<Zeroizing<Vec<u8>>>,
    /// Timeout of the whole exchange; the timeout of the upstream applies too.
    pub timeout: Duration,
    /// Start of the timeout, if it is before sending: nothing is written after the deadline.
    pub timeout_starts: Option<Instant>,
    /// Maximum body of the response, in bytes. Zero: only the head matters, and the body is not read at all.
    pub max_response_bytes: usize,
    /// A counted connection of its own, or a pooled one.
    pub connection: Connection,
}

impl std::fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("path", &self.url.path())
            .finish_non_exhaustive()
    }
}

impl HttpRequest {
    /// A request without headers and body: timeout 15 s, response of at most 512 KiB, on a connection of its own.
    #[must_use]
    pub const fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            body: None,
            timeout: Duration::from_secs(15),
            timeout_starts: None,
            max_response_bytes: 512 << 10,
            connection: Connection::Fresh,
        }
    }

    /// Appends a header; the same name may occur more than once.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<HeaderText>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the body and its `content-type`.
    #[must_use]
    pub fn body(self, content_type: &str, body: impl Into<Zeroizing<Vec<u8>>>) -> Self {
        let mut request = self.header("content-type", content_type);
        request.body = Some(body.into());
        request
    }
}

/// A complete response, within the limits of its request.
pub struct HttpResponse {
    /// Status code; never a redirect.
    pub status: u16,
    /// Headers in the order received, names in lower case. Bytes of a value that are not UTF-8 become U+FFFD.
    pub headers: Vec<(String, String)>,
    /// Body, wiped when dropped: a resolved credential arrives in one.
    pub body: Zeroizing<Vec<u8>>,
}

impl HttpResponse {
    /// The first header with this name, given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }

    /// Delay that a server with status 429 or 503 asks for: seconds or a date (RFC 9110 §10.2.3). A date is compared with the
    /// `date` header of the response, by the same clock, and with `now` if there is none. A date in the past gives zero.
    #[must_use]
    pub fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        let text = self
            .header("retry-after")
            .filter(|_| matches!(self.status, 429 | 503))?
            .trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let until = http_date(text)?;
        let now = self.header("date").and_then(http_date).unwrap_or(now);
        Some(Duration::from_millis(until.millis().saturating_sub(now.millis())))
    }
}

/// Parses an HTTP date, in any of its three formats.
fn http_date(text: &str) -> Option<Timestamp> {
    let date = httpdate::parse_http_date(text.trim()).ok()?;
    let since = date.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok().map(Timestamp)
}

impl std::fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sun, 06 Nov 1994 08:49:37 GMT.
    const NOW: Timestamp = Timestamp(784_111_777_000);

    fn retry_after_seconds(status: u16, value: &str) -> Option<u64> {
        retry_after_with_date(status, value, None)
    }

    fn retry_after_with_date(status: u16, value: &str, date: Option<&str>) -> Option<u64> {
        let dated = date.map(|date| ("date".to_owned(), date.to_owned()));
        let answer = HttpResponse {
            status,
            headers: [("retry-after".to_owned(), value.to_owned())]
                .into_iter()
                .chain(dated)
                .collect(),
            body: Zeroizing::default(),
        };
        answer.retry_after(NOW).map(|asked| asked.as_secs())
    }

    #[test]
    fn retry_after_is_read_for_status_429_and_503_only() {
        for status in [429, 503] {
            assert_eq!(retry_after_seconds(status, " 120 "), Some(120));
        }
        for (status, value) in [
            (500, "120"),
            (200, "120"),
            (429, "-1"),
            (429, "1.5"),
            (429, "soon"),
            (503, "Sun, 06 Nov 1994 25:49:37 GMT"),
            (503, "99999999999999999999999"),
        ] {
            assert_eq!(retry_after_seconds(status, value), None, "{status} {value}");
        }
    }

    #[test]
    fn retry_after_may_be_a_date_in_each_of_its_formats() {
        for date in [
            "Sun, 06 Nov 1994 08:50:37 GMT",
            "Sunday, 06-Nov-94 08:50:37 GMT",
            "Sun Nov  6 08:50:37 1994",
        ] {
            assert_eq!(retry_after_seconds(503, date), Some(60), "{date}");
        }
        assert_eq!(
            retry_after_seconds(429, "Sun, 06 Nov 1994 08:49:00 GMT"),
            Some(0),
            "a date that is past"
        );
    }

    #[test]
    fn a_date_is_compared_with_that_of_the_server() {
        let hour_ahead = Some("Sun, 06 Nov 1994 09:49:37 GMT");
        assert_eq!(
            retry_after_with_date(503, "Sun, 06 Nov 1994 09:49:47 GMT", hour_ahead),
            Some(10)
        );
        assert_eq!(
            retry_after_with_date(503, "Sun, 06 Nov 1994 08:49:47 GMT", Some("today")),
            Some(10)
        );
    }
}
