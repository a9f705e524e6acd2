//! Watching the calls into plugins, as they happen.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::api::call_name::CallName;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::ports::DecisionError;

/// One call into a plugin, for the operator's eyes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginCall {
    /// The plugin's id.
    pub plugin: String,
    /// `pricing.price` …
    pub function: &'static str,
    /// Wall time.
    pub elapsed: Duration,
    /// `ok`, or the error's name.
    pub outcome: &'static str,
    /// Why there was no answer, where more is known than the name.
    pub detail: Option<String>,
}

impl PluginCall {
    pub(crate) fn of(name: CallName, elapsed: Duration, error: Option<&DecisionError>) -> Self {
        let outcome = match error {
            None => "ok",
            Some(DecisionError::Rejected(_)) => "rejected",
            Some(DecisionError::Unavailable { .. }) => "unavailable",
            Some(DecisionError::Misconfigured { .. }) => "misconfigured",
            Some(DecisionError::Unsupported { .. }) => "unsupported",
            Some(DecisionError::Fault { fault, .. }) => fault,
        };
        let detail = error.and_then(|error| match error {
            DecisionError::Fault { detail, .. } | DecisionError::Misconfigured { detail, .. } => Some(detail.clone()),
            DecisionError::Rejected(rejection) => Some(format!("{}: {}", rejection.code, rejection.message)),
            DecisionError::Unavailable { .. } | DecisionError::Unsupported { .. } => None,
        });
        Self {
            plugin: name.plugin,
            function: name.function.name(),
            elapsed,
            outcome,
            detail,
        }
    }
}

/// Told of every question and every charge of a checkout, whatever came of it. Called from the task that waits for the answer.
pub trait Observer: Send + Sync + fmt::Debug {
    /// This call was made for this session.
    fn called(&self, session: &SessionId, call: &PluginCall);
}

/// Tells an observer of the calls of one session.
#[derive(Clone, Debug)]
pub(crate) struct Witness {
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) session: SessionId,
}

impl Witness {
    pub(crate) fn tell(&self, call: &PluginCall) {
        self.observer.called(&self.session, call);
    }
}
