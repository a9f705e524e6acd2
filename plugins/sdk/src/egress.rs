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
    /// Literal text.
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

    /// The value of a secret of the manifest.
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
    /// The first header of this name, which is in lower case.
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

    /// The body, if it is UTF-8.
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

/// A request that was not allowed or not well formed is for the operator; anything else did not answer.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error.code.as_str() {
            "denied" | "invalid" => Self::Misconfigured(error.message),
            _ => Self::Unavailable(None),
        }
    }
}

impl Request {
    /// Sends the operation's idempotency key in this header. In `payments.charge` the host does it by itself.
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
