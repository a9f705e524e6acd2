//! What is armed, and what happens at a place.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use tillhouse_checkout::ports::StoreError;

/// What every injected error says. A binary that holds these words holds the facility.
pub const MARK: &str = "injected by a crash point of a test";

/// What happens at an armed place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The process ends there, as by a power cut.
    Abort,
    /// The step fails.
    Error,
    /// The step never ends by itself. One with a bound of its own, as an exchange has, runs into that.
    Hang,
}

impl Action {
    /// The action of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "abort" => Self::Abort,
            "error" => Self::Error,
            "hang" => Self::Hang,
            _ => return None,
        })
    }
}

/// A place that is armed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Armed {
    /// Its name.
    pub name: String,
    /// Which passing of it, from one.
    pub nth: u32,
    /// What happens then.
    pub action: Action,
    /// After this long an exchange that hangs runs into its bound, if that is not sooner. A commit has no bound.
    pub patience: Duration,
}

/// A place was passed, or reached for good.
#[derive(Clone, Copy, Debug)]
pub struct Passing<'a> {
    /// Its name.
    pub name: &'a str,
    /// How often it was passed now.
    pub nth: u32,
    /// What happens there now, if it is the armed one.
    pub action: Option<Action>,
}

/// Told of every passing, in order.
type Recorder = Box<dyn Fn(Passing<'_>) + Send + Sync>;

struct Plan {
    armed: Option<Armed>,
    passed: Mutex<HashMap<String, u32>>,
    recorder: Recorder,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("armed", &self.armed)
            .finish_non_exhaustive()
    }
}

/// One for the process: what is armed ends all of it.
static PLAN: OnceLock<Plan> = OnceLock::new();

/// Record what is passed, and arm a place. Once in a process, before its host starts; false the second time.
#[must_use]
pub fn arm(armed: Option<Armed>, recorder: impl Fn(Passing<'_>) + Send + Sync + 'static) -> bool {
    let plan = Plan {
        armed,
        passed: Mutex::default(),
        recorder: Box::new(recorder),
    };
    PLAN.set(plan).is_ok()
}

impl Plan {
    /// Whether this passing is the armed one. Recorded under the lock, so that the record is in order.
    fn pass(&self, name: &str) -> Option<&Armed> {
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let count = passed.entry(name.to_owned()).or_default();
        *count += 1;
        let nth = *count;
        let armed = self
            .armed
            .as_ref()
            .filter(|armed| armed.name == name && armed.nth == nth);
        (self.recorder)(Passing {
            name,
            nth,
            action: armed.map(|armed| armed.action),
        });
        armed
    }
}

/// Pass a place; with an error or a hang if it is armed so.
fn pass(name: &str) -> Option<(Action, Duration)> {
    let armed = PLAN.get()?.pass(name)?;
    match armed.action {
        Action::Abort => std::process::abort(),
        action => Some((action, armed.patience)),
    }
}

/// A commit between its two places. What failed by itself has not passed the second.
///
/// # Errors
/// Those of the commit, and the injected one.
pub async fn around<T, E: From<StoreError>>(what: String, commit: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    step(&format!("commit.{what}.before")).await?;
    let done = commit.await?;
    step(&format!("commit.{what}.after")).await?;
    Ok(done)
}

async fn step(name: &str) -> Result<(), StoreError> {
    match pass(name) {
        None => Ok(()),
        Some((Action::Hang, _)) => std::future::pending().await,
        Some(_) => Err(StoreError(MARK.to_owned())),
    }
}

/// How an exchange fails at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// No connection was made.
    NotConnected,
    /// The connection broke.
    Interrupted,
    /// The exchange ran into its bound.
    Timeout,
}

/// A place of an exchange.
///
/// # Errors
/// How the exchange fails there, if the place is armed so.
pub async fn effect(what: &str, place: &str, until: Instant) -> Result<(), Interruption> {
    match pass(&format!("effect.{what}.{place}")) {
        None => Ok(()),
        Some((Action::Hang, patience)) => {
            sleep_until(until.min(Instant::now() + patience)).await;
            Err(Interruption::Timeout)
        }
        Some(_) if place == "before_connect" => Err(Interruption::NotConnected),
        Some(_) => Err(Interruption::Interrupted),
    }
}
