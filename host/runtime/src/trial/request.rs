//! Requests of a trial.

use std::time::Duration;

use serde_json::{Map, Value};

use super::from_val::CaseStyle;
use crate::api::function::Function;
use crate::guest::record::Record;
use tillhouse_checkout::credential::Credential;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::ports::PluginFault;
use tillhouse_checkout::session::Agent;
use tillhouse_checkout::time::Timestamp;

/// One call to make in a trial.
#[derive(Debug)]
pub struct TrialRequest {
    /// Function of the contract to call.
    pub function: Function,
    /// Arguments by parameter name in snake case. `ctx`, `op` and `credential` are generated if they are missing.
    pub arguments: Map<String, Value>,
    /// Session id of the call. The same session and time give the same pseudo-random numbers.
    pub session: String,
    /// RNG seed override; vary it to get different pseudo-random numbers for the same session and time. 0 changes nothing.
    pub rng_seed: u64,
    /// Time that the plugin reads, and the time of the generated `op`.
    pub now: Timestamp,
    /// Currency of the checkout, passed in `ctx`.
    pub currency: Currency,
    /// BCP 47 language tag of the buyer, e.g. `en-US`, passed in `ctx`.
    pub locale: Option<String>,
    /// Time zone of the buyer as an IANA name, e.g. `Europe/Berlin`, passed in `ctx`.
    pub time_zone: Option<String>,
    /// The agent that asks, passed in `ctx`.
    pub agent: Agent,
    /// Credential for `payments.charge`; without one the plugin gets a handle to an empty credential.
    pub credential: Option<Credential>,
    /// How the names of cases are written in the result.
    pub case_style: CaseStyle,
    /// Texts to search for in the guest's memory after the call; see [`Record::found_in_memory`].
    pub search_for: Vec<String>,
    /// Maximum number of instructions; more is a `cpu-budget` fault. For tests, because CPU time differs between machines.
    pub instructions: Option<u64>,
    /// Maximum total time of its requests; longer is a `wall-clock` fault.
    pub waiting: Option<Duration>,
    /// Whether staged writes are committed. If not, the same call can be repeated with the same result.
    pub commit: bool,
}

impl TrialRequest {
    /// A call with default settings: no arguments, session `cs_trial`, time 0, committed.
    #[must_use]
    pub fn of(function: Function, currency: Currency) -> Self {
        Self {
            function,
            arguments: Map::new(),
            session: "cs_trial".to_owned(),
            rng_seed: 0,
            now: Timestamp(0),
            currency,
            locale: None,
            time_zone: None,
            agent: Agent::default(),
            credential: None,
            case_style: CaseStyle::Snake,
            search_for: Vec::new(),
            instructions: None,
            waiting: None,
            commit: true,
        }
    }

    /// The fault and its message, if the call exceeded its instructions or the time of its requests.
    pub(super) fn exceeded(&self, record: &Record) -> Option<(PluginFault, String)> {
        let used = record.instructions;
        let waited: Duration = record.requests.iter().map(|sent| sent.elapsed).sum();
        if let Some(budget) = self.instructions.filter(|budget| used > *budget) {
            return Some((
                PluginFault::CpuBudget,
                format!("used {used} instructions; the budget is {budget}"),
            ));
        }
        let wall = self.waiting.filter(|wall| waited > *wall)?;
        Some((
            PluginFault::WallClock,
            format!("waited {waited:?} for its requests; the limit is {wall:?}"),
        ))
    }
}
