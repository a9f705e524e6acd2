//! HTTP requests and responses as bytes.

/// The blank line that ends a head.
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// The start line and the headers of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) first_line: String,
    pub(super) headers: Vec<(String, String)>,
}

impl Head {
    /// Parses the head at the start of these bytes; also returns where the body starts. `None` until the head is complete.
    pub(super) fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let end = bytes
            .windows(END_OF_HEAD.len())
            .position(|window| window == END_OF_HEAD)?;
        let text = String::from_utf8_lossy(&bytes[..end]);
        let mut lines = text.split("\r\n");
        let first_line = lines.next().unwrap_or_default().to_owned();
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let head = Self { first_line, headers };
        Some((head, end + END_OF_HEAD.len()))
    }

    /// Method and path of a request.
    pub(super) fn target(&self) -> (&str, &str) {
        let mut words = self.first_line.split(' ');
        (words.next().unwrap_or_default(), words.next().unwrap_or_default())
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The length of the body from `Content-Length`, which the host and its peers always send.
    pub(super) fn length(&self) -> usize {
        assert_eq!(
            self.header("transfer-encoding"),
            None,
            "the proxy supports only bodies with Content-Length"
        );
        self.header("content-length")
            .map_or(0, |text| text.parse().expect("a valid Content-Length"))
    }

    /// Sets a header, replacing any of the same name.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(header, _)| header != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(header, _)| header != name);
        self
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("{}\r\n", self.first_line);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        text.into_bytes()
    }
}

/// A message with head and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) head: Head,
    pub(super) body: Vec<u8>,
}

impl Message {
    /// A response made by the proxy itself.
    pub(super) fn answer(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let head = Head {
            first_line: format!("HTTP/1.1 {status}"),
            headers: Vec::new(),
        };
        let head = head.with("content-type", "application/json");
        let head = headers.iter().fold(head, |head, (name, value)| head.with(name, value));
        Self {
            head: head.with("content-length", &body.len().to_string()),
            body: body.to_owned(),
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        [self.head.to_bytes(), self.body.clone()].concat()
    }
}
