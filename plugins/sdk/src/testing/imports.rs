//! The imports, served by the test host.

use super::state;

pub(crate) mod config {
    use super::state;

    pub(crate) fn get(key: &str) -> Option<String> {
        state::with(|state| state.config.get(key).cloned())
    }

    pub(crate) fn entries(prefix: &str) -> Vec<(String, String)> {
        state::with(|state| {
            let from_prefix = state.config.range(prefix.to_owned()..);
            let matching = from_prefix.take_while(|(key, _)| key.starts_with(prefix));
            matching.map(|(key, value)| (key.clone(), value.clone())).collect()
        })
    }
}

pub(crate) mod catalog {
    use super::state;
    use crate::catalog::Item;

    pub(crate) fn get(ids: &[String]) -> Vec<Option<Item>> {
        state::with(|state| ids.iter().map(|id| state.items.get(id).cloned()).collect())
    }

    pub(crate) fn column(id: &str, name: &str) -> Option<String> {
        state::with(|state| state.columns.get(&(id.to_owned(), name.to_owned())).cloned())
    }
}

pub(crate) mod clock {
    use super::state;

    pub(crate) fn now() -> u64 {
        state::with(|state| state.now)
    }
}

pub(crate) mod counters {
    use super::state;
    use crate::counters::Error;

    pub(crate) fn add(key: &str, delta: i64, floor: Option<i64>) -> Result<(), Error> {
        state::with(|state| {
            let counter = state.counters.entry(key.to_owned()).or_default();
            let moved = counter.saturating_add(delta);
            if floor.is_some_and(|floor| moved < floor) {
                return Err(Error::Insufficient);
            }
            *counter = moved;
            Ok(())
        })
    }

    pub(crate) fn peek(key: &str) -> Result<i64, Error> {
        Ok(state::with(|state| state.counters.get(key).copied().unwrap_or(0)))
    }
}

pub(crate) mod kv {
    use std::collections::BTreeMap;

    use super::state;
    use crate::kv::{Error, Expectation, Versioned};

    pub(crate) fn get(key: &str) -> Result<Option<Versioned>, Error> {
        Ok(state::with(|state| state.values.get(key).cloned()))
    }

    pub(crate) fn set(key: &str, value: &[u8], expect: Expectation) -> Result<(), Error> {
        state::with(|state| {
            let version = check(&state.values, key, expect)?.unwrap_or(0) + 1;
            state.values.insert(
                key.to_owned(),
                Versioned {
                    value: value.to_vec(),
                    version,
                },
            );
            Ok(())
        })
    }

    pub(crate) fn delete(key: &str, expect: Expectation) -> Result<(), Error> {
        state::with(|state| {
            check(&state.values, key, expect)?;
            state.values.remove(key);
            Ok(())
        })
    }

    fn check(values: &BTreeMap<String, Versioned>, key: &str, expect: Expectation) -> Result<Option<u64>, Error> {
        let current = values.get(key).map(|versioned| versioned.version);
        let holds = match expect {
            Expectation::Any => true,
            Expectation::Absent => current.is_none(),
            Expectation::Version(version) => current == Some(version),
        };
        if holds {
            Ok(current)
        } else {
            Err(Error::Conflict(current))
        }
    }
}

pub(crate) mod egress {
    use super::{super::Request, state};
    use crate::{
        bindings::tillhouse::host::credentials::Credential,
        egress::{Error, Response},
    };

    pub(crate) fn send(request: &Request, _credential: Option<&Credential>) -> Result<Response, Error> {
        state::with(|state| {
            state.requests.push(request.clone());
            let nothing = || {
                Err(Error {
                    code: "not-connected".into(),
                    message: "no response queued".into(),
                    sent: false,
                })
            };
            state.answers.pop_front().unwrap_or_else(nothing)
        })
    }
}

pub(crate) mod log {
    use super::state;
    use crate::log::Level;

    pub(crate) fn write(level: Level, message: &str, fields: &[(String, String)]) {
        let level = match level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        let fields: String = fields.iter().map(|(key, value)| format!(" {key}={value}")).collect();
        state::with(|state| state.lines.push(format!("{level} {message}{fields}")));
    }
}
