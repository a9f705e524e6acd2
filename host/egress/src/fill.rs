//! Completes a request template: the only place where secrets and card data enter a request.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use url::Url;
use zeroize::Zeroizing;

use super::error::EgressError;
use super::redact::{Redactor, escape_json};
use super::request::{HeaderText, HttpRequest};
use super::template::{FillValue, HmacPart, HmacSpec, SlotFill, Template, TemplateBody};
use super::upstream::Upstream;
use tillhouse_checkout::credential::Credential;
use tillhouse_checkout::secret::Secret;

/// Maximum body after all fills, in bytes, as the contract states.
pub const MAX_BODY: usize = 256 << 10;

/// Content type and bytes, if there is a body.
type FilledBody = Option<(String, Zeroizing<Vec<u8>>)>;

/// The values to fill into a template, and the upstream whose grants apply.
#[derive(Debug)]
pub struct TemplateFiller<'a> {
    /// The destination and its grants.
    pub upstream: &'a Upstream,
    /// Every secret of the binding, by name.
    pub secrets: &'a BTreeMap<String, Arc<Secret>>,
    /// The credential, if the call has one and the plugin passed it.
    pub credential: Option<&'a Credential>,
}

impl TemplateFiller<'_> {
    /// Returns the finished request, and what to scrub from its response.
    ///
    /// # Errors
    /// When a fill is not granted to the upstream, is not allowed in this place, or has no value.
    pub fn complete(&self, template: &Template) -> Result<(HttpRequest, Redactor), EgressError> {
        let url = self
            .upstream
            .join(&template.path, &template.query)
            .map_err(|error| EgressError::invalid(error.to_string()))?;
        let mut redactor = Redactor::default();
        let body = self.body(&template.body, &mut redactor)?;
        // Before it is signed.
        if body.as_ref().is_some_and(|(_, bytes)| bytes.len() > MAX_BODY) {
            return Err(EgressError::invalid("request body exceeds 256 KiB"));
        }
        let mut request = HttpRequest::new(template.method, url);
        for (name, fill) in &template.headers {
            let bytes = body.as_ref().map_or(&[][..], |(_, bytes)| bytes.as_slice());
            let value = self.header(name, fill, &request.url, bytes, &mut redactor)?;
            request.headers.push((name.clone(), value));
        }
        if let Some((content_type, bytes)) = body {
            request = request.body(&content_type, bytes);
        }
        request.timeout = template.timeout.unwrap_or(self.upstream.timeout);
        Ok((request, redactor))
    }

    fn header(
        &self,
        name: &str,
        fill: &FillValue,
        url: &Url,
        body: &[u8],
        redactor: &mut Redactor,
    ) -> Result<HeaderText, EgressError> {
        match fill {
            FillValue::Text(text) => Ok(HeaderText::Plain(text.clone())),
            FillValue::Secret(secret) => {
                let secret = self.secret(secret)?;
                redactor.add(secret.reveal());
                Ok(HeaderText::Secret(Arc::clone(secret)))
            }
            FillValue::Bearer(secret) => {
                if !name.eq_ignore_ascii_case("authorization") {
                    return Err(EgressError::invalid(format!(
                        "header {name}: a bearer token can be filled only in authorization"
                    )));
                }
                let secret = self.secret(secret)?;
                redactor.add(secret.reveal());
                Ok(HeaderText::from(Secret::new(format!("Bearer {}", secret.reveal()))))
            }
            FillValue::Slot(_) => Err(EgressError::denied(format!(
                "header {name}: credential slots can be filled only in bodies"
            ))),
            FillValue::Hmac(spec) => {
                let signature = self.sign(spec, url, body)?;
                redactor.add(&signature);
                Ok(HeaderText::Secret(Arc::new(Secret::new(signature))))
            }
        }
    }

    fn body(&self, body: &TemplateBody, redactor: &mut Redactor) -> Result<FilledBody, EgressError> {
        Ok(match body {
            TemplateBody::Empty => None,
            TemplateBody::Bytes(content_type, bytes) => Some((content_type.clone(), Zeroizing::new(bytes.clone()))),
            TemplateBody::Form(fields) => Some((
                "application/x-www-form-urlencoded".to_owned(),
                self.form(fields, redactor)?,
            )),
            TemplateBody::Json(document, fills) => {
                Some(("application/json".to_owned(), self.json(document, fills, redactor)?))
            }
        })
    }

    fn form(&self, fields: &[(String, FillValue)], redactor: &mut Redactor) -> Result<Zeroizing<Vec<u8>>, EgressError> {
        let values = fields
            .iter()
            .map(|(name, fill)| Ok((name, self.value(fill, redactor)?)))
            .collect::<Result<Vec<_>, EgressError>>()?;
        // Capacity for the worst case: a vector that grows leaves copies of card data behind.
        let capacity: usize = values
            .iter()
            .map(|(name, value)| 3 * (name.len() + value.len()) + 2)
            .sum();
        let mut body = Zeroizing::new(Vec::with_capacity(capacity));
        for (name, value) in values {
            if !body.is_empty() {
                body.push(b'&');
            }
            for part in url::form_urlencoded::byte_serialize(name.as_bytes()) {
                body.extend_from_slice(part.as_bytes());
            }
            body.push(b'=');
            for part in url::form_urlencoded::byte_serialize(value.as_bytes()) {
                body.extend_from_slice(part.as_bytes());
            }
        }
        Ok(body)
    }

    fn json(
        &self,
        document: &str,
        fills: &[(String, FillValue)],
        redactor: &mut Redactor,
    ) -> Result<Zeroizing<Vec<u8>>, EgressError> {
        let value: serde_json::Value = serde_json::from_str(document)
            .map_err(|error| EgressError::invalid(format!("invalid JSON body: {error}")))?;
        let mut placeholders = BTreeMap::new();
        for (pointer, fill) in fills {
            if value.pointer(pointer) != Some(&serde_json::Value::Null) {
                return Err(EgressError::invalid(format!(
                    "JSON fill {pointer}: the document has no null at this pointer"
                )));
            }
            let text = self.value(fill, redactor)?;
            let escaped = Zeroizing::new(escape_json(&text));
            if placeholders.insert(pointer.clone(), escaped).is_some() {
                return Err(EgressError::invalid(format!("JSON fill {pointer}: filled twice")));
            }
        }
        let capacity = document.len() + placeholders.values().map(|text| text.len() + 2).sum::<usize>();
        let mut body = Zeroizing::new(Vec::with_capacity(capacity * 2));
        write_json(&value, &mut String::new(), &placeholders, &mut body);
        Ok(body)
    }

    /// Value of a fill in a body.
    fn value(&self, fill: &FillValue, redactor: &mut Redactor) -> Result<Zeroizing<String>, EgressError> {
        match fill {
            FillValue::Text(text) => Ok(Zeroizing::new(text.clone())),
            FillValue::Secret(name) => {
                let secret = self.secret(name)?;
                redactor.add(secret.reveal());
                Ok(Zeroizing::new(secret.reveal().to_owned()))
            }
            FillValue::Slot(slot) => {
                let value = self.slot(slot)?;
                redactor.add(&value);
                Ok(value)
            }
            FillValue::Bearer(_) | FillValue::Hmac(_) => {
                Err(EgressError::invalid("bearer and hmac can be filled only in headers"))
            }
        }
    }

    fn secret(&self, name: &str) -> Result<&Arc<Secret>, EgressError> {
        let upstream = self.upstream.name();
        if !self.upstream.secrets.contains(name) {
            return Err(EgressError::denied(format!(
                "secret {name} is not granted to upstream {upstream}; list it under the upstream's secrets"
            )));
        }
        self.secrets.get(name).ok_or_else(|| {
            EgressError::denied(format!(
                "secret {name} has no value; set it in the merchant's configuration"
            ))
        })
    }

    fn slot(&self, slot: &SlotFill) -> Result<Zeroizing<String>, EgressError> {
        let (field, upstream) = (&slot.field, self.upstream.name());
        if !self.upstream.credential_slots.contains(field) {
            return Err(EgressError::denied(format!(
                "slot {field} is not granted to upstream {upstream}; list it under the upstream's credential_slots"
            )));
        }
        if self.upstream.base().scheme() != "https" && !self.upstream.allow_private {
            return Err(EgressError::denied(format!(
                "slot {field}: card data needs https; for a simulator over plain http set allow_loopback for upstream {upstream}"
            )));
        }
        let credential = self
            .credential
            .ok_or_else(|| EgressError::denied(format!("slot {field}: the request was sent without a credential")))?;
        let value = credential
            .slot(field)
            .ok_or_else(|| EgressError::invalid(format!("slot {field} has no value in this credential")))?;
        format_slot(slot, value.reveal())
    }

    fn sign(&self, spec: &HmacSpec, url: &Url, body: &[u8]) -> Result<String, EgressError> {
        if spec.algorithm != "sha256" {
            return Err(EgressError::invalid(format!(
                "unsupported hmac algorithm {}: expected sha256",
                spec.algorithm
            )));
        }
        let key = self.secret(&spec.secret)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes())
            .map_err(|_| EgressError::invalid("the hmac key has an invalid length"))?;
        for part in &spec.parts {
            match part {
                HmacPart::Text(text) => mac.update(text.as_bytes()),
                HmacPart::Body => mac.update(body),
                HmacPart::Path => {
                    mac.update(url.path().as_bytes());
                    if let Some(query) = url.query() {
                        mac.update(b"?");
                        mac.update(query.as_bytes());
                    }
                }
            }
        }
        let tag = mac.finalize().into_bytes();
        match spec.encoding.as_str() {
            "hex" => Ok(hex::encode(tag)),
            "base64" => Ok(base64::engine::general_purpose::STANDARD.encode(tag)),
            other => Err(EgressError::invalid(format!(
                "unsupported hmac encoding {other}: expected hex or base64"
            ))),
        }
    }
}

