//! The script of an upstream: what it expects and answers, and the message about a request that it does not expect.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_plugin::egress::Slot;

use super::matcher::Matcher;
use super::received::Received;
use crate::card::Card;

/// How an upstream fails. Happens at the socket; the plugin sees the error that its host reports.
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
    /// The connection is refused, as if no server were listening.
    ///
    /// All of the upstream is down, for every request, while this has [`times`](crate::upstream::Scripted::times) left;
    /// earlier expectations of the same request come first. An upstream comes up only between two calls, never within
    /// one.
    ///
    /// In a shop refusals cannot be counted: the upstream is down until the test brings it up again, with `times(0)`.
    Refused,
    /// The request arrives and is never answered. The upstream's timeout is short in such a test; for a shop, script it
    /// before the shop is started.
    Timeout,
    /// The connection is reset after the request has arrived.
    ResetAfterRequest,
    /// The connection is reset after a part of the status line.
    ResetBeforeAnswer,
    /// The connection is closed in the middle of the answer.
    Truncated,
    /// The answer is not HTTP.
    Garbage,
}

/// Computes the answer to a request: a status and JSON.
pub(crate) type Compute = dyn Fn(&Received) -> (u16, Value) + Send + Sync;

#[derive(Clone)]
pub(crate) enum UpstreamAnswer {
    Json(u16, Value),
    Text(u16, String),
    Computed(Arc<Compute>),
    Fault(Fault),
}

impl fmt::Debug for UpstreamAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(status, _) | Self::Text(status, _) => write!(f, "{status}"),
            Self::Computed(_) => f.write_str("computed"),
            Self::Fault(fault) => write!(f, "{fault:?}"),
        }
    }
}

/// The answer to a request, with its delay.
#[derive(Debug)]
pub(crate) struct MatchedAnswer {
    pub(crate) answer: UpstreamAnswer,
    pub(crate) after: Duration,
    /// The expectation that matched, as it was written.
    pub(crate) of: String,
}

/// A request that may arrive, and its answer.
#[derive(Debug)]
pub(crate) struct Expectation {
    pub(crate) matcher: Matcher,
    answer: UpstreamAnswer,
    after: Duration,
    /// Maximum number of calls; `None` for any number.
    pub(crate) times: Option<u32>,
    pub(crate) calls: u32,
}

impl Expectation {
    pub(super) const fn new(matcher: Matcher, answer: UpstreamAnswer, after: Duration) -> Self {
        Self {
            matcher,
            answer,
            after,
            times: None,
            calls: 0,
        }
    }

    pub(super) fn fails_by(&self, fault: Fault) -> bool {
        matches!(self.answer, UpstreamAnswer::Fault(other) if other == fault)
    }

    /// Whether this has a limited number of calls, and may match a request that `refusing` refuses.
    fn comes_before(&self, refusing: &Self) -> bool {
        self.times.is_some() && !self.fails_by(Fault::Refused) && self.matcher.is_like(&refusing.matcher)
    }

    fn has_calls_left(&self) -> bool {
        self.times.is_none_or(|times| self.calls < times)
    }
}

/// Values that the host fills in: they can be expected, and are masked in messages.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownValues {
    pub(crate) card: Option<Card>,
    pub(crate) secrets: BTreeMap<String, String>,
}

impl KnownValues {
    pub(super) fn slot(&self, slot: Slot) -> Option<String> {
        self.card.as_ref().and_then(|card| card.written(slot))
    }

    /// The text with card data and secrets replaced by their names.
    pub(crate) fn masked(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for (name, value) in self.card.iter().flat_map(Card::sensitive_values) {
            masked = masked.replace(value, &format!("{{{name}}}"));
        }
        for (name, value) in self.secrets.iter().filter(|(_, value)| !value.is_empty()) {
            masked = masked.replace(value, &format!("{{{name}}}"));
        }
        masked
    }
}

/// What to do with a request that is not expected.
#[derive(Clone, Debug, Default)]
pub(crate) enum Fallback {
    /// Fail the test with a message about the request.
    #[default]
    Fail,
    /// Send this answer and let the test go on.
    Answer(UpstreamAnswer),
}

/// The script of one upstream.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) expectations: Vec<Expectation>,
    pub(crate) received: Vec<Received>,
    /// Messages about requests that were not expected.
    pub(crate) unexpected: Vec<String>,
    pub(crate) known: KnownValues,
    pub(crate) fallback: Fallback,
    /// Number of requests that arrived before the current call.
    pub(crate) before: usize,
    /// Whether a purchase was made through a shop, whose host does not report refused connections.
    pub(crate) used_by_shop: bool,
}

