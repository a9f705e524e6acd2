//! Matchers of requests to an upstream.

use std::fmt;

use serde_json::Value;
use tillhouse_plugin::egress::Slot;

use super::received::Received;
use super::script::KnownValues;

/// The request that is expected: method, path and conditions.
///
/// ```
/// use tillhouse_harness::prelude::*;
///
/// let charge = post("/v1/charges").json("/amount", 4598).json_slot("/card/number", Slot::Number);
/// assert_eq!(charge.to_string(), r#"post("/v1/charges").json("/amount", 4598).json_slot("/card/number", Slot::Number)"#);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a matcher is handed to `expect`"]
pub struct Matcher {
    method: &'static str,
    path: String,
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug, PartialEq)]
enum Condition {
    Json(String, Value),
    JsonSlot(String, Slot),
    Form(String, String),
    FormSlot(String, Slot),
    Header(String, String),
    HeaderSecret(String, String),
    Query(String, String),
}

/// A `GET` request for this path.
///
/// ```
/// use tillhouse_harness::prelude::*;
///
/// assert_eq!(get("/v1/charges/ch_1").to_string(), r#"get("/v1/charges/ch_1")"#);
/// ```
pub fn get(path: impl Into<String>) -> Matcher {
    Matcher::new("GET", path)
}

/// A `POST` request for this path.
///
/// ```
/// use tillhouse_harness::prelude::*;
///
/// assert_eq!(post("/v1/charges/ch_1").to_string(), r#"post("/v1/charges/ch_1")"#);
/// ```
pub fn post(path: impl Into<String>) -> Matcher {
    Matcher::new("POST", path)
}

/// A `PUT` request for this path.
///
/// ```
/// use tillhouse_harness::prelude::*;
///
/// assert_eq!(put("/v1/charges/ch_1").to_string(), r#"put("/v1/charges/ch_1")"#);
/// ```
pub fn put(path: impl Into<String>) -> Matcher {
    Matcher::new("PUT", path)
}

/// A `PATCH` request for this path.
///
/// ```
/// use tillhouse_harness::prelude::*;
///
/// assert_eq!(patch("/v1/charges/ch_1").to_string(), r#"patch("/v1/charges/ch_1")"#);
/// ```
pub fn patch(path: impl Into<String>) -> Matcher {
    Matcher::new("PATCH", path)
}

/// A `DELETE` request for this path.
///
/// ```
/// use tillhouse_harness::prelude::*;
///
/// assert_eq!(delete("/v1/charges/ch_1").to_string(), r#"delete("/v1/charges/ch_1")"#);
/// ```
pub fn delete(path: impl Into<String>) -> Matcher {
    Matcher::new("DELETE", path)
}

impl Matcher {
    fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            conditions: Vec::new(),
        }
    }

    fn and(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Requires this value in the JSON body, at a JSON Pointer (RFC 6901).
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let charge = post("/charges").json("/amount", 45_98).json("/items/0/sku", "tee");
    /// let _ = env.upstream("acquirer").expect(charge).reply(201, json!({}));
    /// # }
    /// ```
    pub fn json(self, pointer: impl Into<String>, value: impl Into<Value>) -> Self {
        self.and(Condition::Json(pointer.into(), value.into()))
    }

    /// Requires the card's value of a slot in the JSON body, at a JSON Pointer, in the format of the slot.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let charge = post("/charges").json_slot("/card/number", Slot::Number).json_slot("/card/month", Slot::ExpMonth);
    /// let _ = env.upstream("acquirer").expect(charge).reply(201, json!({}));
    /// # }
    /// ```
    pub fn json_slot(self, pointer: impl Into<String>, slot: Slot) -> Self {
        self.and(Condition::JsonSlot(pointer.into(), slot))
    }

    /// Requires this field in a form body.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let charge = post("/charges").form("amount", "4598").form("currency", "usd");
    /// let _ = env.upstream("acquirer").expect(charge).reply(201, json!({}));
    /// # }
    /// ```
    pub fn form(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.and(Condition::Form(name.into(), value.into()))
    }

    /// Requires the card's value of a slot in a field of a form body.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let charge = post("/charges").form_slot("card[number]", Slot::Number);
    /// let _ = env.upstream("acquirer").expect(charge).reply(201, json!({}));
    /// # }
    /// ```
    pub fn form_slot(self, name: impl Into<String>, slot: Slot) -> Self {
        self.and(Condition::FormSlot(name.into(), slot))
    }

    /// Requires this header; its name in lower case.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let charge = post("/charges").header("idempotency-key", "key_test");
    /// let _ = env.upstream("acquirer").expect(charge).reply(201, json!({}));
    /// # }
    /// ```
    pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.and(Condition::Header(name.into(), value.into()))
    }

    /// Requires a header with the value of a secret of the manifest, alone or after `Bearer `.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let charge = post("/charges").header_secret("authorization", "api_key");
    /// let _ = env.upstream("acquirer").expect(charge).reply(201, json!({}));
    /// # }
    /// ```
    pub fn header_secret(self, name: impl Into<String>, secret: impl Into<String>) -> Self {
        self.and(Condition::HeaderSecret(name.into(), secret.into()))
    }

    /// Requires this query parameter.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let list = get("/charges").query("reference", "ref_test");
    /// let _ = env.upstream("acquirer").expect(list).reply(200, json!({"data": []}));
    /// # }
    /// ```
    pub fn query(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.and(Condition::Query(name.into(), value.into()))
    }

    /// Whether a refused request may have been this one: only its method and path are known.
    pub(super) fn is_of(&self, method: &str, path: &str) -> bool {
        self.method == method && self.path == path
    }

    /// Whether both have the same method and path.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.is_of(other.method, &other.path)
    }

    /// Every difference from the request; empty if the request matches.
    pub(super) fn differences(&self, request: &Received, known: &KnownValues) -> Vec<String> {
        let mut differences = Vec::new();
        if request.method != self.method {
            differences.push(format!("the method is {}, expected {}", request.method, self.method));
        }
        if request.path != self.path {
            differences.push(format!("the path is {}, expected {}", request.path, self.path));
        }
        differences.extend(
            self.conditions
                .iter()
                .filter_map(|condition| condition.difference(request, known)),
        );
        differences
    }

    /// How far the request is from matching: another method or path counts more than any number of other differences.
    pub(super) fn distance(&self, request: &Received, known: &KnownValues) -> usize {
        let elsewhere = usize::from(request.path != self.path) + usize::from(request.method != self.method);
        elsewhere * 100 + self.differences(request, known).len()
    }
}

