//! Outgoing HTTP to the upstreams that the plugin's manifest names.
//!
//! ```no_run
//! # use tillhouse_plugin::prelude::*;
//! # fn charge(credential: Credential<'_>) -> Result<(), egress::Error> {
//! let response = egress::post("acquirer", "/v1/charges")
//!     .bearer_secret("api_key")
//!     .json(r#"{"amount":500,"card":{"number":null,"cryptogram":null}}"#)
//!     .slots(credential, &[("/card/number", Slot::Number), ("/card/cryptogram", Slot::Cryptogram)])
//!     .send_with(credential)?;
//! # Ok(())
//! # }
//! ```

mod request;
mod slot;

pub use self::{
    request::{Request, delete, get, patch, post, put},
    slot::Slot,
};
pub use crate::bindings::tillhouse::host::egress::{Body, Error, Fill, HmacPart, HmacSpec, Response, SlotFill};
use crate::types::{Failure, Operation};

impl Fill {
    /// Creates a fill of literal text.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let request = egress::get("rates", "/quote").header("accept", Fill::text("application/json"));
    /// # let _ = request;
    /// ```
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Creates a fill with the value of a secret that the manifest declares.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let request = egress::get("rates", "/quote").header("x-api-key", Fill::secret("api_key"));
    /// # let _ = request;
    /// ```
    #[must_use]
    pub fn secret(name: impl Into<String>) -> Self {
        Self::Secret(name.into())
    }
}

impl From<Slot> for Fill {
    fn from(slot: Slot) -> Self {
        Self::Slot(SlotFill {
            field: slot.field().into(),
            format: slot.format().into(),
        })
    }
}

impl Response {
    /// Returns the first header with this name, which must be in lower case.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// use tillhouse_plugin::egress::Response;
    ///
    /// let headers = vec![("content-type".into(), "text/plain".into())];
    /// let response = Response { status: 200, headers, body: vec![] };
    /// assert_eq!(response.header("content-type"), Some("text/plain"));
    /// ```
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns the body as text; `None` if it is not UTF-8.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let _host = testing::Host::new().answer(200, "599").install();
    /// let response = egress::get("rates", "/quote").send()?;
    /// assert_eq!(response.text(), Some("599"));
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        core::str::from_utf8(&self.body).ok()
    }
}

/// A denied or malformed request is reported to the operator; any other error means that the upstream is unavailable.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error.code.as_str() {
            "denied" | "invalid" => Self::Misconfigured(error.message),
            _ => Self::Unavailable(None),
        }
    }
}

impl Request {
    /// Sends the operation's idempotency key in this header. In `payments.charge` the host adds it automatically.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let op = testing::operation("1");
    /// let request = egress::post("stock", "/reservations").idempotency("Idempotency-Key", &op);
    /// # let _ = request;
    /// ```
    pub fn idempotency(self, header: &str, op: &Operation) -> Self {
        self.header(header, Fill::text(op.idempotency_key.as_str()))
    }
}
