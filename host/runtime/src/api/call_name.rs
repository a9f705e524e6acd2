//! The name of a call, and constructors of the errors that carry it.

use std::time::Duration;

use super::function::Function;
use tillhouse_checkout::ports::{DecisionError, PluginFault};

/// Plugin and function of a call, for errors and logs.
#[derive(Clone, Debug)]
pub(crate) struct CallName {
    pub(crate) plugin: String,
    pub(crate) function: Function,
}

impl CallName {
    pub(crate) fn fault(&self, fault: PluginFault, detail: impl Into<String>) -> DecisionError {
        DecisionError::Fault {
            plugin: self.plugin.clone(),
            function: self.function.name(),
            fault,
            detail: detail.into(),
        }
    }

    pub(crate) fn unavailable(&self, retry_after: Option<Duration>) -> DecisionError {
        DecisionError::Unavailable {
            plugin: self.plugin.clone(),
            function: self.function.name(),
            retry_after,
        }
    }

    pub(crate) fn unsupported(&self) -> DecisionError {
        DecisionError::Unsupported {
            plugin: self.plugin.clone(),
            function: self.function.name(),
        }
    }

    pub(crate) fn misconfigured(&self, detail: impl Into<String>) -> DecisionError {
        DecisionError::Misconfigured {
            plugin: self.plugin.clone(),
            function: self.function.name(),
            detail: detail.into(),
        }
    }
}
