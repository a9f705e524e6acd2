//! Every answer of a host that a test gets, held against the official schemas of its release, or those of Adyen's document.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::Value;

use super::adyen::{self, Exchange};
use super::{Official, check, file, folder};
use crate::acp::Release;
use crate::http_response::HttpResponse;

/// The provider that the schemas before 2026-01-30 do not have. Sessions that name it are held to them with that one list widened.
const ADYEN: &str = "adyen";

/// Validators by the name of what they validate; `None` without the schemas.
type Validators = HashMap<String, Option<Arc<Validator>>>;

/// What a request was for, as far as the schema of its answer depends on it.
#[derive(Debug)]
pub(crate) enum RequestedBody {
    /// In a release of ACP.
    OfAcp { release: Release, completes: bool },
    /// In Adyen's dialect, which has no releases.
    OfAdyen(Exchange),
}

impl RequestedBody {
    /// The request with this path and release of ACP; `None` if its answer is none of a checkout session, or one
    /// of Adyen's dialect, in which the release means nothing.
    pub(crate) fn of(path: &str, release: Option<&str>) -> Option<Self> {
        if let Some(exchange) = Exchange::at(path) {
            return Some(Self::OfAdyen(exchange));
        }
        let release = Release::ALL.into_iter().find(|known| Some(known.as_str()) == release)?;
        let (before, of_session) = path.split_once("/checkout_sessions")?;
        if before.contains("/commerce-suite/") {
            return None;
        }
        Some(Self::OfAcp {
            release,
            completes: of_session.ends_with("/complete"),
        })
    }
}

/// Hold an answer against the schema of its release. `TILLHOUSE_BODY_COUNTS` is a file to which each valid body adds a line, those that
/// name Adyen apart.
///
/// # Panics
/// If it does not fit, or is a session and not an object.
pub(crate) fn hold(requested: &RequestedBody, answer: &HttpResponse) {
    match *requested {
        RequestedBody::OfAcp { release, completes } => hold_to_release(release, completes, answer),
        RequestedBody::OfAdyen(exchange) => adyen::hold_answer(exchange, answer.status, &answer.json),
    }
}

fn hold_to_release(release: Release, completes: bool, answer: &HttpResponse) {
    let definition = match answer.status {
        400.. => "Error",
        _ if completes => "CheckoutSessionWithOrder",
        _ => "CheckoutSession",
    };
    if !answer.json.is_object() {
        // A request that could not be read may be answered with less than an error of the protocol.
        assert!(
            answer.status >= 400,
            "a checkout session is an object: {}",
            answer.text()
        );
        return;
    }
    let names_adyen = answer.json["payment_provider"]["provider"] == ADYEN;
    let apart = if names_adyen { " at Adyen" } else { "" };
    let name = format!("{} {definition}{apart}", release.as_str());
    hold_body(&name, definition, &answer.json, || {
        let file = file(&folder(), release);
        let official = file.is_file().then(|| Official::read(release, &file))?;
        Some(if names_adyen {
            official.with_provider(ADYEN)
        } else {
            official
        })
    });
}

/// Hold a body to a definition of a schema, which is read once for all bodies of this name.
///
/// # Panics
/// If it does not fit.
pub(super) fn hold_body(name: &str, definition: &str, body: &Value, read: impl FnOnce() -> Option<Official>) {
    let Some(validator) = validator(name, definition, read) else {
        return;
    };
    if let Err(failed) = check(&validator, name, body) {
        panic!("{}", failed.message().unwrap_or_default());
    }
    if let Some(path) = std::env::var_os("TILLHOUSE_BODY_COUNTS") {
        let mut counts = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .expect("a writable file");
        writeln!(counts, "{name}").expect("a writable file");
    }
}

fn validator(name: &str, definition: &str, read: impl FnOnce() -> Option<Official>) -> Option<Arc<Validator>> {
    static VALIDATORS: Mutex<Option<Validators>> = Mutex::new(None);
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let known = validators.get_or_insert_default();
    let built = known
        .entry(name.to_owned())
        .or_insert_with(|| Some(Arc::new(read()?.validator(definition))));
    built.clone()
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;

    use super::*;

    fn answered(status: u16) -> HttpResponse {
        HttpResponse {
            status,
            headers: HeaderMap::new(),
            body: Vec::new(),
            json: Value::Null,
        }
    }

    #[test]
    fn an_error_may_be_less_than_an_object() {
        let requested = RequestedBody::of("/checkout_sessions/cs_1", Some("2026-04-17")).expect("a session");
        hold(&requested, &answered(400));
    }

    #[test]
    #[should_panic(expected = "a checkout session is an object")]
    fn a_session_is_never_less_than_an_object() {
        let requested = RequestedBody::of("/checkout_sessions/cs_1", Some("2026-04-17")).expect("a session");
        hold(&requested, &answered(200));
    }
}
