//! The prober: health checks and creations, each on a connection of its own, at a pace that does not depend on the answers.

use super::say;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::MERCHANT;
use crate::client::{Client, Request, fresh_key};
use crate::{Release, TestClock, fixtures};

/// Between two health checks, and between two creations.
const HEALTH_PACE: Duration = Duration::from_millis(20);
const CREATE_PACE: Duration = Duration::from_millis(50);

/// What an orchestrator would wait for at the very most.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long answers took, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Half of them took no longer.
    pub p50: f64,
    /// 99 of a hundred took no longer.
    pub p99: f64,
    /// None took longer.
    pub max: f64,
    /// How many were asked for.
    pub count: u64,
    /// How many were not answered as they should have been; one that was not answered at all counts as having taken ten seconds.
    pub failed: u64,
}

/// What the prober has seen.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// `/livez`.
    pub livez: Times,
    /// The creation of a session.
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
        let number = |name: &str| json[name].as_f64().expect("a number");
        let count = |name: &str| json[name].as_u64().expect("a count");
        Self {
            p50: number("p50_ms"),
            p99: number("p99_ms"),
            max: number("max_ms"),
            count: count("count"),
            failed: count("failed"),
        }
    }

    /// As JSON, with the unit in the names.
    #[must_use]
    pub fn to_json(self) -> Value {
        json!({"p50_ms": self.p50, "p99_ms": self.p99, "max_ms": self.max, "count": self.count, "failed": self.failed})
    }
}

impl Seen {
    pub(super) fn from_json(json: &Value) -> Self {
        Self {
            livez: Times::from_json(&json["livez"]),
            create: Times::from_json(&json["create"]),
        }
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({"livez": self.livez.to_json(), "create": self.create.to_json()})
    }
}

/// Probe for so many seconds, and print what was seen.
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
    let seen = Seen {
        livez: Times::of(livez),
        create: Times::of(create),
    };
    say(&seen.to_json().to_string());
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
