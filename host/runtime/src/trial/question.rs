//! What is asked of a plugin under trial.

use std::time::Duration;

use serde_json::{Map, Value};

use super::from_val::Names;
use crate::api::function::Function;
use crate::guest::record::Record;
use tillhouse_checkout::credential::Credential;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::time::Timestamp;

/// What is asked.
#[derive(Debug)]
pub struct Question {
    /// The function.
    pub function: Function,
    /// Its arguments by name. `ctx`, `op` and `credential` are made up where they are absent.
    pub arguments: Map<String, Value>,
    /// The session that it is about. The same session and time give the same pseudo-random numbers.
    pub session: String,
    /// Another number here gives it others all the same.
    pub dice: u64,
    /// The time that the plugin sees.
    pub now: Timestamp,
    /// Currency of the checkout.
    pub currency: Currency,
    /// Language of the buyer.
    pub locale: Option<String>,
    /// What `payments.charge` is paid with.
    pub credential: Option<Credential>,
    /// How cases are named in the answer.
    pub names: Names,
    /// Texts to look for in the guest's memory after the call.
    pub look_for: Vec<String>,
    /// Instructions that it may take; more are a `cpu-budget` fault. For tests: time is different on every machine.
    pub instructions: Option<u64>,
    /// How long its requests may take together; longer is a `wall-clock` fault.
    pub waiting: Option<Duration>,
    /// Whether what the call staged is committed. Without it, the same call may be made any number of times.
    pub commit: bool,
}

impl Question {
    /// Ask a function, at the beginning of time.
    #[must_use]
    pub fn of(function: Function, currency: Currency) -> Self {
        Self {
            function,
            arguments: Map::new(),
            session: "cs_trial".to_owned(),
            dice: 0,
            now: Timestamp(0),
            currency,
            locale: None,
            credential: None,
            names: Names::Snake,
            look_for: Vec::new(),
            instructions: None,
            waiting: None,
            commit: true,
        }
    }

    /// What the call took beyond what it may.
    pub(super) fn exceeded(&self, record: &Record) -> Option<(&'static str, String)> {
        let used = record.instructions;
        let waited: Duration = record.requests.iter().map(|sent| sent.elapsed).sum();
        if let Some(budget) = self.instructions.filter(|budget| used > *budget) {
            return Some((
                "cpu-budget",
                format!("used {used} instructions; the budget is {budget}"),
            ));
        }
        let wall = self.waiting.filter(|wall| waited > *wall)?;
        Some((
            "wall-clock",
            format!("waited {waited:?} for its requests; the limit is {wall:?}"),
        ))
    }
}
