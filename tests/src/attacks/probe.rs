//! The prober: health checks and session creation, each on a new connection, at a fixed rate that does not depend on the
//! responses.

use super::print_line;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::MERCHANT;
use crate::client::{Client, Request, fresh_key};
use crate::{Release, TestClock, fixtures};

/// Interval between two health checks; session creation has its own interval.
const HEALTH_PACE: Duration = Duration::from_millis(20);
const CREATE_PACE: Duration = Duration::from_millis(50);

/// Timeout of a request: the longest that an orchestrator would wait.
const PATIENCE: Duration = Duration::from_secs(10);

/// Response times in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// The median, in milliseconds.
    pub p50: f64,
    /// The 99th percentile, in milliseconds.
    pub p99: f64,
    /// The maximum, in milliseconds.
    pub max: f64,
    /// Number of requests sent.
    pub count: u64,
    /// Requests without the expected response; a request without any response counts as ten seconds.
    pub failed: u64,
}

/// The measurements of the prober.
#[derive(Clone, Copy, Debug)]
pub struct ResponseTimes {
    /// Response times of `GET /livez`.
    pub livez: Times,
    /// Response times of session creation.
    pub create: Times,
}

impl Times {
    fn of(mut answers: Vec<(Duration, bool)>) -> Self {
        answers.sort_unstable();
        let at = |share: f64| {
            let last = answers.len().saturating_sub(1) as f64;
            let (time, _) = answers[(last * share).ceil() as usize];
            time.as_secs_f64() * 1000.0
        };
        Self {
            p50: at(0.5),
            p99: at(0.99),
            max: at(1.0),
            count: answers.len() as u64,
            failed: answers.iter().filter(|(_, good)| !good).count() as u64,
        }
    }

    fn from_json(json: &Value) -> Self {
        let number = |name: &str| json[name].as_f64().expect("the member is a number");
        let count = |name: &str| json[name].as_u64().expect("the member is a count");
        Self {
            p50: number("p50_ms"),
            p99: number("p99_ms"),
            max: number("max_ms"),
            count: count("count"),
            failed: count("failed"),
        }
    }

    /// The times as JSON, with the unit in the member names.
    #[must_use]
    pub fn to_json(self) -> Value {
        json!({"p50_ms": self.p50, "p99_ms": self.p99, "max_ms": self.max, "count": self.count, "failed": self.failed})
    }
}

impl ResponseTimes {
    pub(super) fn from_json(json: &Value) -> Self {
        Self {
            livez: Times::from_json(&json["livez"]),
            create: Times::from_json(&json["create"]),
        }
    }

    /// The measurements as JSON, by kind of request.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({"livez": self.livez.to_json(), "create": self.create.to_json()})
    }
}

/// Probes for this many seconds, and prints the measurements as JSON.
pub(super) async fn run(address: SocketAddr, seconds: u64) {
    let clock = TestClock::of_the_machine();
    let client = Client::new(address, &format!("/m/{MERCHANT}"), MERCHANT, &clock);
    let time = Duration::from_secs(seconds);
    let (livez, create) = tokio::join!(
        paced(time, HEALTH_PACE, 200, || client.at_root("/livez")),
        paced(time, CREATE_PACE, 201, || {
            let release = Release::V2026_04_17;
            let cart = fixtures::cart(release, &[("tee-classic", 1)]);
            client
                .post("/checkout_sessions")
                .acp(release)
                .key(&fresh_key())
                .json(&cart)
        }),
    );
    let seen = ResponseTimes {
        livez: Times::of(livez),
        create: Times::of(create),
    };
    print_line(&seen.to_json().to_string());
}

async fn paced(time: Duration, pace: Duration, status: u16, request: impl Fn() -> Request) -> Vec<(Duration, bool)> {
    let mut asked = JoinSet::new();
    let mut ticks = tokio::time::interval(pace);
    let end = Instant::now() + time;
    while Instant::now() < end {
        ticks.tick().await;
        let request = request();
        asked.spawn(async move {
            let began = Instant::now();
            let answer = tokio::time::timeout(PATIENCE, request.try_send()).await;
            match answer {
                Ok(Ok(answer)) => (began.elapsed(), answer.status == status),
                _ => (PATIENCE, false),
            }
        });
    }
    asked.join_all().await
}
