//! Requests that other systems send to the host for the plugin to read, and what the plugin replies.

use crate::types::{Notice, Reply};

impl Notice {
    /// Returns the value of a header, whose name is in lower case; `None` if the request has none.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let notice = testing::notice(&[("acme-signature", "4f2a")], "{}");
    /// assert_eq!(notice.header("acme-signature"), Some("4f2a"));
    /// assert_eq!(notice.header("authorization"), None);
    /// ```
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(known, _)| known == name);
        header.map(|(_, value)| value.as_str())
    }
}

impl Reply {
    /// Creates a reply with status 200 and a body in plain text, for a sender that expects certain words.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let reply = Reply { status: 202, ..Reply::text("[accepted]") };
    /// assert_eq!(reply.body, b"[accepted]");
    /// ```
    #[must_use]
    pub fn text(body: &str) -> Self {
        Self {
            status: 200,
            content_type: "text/plain; charset=utf-8".into(),
            body: body.into(),
        }
    }
}
