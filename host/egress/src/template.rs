//! A request as a plugin writes it, with names in place of secrets and card data.

use std::fmt::Write as _;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::request::Method;

/// A credential slot, and the format of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotFill {
    /// Name of the slot, such as `number` or `exp-month`.
    pub field: String,
    /// `plain`, `mm`, `m`, `yyyy` or `yy`.
    pub format: String,
}

/// A part of the text that is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HmacPart {
    /// Literal text, signed as UTF-8.
    Text(String),
    /// The body after all fills, as it is sent.
    Body,
    /// Path and query, as in the request line.
    Path,
}

/// Specification of an HMAC signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HmacSpec {
    /// Name of the secret that is the key.
    pub secret: String,
    /// Hash algorithm; only `sha256` is supported.
    pub algorithm: String,
    /// Encoding of the tag: `hex` or `base64`.
    pub encoding: String,
    /// Parts that are concatenated and signed, in order.
    pub parts: Vec<HmacPart>,
}

/// A value to complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FillValue {
    /// Literal text, used as it is.
    Text(String),
    /// A secret of the binding, by name.
    Secret(String),
    /// `Bearer ` and a secret by name; only in `authorization`.
    Bearer(String),
    /// A slot of the credential; only in bodies.
    Slot(SlotFill),
    /// An HMAC signature; only in headers.
    Hmac(HmacSpec),
}

impl FillValue {
    /// Bytes of the texts in it.
    fn size(&self) -> usize {
        match self {
            Self::Text(text) | Self::Secret(text) | Self::Bearer(text) => text.len(),
            Self::Slot(slot) => slot.field.len() + slot.format.len(),
            Self::Hmac(spec) => {
                let parts = spec.parts.iter().map(|part| match part {
                    HmacPart::Text(text) => text.len(),
                    HmacPart::Body | HmacPart::Path => 0,
                });
                spec.secret.len() + spec.algorithm.len() + spec.encoding.len() + parts.sum::<usize>()
            }
        }
    }
}

/// A body with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateBody {
    /// The request has no body.
    Empty,
    /// Content type and bytes, sent as they are.
    Bytes(String, Vec<u8>),
    /// Form fields in order, sent as `application/x-www-form-urlencoded`.
    Form(Vec<(String, FillValue)>),
    /// A JSON document, and JSON pointers to the `null` members to fill.
    Json(String, Vec<(String, FillValue)>),
}

/// A request with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// HTTP method of the request line.
    pub method: Method,
    /// Path below the base URL of the upstream; starts with `/`.
    pub path: String,
    /// Query parameters in order, not yet encoded.
    pub query: Vec<(String, String)>,
    /// Headers in order: name and value.
    pub headers: Vec<(String, FillValue)>,
    /// Body, filled when the request is sent.
    pub body: TemplateBody,
    /// Timeout of the exchange that the plugin asks for; `None` uses that of the upstream.
    pub timeout: Option<Duration>,
}

impl Template {
    /// SHA-256 over the upstream's name and the unfilled request, in hex: two requests have the same digest exactly if they would
    /// be the same request for the same credential. The timeout is not included.
    #[must_use]
    pub fn digest(&self, upstream: &str) -> String {
        let mut digest = CanonicalDigest(Sha256::new());
        digest.text(upstream);
        digest.text(self.method.name());
        digest.text(&self.path);
        digest.count(self.query.len());
        for (name, value) in &self.query {
            digest.text(name);
            digest.text(value);
        }
        digest.fields(&self.headers);
        match &self.body {
            TemplateBody::Empty => digest.text("empty"),
            TemplateBody::Bytes(content_type, bytes) => {
                digest.text("bytes");
                digest.text(content_type);
                digest.bytes(bytes);
            }
            TemplateBody::Form(fields) => {
                digest.text("form");
                digest.fields(fields);
            }
            TemplateBody::Json(document, fills) => {
                digest.text("json");
                digest.text(document);
                digest.fields(fills);
            }
        }
        digest.finish()
    }