impl Condition {
    fn difference(&self, request: &Received, known: &KnownValues) -> Option<String> {
        match self {
            Self::Json(pointer, wanted) => {
                let found = request.json().and_then(|json| json.pointer(pointer).cloned());
                (found.as_ref() != Some(wanted))
                    .then(|| differs(&format!("JSON {pointer}"), found, &wanted.to_string()))
            }
            Self::JsonSlot(pointer, slot) => {
                let found = request.json().and_then(|json| json.pointer(pointer).cloned());
                let wanted = known.slot(*slot).map(Value::String);
                let what = format!("JSON {pointer}");
                (found.is_none() || found != wanted).then(|| differs(&what, found, &expected_slot(*slot, known)))
            }
            Self::Form(name, wanted) => of_pairs("form field", name, &request.form(), Some(wanted), || {
                format!("{wanted:?}")
            }),
            Self::FormSlot(name, slot) => {
                let wanted = known.slot(*slot);
                let expected = || expected_slot(*slot, known);
                of_pairs("form field", name, &request.form(), wanted.as_ref(), expected)
            }
            Self::Header(name, wanted) => {
                of_pairs("header", name, &request.headers, Some(wanted), || format!("{wanted:?}"))
            }
            Self::HeaderSecret(name, secret) => {
                let value = known.secrets.get(secret);
                let found = request.header(name);
                let bare = found.map(|found| found.strip_prefix("Bearer ").unwrap_or(found));
                let fits = bare.is_some() && bare == value.map(String::as_str);
                (!fits).then(|| differs(&format!("header {name}"), found, &format!("the secret `{secret}`")))
            }
            Self::Query(name, wanted) => of_pairs("query parameter", name, &request.query, Some(wanted), || {
                format!("{wanted:?}")
            }),
        }
    }
}

fn of_pairs(
    kind: &str,
    name: &str,
    pairs: &[(String, String)],
    wanted: Option<&String>,
    expected: impl FnOnce() -> String,
) -> Option<String> {
    let mut found = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
    let fits = wanted.is_some() && found.clone().any(|value| Some(value) == wanted);
    (!fits).then(|| {
        differs(
            &format!("{kind} {name}"),
            found.next().map(|value| format!("{value:?}")),
            &expected(),
        )
    })
}

fn differs(what: &str, found: Option<impl fmt::Display>, expected: &str) -> String {
    match found {
        Some(found) => format!("{what} is {found}, expected {expected}"),
        None => format!("{what} is missing, expected {expected}"),
    }
}

fn expected_slot(slot: Slot, known: &KnownValues) -> String {
    let missing = known.slot(slot).is_none();
    let note = if missing { ", which the card does not have" } else { "" };
    format!("the card's {}{note}", slot.field())
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:?})", self.method.to_ascii_lowercase(), self.path)?;
        self.conditions.iter().try_for_each(|condition| match condition {
            Condition::Json(pointer, value) => write!(f, ".json({pointer:?}, {value})"),
            Condition::JsonSlot(pointer, slot) => write!(f, ".json_slot({pointer:?}, Slot::{slot:?})"),
            Condition::Form(name, value) => write!(f, ".form({name:?}, {value:?})"),
            Condition::FormSlot(name, slot) => write!(f, ".form_slot({name:?}, Slot::{slot:?})"),
            Condition::Header(name, value) => write!(f, ".header({name:?}, {value:?})"),
            Condition::HeaderSecret(name, secret) => write!(f, ".header_secret({name:?}, {secret:?})"),
            Condition::Query(name, value) => write!(f, ".query({name:?}, {value:?})"),
        })
    }
}

#[cfg(test)]
mod tests;
