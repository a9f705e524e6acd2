//! What an upstream expects and answers, and what it says of a request that nobody expected.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_plugin::egress::Slot;

use super::matcher::Matcher;
use super::received::Received;
use crate::card::Card;

/// How an upstream fails. Made up at a socket, and seen by the plugin as its host reports it.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let acquirer = env.upstream("acquirer").expect(post("/charges")).fail(Fault::Timeout);
/// assert_eq!(env.payments().charge(order(), card::visa()).await, Ok(Outcome::Unknown(None)));
/// acquirer.assert_called_once();
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nobody listens: the connection is refused. It takes the whole upstream down.
    Refused,
    /// The request arrives, and no answer ever comes. The operator's time limit for the upstream is short in such a test.
    Timeout,
    /// The request arrives, and the connection is reset.
    ResetAfterRequest,
    /// The answer begins, and the connection is reset.
    ResetBeforeAnswer,
    /// The answer ends half-way.
    Truncated,
    /// The answer is no HTTP.
    Garbage,
}

/// Makes an answer of a request: a status and JSON.
pub(crate) type Compute = dyn Fn(&Received) -> (u16, Value) + Send + Sync;

/// An answer.
#[derive(Clone)]
pub(crate) enum Answer {
    Json(u16, Value),
    Text(u16, String),
    Computed(Arc<Compute>),
    Fault(Fault),
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(status, _) | Self::Text(status, _) => write!(f, "{status}"),
            Self::Computed(_) => f.write_str("computed"),
            Self::Fault(fault) => write!(f, "{fault:?}"),
        }
    }
}

/// What a request gets.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) answer: Answer,
    pub(super) after: Duration,
    /// The expectation that it fits, as it was written.
    pub(super) of: String,
}

/// A request that may come, and its answer.
#[derive(Debug)]
pub(crate) struct Expectation {
    pub(crate) matcher: Matcher,
    answer: Answer,
    after: Duration,
    /// At most; `None` for any number.
    pub(crate) times: Option<u32>,
    pub(crate) calls: u32,
}

impl Expectation {
    pub(super) const fn new(matcher: Matcher, answer: Answer, after: Duration) -> Self {
        Self {
            matcher,
            answer,
            after,
            times: None,
            calls: 0,
        }
    }

    fn has_calls_left(&self) -> bool {
        self.times.is_none_or(|times| self.calls < times)
    }
}

/// What the host fills in, so that it can be expected, and kept out of messages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) card: Option<Card>,
    pub(crate) secrets: BTreeMap<String, String>,
}

impl Known {
    pub(super) fn slot(&self, slot: Slot) -> Option<String> {
        self.card.as_ref().and_then(|card| card.written(slot))
    }

    /// The text with names instead of card data and secrets.
    pub(crate) fn masked(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for (name, value) in self.card.iter().flat_map(Card::telling) {
            masked = masked.replace(value, &format!("{{{name}}}"));
        }
        for (name, value) in self.secrets.iter().filter(|(_, value)| !value.is_empty()) {
            masked = masked.replace(value, &format!("{{{name}}}"));
        }
        masked
    }
}

/// What becomes of a request that nobody expects.
#[derive(Clone, Debug, Default)]
pub(crate) enum Otherwise {
    /// The test fails.
    #[default]
    Complain,
    /// It is answered so.
    Answer(Answer),
}

/// The script of one upstream.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) expectations: Vec<Expectation>,
    pub(crate) received: Vec<Received>,
    /// What to say of requests that nobody expected.
    pub(crate) strays: Vec<String>,
    pub(crate) known: Known,
    pub(crate) otherwise: Otherwise,
}

impl Script {
    /// Whether a connection is refused.
    pub(crate) fn is_down(&self) -> bool {
        self.fails_by(Fault::Refused)
    }

    /// Whether somebody waits for the time limit.
    pub(crate) fn is_silent(&self) -> bool {
        self.fails_by(Fault::Timeout)
    }

    fn fails_by(&self, fault: Fault) -> bool {
        let fails = |answer: &Answer| matches!(answer, Answer::Fault(other) if *other == fault);
        let otherwise = matches!(&self.otherwise, Otherwise::Answer(answer) if fails(answer));
        otherwise || self.expectations.iter().any(|expectation| fails(&expectation.answer))
    }

    /// Count a request that could not be sent, as an upstream that is down sees none.
    pub(crate) fn count_refused(&mut self, method: &str, path: &str) {
        let down = |expectation: &&mut Expectation| matches!(expectation.answer, Answer::Fault(Fault::Refused));
        let mut down = self.expectations.iter_mut().filter(down);
        if let Some(expectation) = down.find(|expectation| expectation.matcher.is_of(method, path)) {
            expectation.calls += 1;
        }
    }

    /// How a request is answered.
    pub(super) fn answer(&mut self, name: &str, request: Received) -> Reply {
        let known = &self.known;
        let fits = |expectation: &&mut Expectation| {
            expectation.has_calls_left() && expectation.matcher.differences(&request, known).is_empty()
        };
        let found = self.expectations.iter_mut().find(fits).map(|expectation| {
            expectation.calls += 1;
            Reply {
                answer: expectation.answer.clone(),
                after: expectation.after,
                of: expectation.matcher.to_string(),
            }
        });
        let reply = found.unwrap_or_else(|| {
            let answer = match &self.otherwise {
                Otherwise::Answer(answer) => answer.clone(),
                Otherwise::Complain => {
                    self.strays.push(self.complaint(name, &request));
                    Answer::Json(501, json!({"error": "the test does not expect this request"}))
                }
            };
            Reply {
                answer,
                after: Duration::ZERO,
                of: "any request".to_owned(),
            }
        });
        self.received.push(request);
        reply
    }

    /// What the request was, and in what the closest expectation differs from it.
    fn complaint(&self, name: &str, request: &Received) -> String {
        let shown = self.known.masked(&shown(request));
        let closest = self
            .expectations
            .iter()
            .min_by_key(|expectation| expectation.matcher.distance(request, &self.known));
        let Some(closest) = closest else {
            return format!(
                "upstream `{name}` got a request that it does not expect:\n{shown}\n\
                 it expects none; script one with env.upstream({name:?}).expect(…).reply(…)"
            );
        };
        let mut differences = closest.matcher.differences(request, &self.known);
        if differences.is_empty() {
            differences.push(format!(
                "it was called {} times, and no more were expected",
                closest.calls
            ));
        }
        let differences: Vec<String> = differences
            .iter()
            .map(|difference| format!("  - {}", self.known.masked(difference)))
            .collect();
        format!(
            "upstream `{name}` got a request that it does not expect:\n{shown}\nthe closest expectation is {}:\n{}",
            closest.matcher,
            differences.join("\n"),
        )
    }
}

/// Headers that every request has, and that say nothing.
const USUAL: [&str; 7] = [
    "host",
    "content-length",
    "accept",
    "user-agent",
    "connection",
    "accept-encoding",
    "te",
];

fn shown(request: &Received) -> String {
    let query: Vec<String> = request
        .query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let query = if query.is_empty() {
        String::new()
    } else {
        format!("?{}", query.join("&"))
    };
    let mut lines = vec![format!("  {} {}{query}", request.method, request.path)];
    let telling = request
        .headers
        .iter()
        .filter(|(name, _)| !USUAL.contains(&name.as_str()));
    lines.extend(telling.map(|(name, value)| format!("  {name}: {value}")));
    if !request.body.is_empty() {
        lines.push(format!("  {}", request.text()));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests;
