//! A request as it arrived, and reading it from a socket.

use std::io;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Maximum size of the head of a request.
const HEAD_BYTES: usize = 64 << 10;

/// A request that arrived at an upstream, with the secrets and the card data that the host filled in.
///
/// ```
/// let request = tillhouse_harness::upstream::Received::new("POST", "/v1/charges?test=1", r#"{"amount":5}"#);
/// assert_eq!(request.path, "/v1/charges");
/// assert_eq!(request.json().unwrap()["amount"], 5);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// HTTP method in upper case: `GET`, `POST` …
    pub method: String,
    /// Path of the target, without the query.
    pub path: String,
    /// Query parameters in order, percent-decoded.
    pub query: Vec<(String, String)>,
    /// Headers in order, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// Raw bytes of the body.
    pub body: Vec<u8>,
}

impl Received {
    /// A request with this method, target and body, and without headers.
    ///
    /// ```
    /// use tillhouse_harness::upstream::Received;
    ///
    /// let request = Received::new("GET", "/charges?reference=ref_1", "");
    /// assert_eq!(request.query, [("reference".to_owned(), "ref_1".to_owned())]);
    /// ```
    #[must_use]
    pub fn new(method: &str, target: &str, body: impl Into<Vec<u8>>) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: pairs(query.as_bytes()),
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// Value of the first header of this name, which must be in lower case.
    ///
    /// ```
    /// use tillhouse_harness::upstream::Received;
    ///
    /// let mut request = Received::new("GET", "/charges", "");
    /// request.headers.push(("accept".into(), "application/json".into()));
    /// assert_eq!(request.header("accept"), Some("application/json"));
    /// ```
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `None` if it is not JSON.
    ///
    /// ```
    /// use tillhouse_harness::upstream::Received;
    ///
    /// assert_eq!(Received::new("POST", "/charges", r#"{"amount":5}"#).json().unwrap()["amount"], 5);
    /// assert_eq!(Received::new("POST", "/charges", "amount=5").json(), None);
    /// ```
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Fields of a form-encoded body, decoded.
    ///
    /// ```
    /// use tillhouse_harness::upstream::Received;
    ///
    /// let request = Received::new("POST", "/charges", "amount=5&note=two+tees");
    /// assert_eq!(request.form()[1].1, "two tees");
    /// ```
    #[must_use]
    pub fn form(&self) -> Vec<(String, String)> {
        pairs(&self.body)
    }

    /// The body as text, with invalid UTF-8 replaced.
    ///
    /// ```
    /// use tillhouse_harness::upstream::Received;
    ///
    /// assert_eq!(Received::new("POST", "/orders", "<order/>").text(), "<order/>");
    /// ```
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Reads a request from a connection; `None` if it is closed before the head is complete.
    pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break at;
            }
            if bytes.len() > HEAD_BYTES || stream.read_buf(&mut bytes).await? == 0 {
                return Ok(None);
            }
        };
        let mut request = Self::head(&String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()));
        request.body = bytes.split_off(end + 4);
        let length = request.header("content-length").and_then(|length| length.parse().ok());
        while request.body.len() < length.unwrap_or(0) {
            if stream.read_buf(&mut request.body).await? == 0 {
                break;
            }
        }
        Ok(Some(request))
    }

    fn head(head: &str) -> Self {
        let mut lines = head.split("\r\n");
        let mut start = lines.next().unwrap_or_default().split(' ');
        let (method, target) = (start.next().unwrap_or_default(), start.next().unwrap_or_default());
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        Self {
            headers: lines.filter_map(header).collect(),
            ..Self::new(method, target, Vec::new())
        }
    }
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_is_read_whole() {
        let mut wire = &b"POST /a?b=c%20d HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\ne=f+g%21"[..];
        let request = Received::read(&mut wire).await.unwrap().unwrap();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/a"));
        assert_eq!(request.query, [("b".to_owned(), "c d".to_owned())]);
        assert_eq!(request.header("host"), Some("x"));
        assert_eq!(request.form(), [("e".to_owned(), "f g!".to_owned())]);
    }

    #[tokio::test]
    async fn a_connection_without_a_request_is_none() {
        assert_eq!(Received::read(&mut &b""[..]).await.unwrap(), None);
    }
}
