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
    /// Nobody listens: the connection is refused. It takes the whole upstream down, whatever is asked of it, while it has
    /// [`times`](crate::upstream::Scripted::times) left; first come those of expectations before it of the same request. An
    /// upstream comes up between two calls, and never within one.
    ///
    /// In a shop nobody can count what was refused: the upstream is down until the test takes it up again, with `times(0)`.
    Refused,
    /// The request arrives, and no answer ever comes. The operator's time limit for the upstream is short in such a test; in
    /// a shop, where it is scripted before that is started.
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
pub(crate) struct Reply {
    pub(crate) answer: Answer,
    pub(crate) after: Duration,
    /// The expectation that it fits, as it was written.
    pub(crate) of: String,
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

    pub(super) fn fails_by(&self, fault: Fault) -> bool {
        matches!(self.answer, Answer::Fault(other) if other == fault)
    }

    /// Whether it has an end, and a request that this refuses may be one of its.
    fn comes_before(&self, refusing: &Self) -> bool {
        self.times.is_some() && !self.fails_by(Fault::Refused) && self.matcher.is_like(&refusing.matcher)
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
    /// How many requests had come before the call that is being made.
    pub(crate) before: usize,
    /// Whether a purchase was made through a shop, whose host does not say what was refused.
    pub(crate) sold: bool,
}

impl Script {
    /// Whether connections are refused: it is the turn of an expectation that refuses.
    pub(crate) fn is_down(&self) -> bool {
        let first = |(at, refusing): (usize, &Expectation)| {
            let mut earlier = self.left().take(at);
            refusing.fails_by(Fault::Refused) && !earlier.any(|earlier| earlier.comes_before(refusing))
        };
        self.left().enumerate().any(first)
    }

    /// Whether somebody waits for the time limit.
    pub(crate) fn is_silent(&self) -> bool {
        let otherwise = matches!(self.otherwise, Otherwise::Answer(Answer::Fault(Fault::Timeout)));
        otherwise || self.left().any(|expectation| expectation.fails_by(Fault::Timeout))
    }

    /// How often somebody is to be refused, where that is limited and not over.
    pub(crate) fn refusals_left(&self) -> Option<u32> {
        let mut refusing = self.left().filter(|expectation| expectation.fails_by(Fault::Refused));
        refusing.find_map(|expectation| expectation.times)
    }

    fn left(&self) -> impl Iterator<Item = &Expectation> {
        self.expectations
            .iter()
            .filter(|expectation| expectation.has_calls_left())
    }

    /// A call is about to be made.
    pub(crate) fn expect_calls(&mut self, known: Known) {
        self.known = known;
        self.before = self.received.len();
    }

    /// Count a request that could not be sent, as an upstream that is down sees none.
    pub(crate) fn count_refused(&mut self, name: &str, method: &str, path: &str) {
        let refuses = |expectation: &&mut Expectation| {
            expectation.fails_by(Fault::Refused) && expectation.matcher.is_of(method, path)
        };
        let mut refusing: Vec<&mut Expectation> = self.expectations.iter_mut().filter(refuses).collect();
        let left = refusing.iter().position(|expectation| expectation.has_calls_left());
        let Some(expectation) = refusing.get_mut(left.unwrap_or_default()) else {
            return;
        };
        expectation.calls += 1;
        if left.is_none() {
            self.strays.push(format!(
                "upstream `{name}`: {} was refused {} times, and at most {} were expected: an upstream that is down comes up \
                 between two calls of a test, and never within one",
                expectation.matcher,
                expectation.calls,
                expectation.times.unwrap_or_default(),
            ));
        }
    }

    /// How a request is answered.
    pub(crate) fn answer(&mut self, name: &str, request: Received) -> Reply {
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
        if matches!(reply.answer, Answer::Fault(Fault::Refused)) {
            self.strays.push(format!(
                "upstream `{name}`: a request came that {} was to refuse: it was up for an expectation before that, which has \
                 calls left and did not fit",
                reply.of
            ));
        }
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