fn format_slot(slot: &SlotFill, value: &str) -> Result<Zeroizing<String>, EgressError> {
    let number = || {
        value
            .parse::<u16>()
            .map_err(|_| EgressError::invalid(format!("slot {} is not a number", slot.field)))
    };
    Ok(Zeroizing::new(match (slot.field.as_str(), slot.format.as_str()) {
        (_, "plain") => value.to_owned(),
        ("exp-month", "mm") => format!("{:02}", number()?),
        ("exp-month", "m") => number()?.to_string(),
        ("exp-year", "yyyy") => full_year(number()?).to_string(),
        ("exp-year", "yy") => format!("{:02}", number()? % 100),
        (field, format) => {
            return Err(EgressError::invalid(format!(
                "slot {field}: unsupported format {format}"
            )));
        }
    }))
}

const fn full_year(year: u16) -> u16 {
    if year < 100 { year + 2000 } else { year }
}

/// Writes a document with its placeholders filled. The values never enter a `serde_json::Value`, which would not be wiped.
fn write_json(
    value: &serde_json::Value,
    pointer: &mut String,
    placeholders: &BTreeMap<String, Zeroizing<String>>,
    body: &mut Vec<u8>,
) {
    match value {
        serde_json::Value::Null => match placeholders.get(pointer.as_str()) {
            Some(text) => {
                body.push(b'"');
                body.extend_from_slice(text.as_bytes());
                body.push(b'"');
            }
            None => body.extend_from_slice(b"null"),
        },
        serde_json::Value::Array(items) => {
            body.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    body.push(b',');
                }
                with_segment(pointer, &index.to_string(), |pointer| {
                    write_json(item, pointer, placeholders, body)
                });
            }
            body.push(b']');
        }
        serde_json::Value::Object(members) => {
            body.push(b'{');
            for (index, (name, member)) in members.iter().enumerate() {
                if index > 0 {
                    body.push(b',');
                }
                body.push(b'"');
                body.extend_from_slice(escape_json(name).as_bytes());
                body.extend_from_slice(b"\":");
                let token = name.replace('~', "~0").replace('/', "~1");
                with_segment(pointer, &token, |pointer| {
                    write_json(member, pointer, placeholders, body)
                });
            }
            body.push(b'}');
        }
        scalar => body.extend_from_slice(scalar.to_string().as_bytes()),
    }
}

fn with_segment(pointer: &mut String, token: &str, visit: impl FnOnce(&mut String)) {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(token);
    visit(pointer);
    pointer.truncate(length);
}

#[cfg(test)]
mod tests;
