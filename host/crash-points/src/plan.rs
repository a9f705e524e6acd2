//! The armed crash point, and what happens when it is reached.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use tillhouse_checkout::ports::StoreError;

/// Text of every injected error. A binary that contains it was built with crash points.
pub const INJECTED_ERROR: &str = "injected by a crash point of a test";

/// What happens at an armed crash point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The process aborts there, as in a power cut.
    Abort,
    /// The step fails with an error that contains [`INJECTED_ERROR`].
    Error,
    /// The step never returns by itself. An exchange, which has a deadline of its own, times out.
    Hang,
}

impl Action {
    /// The action with this name: `abort`, `error` or `hang`.
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

/// An armed crash point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArmedCrashPoint {
    /// Name of the crash point, such as `commit.attempt.charging.after`.
    pub name: String,
    /// The n-th time that the name is reached, from 1.
    pub nth: u32,
    /// Effect when the crash point is reached for the `nth` time.
    pub action: Action,
    /// A hanging exchange times out after this long, or at its own deadline if that is sooner. A commit has no deadline.
    pub timeout: Duration,
}

/// A crash point was reached.
#[derive(Clone, Copy, Debug)]
pub struct ReachedCrashPoint<'a> {
    /// Name of the crash point, such as `effect.POST /v1/charges.after_write`.
    pub name: &'a str,
    /// How often this name has been reached so far, from 1.
    pub nth: u32,
    /// What happens now; `None` unless this is the armed one.
    pub action: Option<Action>,
}

/// Called each time a crash point is reached, in order.
type Recorder = Box<dyn Fn(ReachedCrashPoint<'_>) + Send + Sync>;

struct CrashPlan {
    armed: Option<ArmedCrashPoint>,
    reached: Mutex<HashMap<String, u32>>,
    recorder: Recorder,
}

impl fmt::Debug for CrashPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CrashPlan")
            .field("armed", &self.armed)
            .finish_non_exhaustive()
    }
}

/// One for the process: an armed crash point ends all of it.
static PLAN: OnceLock<CrashPlan> = OnceLock::new();

/// Records the crash points reached, and arms one. Call once, before the host starts; returns false the second time.
#[must_use]
pub fn arm(armed: Option<ArmedCrashPoint>, recorder: impl Fn(ReachedCrashPoint<'_>) + Send + Sync + 'static) -> bool {
    let plan = CrashPlan {
        armed,
        reached: Mutex::default(),
        recorder: Box::new(recorder),
    };
    PLAN.set(plan).is_ok()
}

impl CrashPlan {
    /// The armed crash point, if it is reached now. Recorded under the lock, so that the record is in order.
    fn reach(&self, name: &str) -> Option<&ArmedCrashPoint> {
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        let count = reached.entry(name.to_owned()).or_default();
        *count += 1;
        let nth = *count;
        let armed = self
            .armed
            .as_ref()
            .filter(|armed| armed.name == name && armed.nth == nth);
        (self.recorder)(ReachedCrashPoint {
            name,
            nth,
            action: armed.map(|armed| armed.action),
        });
        armed
    }
}

/// Reaches a crash point: aborts, or returns the error or hang that is armed.
fn reach(name: &str) -> Option<(Action, Duration)> {
    let armed = PLAN.get()?.reach(name)?;
    match armed.action {
        Action::Abort => std::process::abort(),
        action => Some((action, armed.timeout)),
    }
}

/// Runs a commit between its two crash points. A commit that fails by itself does not reach the second.
///
/// # Errors
/// Those of the commit, and the injected one.
pub async fn around_commit<T, E: From<StoreError>>(
    what: String,
    commit: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    step(&format!("commit.{what}.before")).await?;
    let done = commit.await?;
    step(&format!("commit.{what}.after")).await?;
    Ok(done)
}

async fn step(name: &str) -> Result<(), StoreError> {
    match reach(name) {
        None => Ok(()),
        Some((Action::Hang, _)) => std::future::pending().await,
        Some(_) => Err(StoreError::new(INJECTED_ERROR)),
    }
}

/// How an exchange fails at a crash point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// No connection was made.
    NotConnected,
    /// The connection was lost.
    Interrupted,
    /// The exchange timed out.
    Timeout,
}

/// A crash point inside an exchange.
///
/// # Errors
/// The injected failure, if this crash point is armed and reached for the `nth` time.
pub async fn inside_exchange(what: &str, place: &str, until: Instant) -> Result<(), Interruption> {
    match reach(&format!("effect.{what}.{place}")) {
        None => Ok(()),
        Some((Action::Hang, timeout)) => {
            sleep_until(until.min(Instant::now() + timeout)).await;
            Err(Interruption::Timeout)
        }
        Some(_) if place == "before_connect" => Err(Interruption::NotConnected),
        Some(_) => Err(Interruption::Interrupted),
    }
}
