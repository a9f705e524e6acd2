//! Building a request.

use super::{Body, Error, Fill, Response, Slot};
use crate::{
    bindings::tillhouse::host::egress::{JsonBody, Request as Parts},
    credential::Credential,
    imports,
};

/// A request in the making.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request(Parts);

/// A `GET` of a path of an upstream.
pub fn get(upstream: &str, path: impl Into<String>) -> Request {
    Request::new("GET", upstream, path)
}

/// A `POST` to a path of an upstream.
pub fn post(upstream: &str, path: impl Into<String>) -> Request {
    Request::new("POST", upstream, path)
}

/// A `PUT` to a path of an upstream.
pub fn put(upstream: &str, path: impl Into<String>) -> Request {
    Request::new("PUT", upstream, path)
}

/// A `PATCH` of a path of an upstream.
pub fn patch(upstream: &str, path: impl Into<String>) -> Request {
    Request::new("PATCH", upstream, path)
}

/// A `DELETE` of a path of an upstream.
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
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.query.push((name.into(), value.into()));
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: Fill) -> Self {
        self.0.headers.push((name.into(), value));
        self
    }

    /// Adds `Authorization: Bearer` with the value of a secret.
    pub fn bearer_secret(self, secret: &str) -> Self {
        self.header("authorization", Fill::Bearer(secret.into()))
    }

    /// Bounds the whole exchange; the operator's bound holds as well.
    pub fn timeout_ms(mut self, milliseconds: u32) -> Self {
        self.0.timeout_ms = Some(milliseconds);
        self
    }

    /// Sets a JSON body. A place to be filled holds `null`; name it with [`Request::fill`] or [`Request::slots`].
    pub fn json(mut self, document: impl Into<String>) -> Self {
        self.0.body = Body::Json(JsonBody {
            document: document.into(),
            fills: Vec::new(),
        });
        self
    }

    /// Adds a field to a form body.
    pub fn field(mut self, name: &str, value: Fill) -> Self {
        match &mut self.0.body {
            Body::Form(fields) => fields.push((name.into(), value)),
            other => *other = Body::Form(vec![(name.into(), value)]),
        }
        self
    }

    /// Sets a body of bytes.
    pub fn bytes(mut self, content_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.body = Body::Bytes((content_type.into(), bytes.into()));
        self
    }

    /// Fills a place of the JSON body, named by its JSON Pointer (RFC 6901). Does nothing without a JSON body.
    pub fn fill(mut self, pointer: &str, value: impl Into<Fill>) -> Self {
        if let Body::Json(json) = &mut self.0.body {
            json.fills.push((pointer.into(), value.into()));
        }
        self
    }

    /// Fills those places of the JSON body whose slot has a value in the credential; the others stay `null`.
    pub fn slots(mut self, credential: Credential<'_>, places: &[(&str, Slot)]) -> Self {
        let present = credential.fields();
        for (pointer, slot) in places {
            if present.iter().any(|field| field == slot.field()) {
                self = self.fill(pointer, *slot);
            }
        }
        self
    }

    /// Sends it and waits for the answer.
    ///
    /// # Errors
    /// [`Error`], which says whether any byte may have reached the upstream.
    pub fn send(self) -> Result<Response, Error> {
        imports::egress::send(&self.0, None)
    }

    /// Sends it with the credential whose slots it names.
    ///
    /// # Errors
    /// [`Error`], which says whether any byte may have reached the upstream.
    pub fn send_with(self, credential: Credential<'_>) -> Result<Response, Error> {
        imports::egress::send(&self.0, credential.handle())
    }
}