impl Script {
    /// Whether connections are refused now, because an expectation that refuses is next.
    pub(crate) fn is_down(&self) -> bool {
        let first = |(at, refusing): (usize, &Expectation)| {
            let mut earlier = self.left().take(at);
            refusing.fails_by(Fault::Refused) && !earlier.any(|earlier| earlier.comes_before(refusing))
        };
        self.left().enumerate().any(first)
    }

    /// Whether an expectation lets a request time out.
    pub(crate) fn is_silent(&self) -> bool {
        let fallback = matches!(self.fallback, Fallback::Answer(UpstreamAnswer::Fault(Fault::Timeout)));
        fallback || self.left().any(|expectation| expectation.fails_by(Fault::Timeout))
    }

    /// How many refusals are left, if their number is limited.
    pub(crate) fn refusals_left(&self) -> Option<u32> {
        let mut refusing = self.left().filter(|expectation| expectation.fails_by(Fault::Refused));
        refusing.find_map(|expectation| expectation.times)
    }

    fn left(&self) -> impl Iterator<Item = &Expectation> {
        self.expectations
            .iter()
            .filter(|expectation| expectation.has_calls_left())
    }

    /// Prepares for the next call.
    pub(crate) fn expect_calls(&mut self, known: KnownValues) {
        self.known = known;
        self.before = self.received.len();
    }

    /// Counts a request that was refused: an upstream that is down does not see it.
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
            self.unexpected.push(format!(
                "upstream `{name}`: {} was refused {} times, but at most {} were expected: an upstream that is down comes up \
                 between two calls of a test, never within one",
                expectation.matcher,
                expectation.calls,
                expectation.times.unwrap_or_default(),
            ));
        }
    }

    /// Finds the answer to a request.
    pub(crate) fn answer(&mut self, name: &str, request: Received) -> MatchedAnswer {
        let known = &self.known;
        let fits = |expectation: &&mut Expectation| {
            expectation.has_calls_left() && expectation.matcher.differences(&request, known).is_empty()
        };
        let found = self.expectations.iter_mut().find(fits).map(|expectation| {
            expectation.calls += 1;
            MatchedAnswer {
                answer: expectation.answer.clone(),
                after: expectation.after,
                of: expectation.matcher.to_string(),
            }
        });
        let reply = found.unwrap_or_else(|| {
            let answer = match &self.fallback {
                Fallback::Answer(answer) => answer.clone(),
                Fallback::Fail => {
                    self.unexpected.push(self.describe_unexpected(name, &request));
                    UpstreamAnswer::Json(501, json!({"error": "the test does not expect this request"}))
                }
            };
            MatchedAnswer {
                answer,
                after: Duration::ZERO,
                of: "any request".to_owned(),
            }
        });
        if matches!(reply.answer, UpstreamAnswer::Fault(Fault::Refused)) {
            self.unexpected.push(format!(
                "upstream `{name}`: a request arrived that {} should refuse: the upstream was up for an earlier expectation, which has \
                 calls left and did not match",
                reply.of
            ));
        }
        self.received.push(request);
        reply
    }

    /// The request, and its differences from the closest expectation.
    fn describe_unexpected(&self, name: &str, request: &Received) -> String {
        let shown = self.known.masked(&format_request(request));
        let closest = self
            .expectations
            .iter()
            .min_by_key(|expectation| expectation.matcher.distance(request, &self.known));
        let Some(closest) = closest else {
            return format!(
                "upstream `{name}` got a request that it does not expect:\n{shown}\n\
                 no request is expected; script one with env.upstream({name:?}).expect(…).reply(…)"
            );
        };
        let mut differences = closest.matcher.differences(request, &self.known);
        if differences.is_empty() {
            differences.push(format!(
                "it was already called {} times, and no more calls were expected",
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

/// Headers of nearly every request, left out of messages.
const COMMON_HEADERS: [&str; 7] = [
    "host",
    "content-length",
    "accept",
    "user-agent",
    "connection",
    "accept-encoding",
    "te",
];

fn format_request(request: &Received) -> String {
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
    let uncommon = request
        .headers
        .iter()
        .filter(|(name, _)| !COMMON_HEADERS.contains(&name.as_str()));
    lines.extend(uncommon.map(|(name, value)| format!("  {name}: {value}")));
    if !request.body.is_empty() {
        lines.push(format!("  {}", request.text()));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests;
