//! Builder for HTTP requests.

use super::{Body, Error, Fill, Response, Slot};
use crate::{
    bindings::tillhouse::host::egress::{JsonBody, Request as Parts},
    credential::Credential,
    imports,
};

/// Builder for a request to an upstream.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let host = testing::Host::new().answer(200, r#"{"price":599}"#).install();
/// let response = egress::get("rates", "/quote").query("zip", "94105").bearer_secret("api_key").send()?;
/// assert_eq!(response.status, 200);
/// assert_eq!(host.requests()[0].path, "/quote");
/// # Ok::<(), Failure>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request(Parts);

/// Starts a `GET` request to a path of an upstream.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// # let host = testing::Host::new().answer(200, "").install();
/// egress::get("acme", "/charges/ref_1").send()?;
/// # assert_eq!(host.requests()[0].method, "GET");
/// # Ok::<(), Failure>(())
/// ```
pub fn get(upstream: &str, path: impl Into<String>) -> Request {
    Request::new("GET", upstream, path)
}

/// Starts a `POST` request to a path of an upstream.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// # let host = testing::Host::new().answer(200, "").install();
/// egress::post("acme", "/charges").send()?;
/// # assert_eq!(host.requests()[0].method, "POST");
/// # Ok::<(), Failure>(())
/// ```
pub fn post(upstream: &str, path: impl Into<String>) -> Request {
    Request::new("POST", upstream, path)
}

/// Starts a `PUT` request to a path of an upstream.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// # let host = testing::Host::new().answer(200, "").install();
/// egress::put("acme", "/reservations/1").send()?;
/// # assert_eq!(host.requests()[0].method, "PUT");
/// # Ok::<(), Failure>(())
/// ```
pub fn put(upstream: &str, path: impl Into<String>) -> Request {
    Request::new("PUT", upstream, path)
}

/// Starts a `PATCH` request to a path of an upstream.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// # let host = testing::Host::new().answer(200, "").install();
/// egress::patch("acme", "/reservations/1").send()?;
/// # assert_eq!(host.requests()[0].method, "PATCH");
/// # Ok::<(), Failure>(())
/// ```
pub fn patch(upstream: &str, path: impl Into<String>) -> Request {
    Request::new("PATCH", upstream, path)
}

/// Starts a `DELETE` request to a path of an upstream.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// # let host = testing::Host::new().answer(200, "").install();
/// egress::delete("acme", "/reservations/1").send()?;
/// # assert_eq!(host.requests()[0].method, "DELETE");
/// # Ok::<(), Failure>(())
/// ```
pub fn delete(upstream: &str, path: impl Into<String>) -> Request {
    Request::new("DELETE", upstream, path)
}

impl Request {
    fn new(method: &str, upstream: &str, path: impl Into<String>) -> Self {
        Self(Parts {
            upstream: upstream.into(),
            method: method.into(),
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::Empty,
            timeout_ms: None,
        })
    }

