//! Every answer of a host that a test gets, held against the official schemas of its release.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::Validator;

use super::{Official, check, file, folder};
use crate::acp::Release;
use crate::http_response::HttpResponse;

/// The provider that the schemas before 2026-01-30 do not have. Sessions that name it are held to them with that one list widened.
const ADYEN: &str = "adyen";

/// Validators by release, definition, and whether the session names Adyen; `None` without the schemas.
type Validators = HashMap<(&'static str, &'static str, bool), Option<Arc<Validator>>>;

/// What a request was for, as far as the schema of its answer depends on it.
#[derive(Debug)]
pub(crate) struct RequestedBody {
    release: Release,
    completes: bool,
}

impl RequestedBody {
    /// The request with this path and release of ACP; `None` if its answer is none of a checkout session.
    pub(crate) fn of(path: &str, release: Option<&str>) -> Option<Self> {
        let release = Release::ALL.into_iter().find(|known| Some(known.as_str()) == release)?;
        let (_, of_session) = path.split_once("/checkout_sessions")?;
        Some(Self {
            release,
            completes: of_session.ends_with("/complete"),
        })
    }

    fn definition(&self, status: u16) -> &'static str {
        match status {
            400.. => "Error",
            _ if self.completes => "CheckoutSessionWithOrder",
            _ => "CheckoutSession",
        }
    }
}

/// Hold an answer against the schema of its release. `TILLHOUSE_BODY_COUNTS` is a file to which each valid body adds a line, those that
/// name Adyen apart.
///
/// # Panics
/// If it does not fit, or is a session and not an object.
pub(crate) fn hold(requested: &RequestedBody, answer: &HttpResponse) {
    let definition = requested.definition(answer.status);
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
    let Some(validator) = validator(requested.release, definition, names_adyen) else {
        return;
    };
    let apart = if names_adyen { " at Adyen" } else { "" };
    let name = format!("{} {definition}{apart}", requested.release.as_str());
    if let Err(failed) = check(&validator, &name, &answer.json) {
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

fn validator(release: Release, definition: &'static str, names_adyen: bool) -> Option<Arc<Validator>> {
    static VALIDATORS: Mutex<Option<Validators>> = Mutex::new(None);
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let known = validators.get_or_insert_default();
    let key = (release.as_str(), definition, names_adyen);
    let built = known.entry(key).or_insert_with(|| {
        let file = file(&folder(), release);
        let official = file.is_file().then(|| Official::read(release, &file))?;
        let official = if names_adyen {
            official.with_provider(ADYEN)
        } else {
            official
        };
        Some(Arc::new(official.validator(definition)))
    });
    built.clone()
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;
    use serde_json::Value;

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