    /// Size of the request in bytes as the plugin wrote it: without filled values, with the texts that are only signed.
    #[must_use]
    pub fn size(&self) -> usize {
        let pairs = |fields: &[(String, FillValue)]| -> usize {
            fields.iter().map(|(name, fill)| name.len() + fill.size()).sum()
        };
        let body = match &self.body {
            TemplateBody::Empty => 0,
            TemplateBody::Bytes(content_type, bytes) => content_type.len() + bytes.len(),
            TemplateBody::Form(fields) => pairs(fields),
            TemplateBody::Json(document, fills) => document.len() + pairs(fills),
        };
        let query: usize = self.query.iter().map(|(name, value)| name.len() + value.len()).sum();
        self.path.len() + query + pairs(&self.headers) + body
    }
}

/// Length-prefixed hashing, so that two different requests never hash the same bytes.
struct CanonicalDigest(Sha256);

impl CanonicalDigest {
    fn count(&mut self, count: usize) {
        self.0.update((count as u64).to_be_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.update(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn fields(&mut self, fields: &[(String, FillValue)]) {
        self.count(fields.len());
        for (name, fill) in fields {
            self.text(name);
            self.fill(fill);
        }
    }

    fn fill(&mut self, fill: &FillValue) {
        match fill {
            FillValue::Text(text) => {
                self.text("text");
                self.text(text);
            }
            FillValue::Secret(name) => {
                self.text("secret");
                self.text(name);
            }
            FillValue::Bearer(name) => {
                self.text("bearer");
                self.text(name);
            }
            FillValue::Slot(slot) => {
                self.text("slot");
                self.text(&slot.field);
                self.text(&slot.format);
            }
            FillValue::Hmac(spec) => {
                self.text("hmac");
                self.text(&spec.secret);
                self.text(&spec.algorithm);
                self.text(&spec.encoding);
                self.count(spec.parts.len());
                for part in &spec.parts {
                    match part {
                        HmacPart::Text(text) => {
                            self.text("text");
                            self.text(text);
                        }
                        HmacPart::Body => self.text("body"),
                        HmacPart::Path => self.text("path"),
                    }
                }
            }
        }
    }

    fn finish(self) -> String {
        let mut hex = String::with_capacity(64);
        for byte in self.0.finalize() {
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template() -> Template {
        Template {
            method: Method::Post,
            path: "/v1/charges".into(),
            query: vec![],
            headers: vec![("authorization".into(), FillValue::Secret("api_key".into()))],
            body: TemplateBody::Json("{\"amount\":1}".into(), vec![]),
            timeout: None,
        }
    }

    #[test]
    fn every_text_counts_towards_the_size() {
        let part = || "x".repeat(100);
        let before = template().size();
        let signed = FillValue::Hmac(HmacSpec {
            secret: "key".into(),
            algorithm: "sha256".into(),
            encoding: "hex".into(),
            parts: vec![HmacPart::Text(part()), HmacPart::Body, HmacPart::Path],
        });
        for (value, bytes) in [
            (FillValue::Text(part()), 100),
            (FillValue::Secret(part()), 100),
            (signed, 100 + "keysha256hex".len()),
        ] {
            let mut template = template();
            template.headers.push(("sig".into(), value));
            assert_eq!(template.size(), before + 3 + bytes);
        }
        let body = TemplateBody::Bytes(part(), vec![0; 50]);
        assert_eq!(
            Template { body, ..template() }.size() + "{\"amount\":1}".len(),
            before + 150
        );
    }

    #[test]
    fn the_digest_tells_requests_apart_and_ignores_the_timeout() {
        let digest = template().digest("psp");
        assert_eq!(digest.len(), 64);
        let patient = Template {
            timeout: Some(Duration::from_secs(1)),
            ..template()
        };
        assert_eq!(patient.digest("psp"), digest);
        let other_amount = Template {
            body: TemplateBody::Json("{\"amount\":2}".into(), vec![]),
            ..template()
        };
        let other_split = Template {
            headers: vec![("authorizatio".into(), FillValue::Secret("napi_key".into()))],
            ..template()
        };
        for other in [&other_amount, &other_split] {
            assert_ne!(other.digest("psp"), digest);
        }
        assert_ne!(template().digest("other"), digest);
    }
}