    /// Adds a query parameter; the host encodes it.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let host = testing::Host::new().answer(200, "").install();
    /// egress::get("rates", "/quote").query("city", "San Francisco").send()?;
    /// assert_eq!(host.requests()[0].query, [("city".into(), "San Francisco".into())]);
    /// # Ok::<(), Failure>(())
    /// ```
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.query.push((name.into(), value.into()));
        self
    }

    /// Adds a header, whose value may be text, a secret or a card field.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let host = testing::Host::new().answer(200, "").install();
    /// egress::get("rates", "/quote").header("x-version", Fill::text("2")).send()?;
    /// assert_eq!(host.requests()[0].headers, [("x-version".into(), Fill::text("2"))]);
    /// # Ok::<(), Failure>(())
    /// ```
    pub fn header(mut self, name: &str, value: Fill) -> Self {
        self.0.headers.push((name.into(), value));
        self
    }

    /// Adds `Authorization: Bearer` with the value of a secret.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let host = testing::Host::new().answer(200, "").install();
    /// egress::get("rates", "/quote").bearer_secret("api_key").send()?;
    /// assert_eq!(host.requests()[0].headers, [("authorization".into(), Fill::Bearer("api_key".into()))]);
    /// # Ok::<(), Failure>(())
    /// ```
    pub fn bearer_secret(self, secret: &str) -> Self {
        self.header("authorization", Fill::Bearer(secret.into()))
    }

    /// Sets a timeout for the whole exchange, in milliseconds. The operator's timeout also applies.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let host = testing::Host::new().answer(200, "").install();
    /// egress::get("rates", "/quote").timeout_ms(800).send()?;
    /// assert_eq!(host.requests()[0].timeout_ms, Some(800));
    /// # Ok::<(), Failure>(())
    /// ```
    pub fn timeout_ms(mut self, milliseconds: u32) -> Self {
        self.0.timeout_ms = Some(milliseconds);
        self
    }

    /// Sets a JSON body. Write `null` where the host fills in a value; name these places with [`Request::fill`] or
    /// [`Request::slots`].
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let request = egress::post("acquirer", "/charges")
    ///     .json(r#"{"amount":500,"card":{"number":null}}"#)
    ///     .fill("/card/number", Slot::Number);
    /// # let _ = request;
    /// ```
    pub fn json(mut self, document: impl Into<String>) -> Self {
        self.0.body = Body::Json(JsonBody {
            document: document.into(),
            fills: Vec::new(),
        });
        self
    }

    /// Adds a field to a form body.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let request = egress::post("acquirer", "/charges").field("amount", Fill::text("500")).field("card", Slot::Number.into());
    /// # let _ = request;
    /// ```
    pub fn field(mut self, name: &str, value: Fill) -> Self {
        match &mut self.0.body {
            Body::Form(fields) => fields.push((name.into(), value)),
            other => *other = Body::Form(vec![(name.into(), value)]),
        }
        self
    }

    /// Sets a binary body with its content type.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let host = testing::Host::new().answer(200, "").install();
    /// egress::post("labels", "/print").bytes("application/pdf", *b"%PDF").send()?;
    /// assert_eq!(host.requests()[0].method, "POST");
    /// # Ok::<(), Failure>(())
    /// ```
    pub fn bytes(mut self, content_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.body = Body::Bytes((content_type.into(), bytes.into()));
        self
    }

    /// Fills a place of the JSON body, given by its JSON Pointer (RFC 6901). Has no effect without a JSON body.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let request = egress::post("acquirer", "/charges")
    ///     .json(r#"{"account":null}"#)
    ///     .fill("/account", Fill::secret("account"));
    /// # let _ = request;
    /// ```
    pub fn fill(mut self, pointer: &str, value: impl Into<Fill>) -> Self {
        if let Body::Json(json) = &mut self.0.body {
            json.fills.push((pointer.into(), value.into()));
        }
        self
    }

    /// Fills places of the JSON body with card fields. Places whose slot has no value in the credential stay `null`.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let card = testing::TestCredential::with_fields(&["number"]);
    /// let places = [("/card/number", Slot::Number), ("/card/cryptogram", Slot::Cryptogram)];
    /// let request = egress::post("acquirer", "/charges")
    ///     .json(r#"{"card":{"number":null,"cryptogram":null}}"#)
    ///     .slots(card.handle(), &places); // no cryptogram, so its place stays null
    /// # let _ = request;
    /// ```
    pub fn slots(mut self, credential: Credential<'_>, places: &[(&str, Slot)]) -> Self {
        let present = credential.fields();
        for (pointer, slot) in places {
            if present.iter().any(|field| field == slot.field()) {
                self = self.fill(pointer, *slot);
            }
        }
        self
    }

    /// Sends the request and waits for the response.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let _host = testing::Host::new().no_answer("not-connected", false).install();
    /// let error = egress::get("rates", "/quote").send().unwrap_err();
    /// assert!(!error.sent, "nothing left the host");
    /// ```
    ///
    /// # Errors
    /// [`Error`]; its field `sent` says whether any byte may have reached the upstream.
    pub fn send(self) -> Result<Response, Error> {
        imports::egress::send(&self.0, None)
    }

    /// Sends the request with the credential whose slots it uses.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// # let _host = testing::Host::new().answer(201, "").install();
    /// fn charge(credential: Credential<'_>) -> Result<u16, Failure> {
    ///     let request = egress::post("acquirer", "/charges").json(r#"{"number":null}"#).fill("/number", Slot::Number);
    ///     Ok(request.send_with(credential)?.status)
    /// }
    /// assert_eq!(charge(testing::TestCredential::with_fields(&["number"]).handle())?, 201);
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    /// [`Error`]; its field `sent` says whether any byte may have reached the upstream.
    pub fn send_with(self, credential: Credential<'_>) -> Result<Response, Error> {
        imports::egress::send(&self.0, credential.handle())
    }
}
