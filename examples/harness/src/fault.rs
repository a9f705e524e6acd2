//! Faults: calls that ended without an answer.

use std::fmt;

use tillhouse_plugin_protocol::call::Fault;

/// Why a call ended without an answer: a trap, a limit, or an answer that breaks the contract.
///
/// A host answers the agent with a server error and reports the fault to the operator. A test fails on a fault unless
/// it expects one with [`Call::fault`](crate::Call::fault).
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let fault = env.pricing().fault(cart().line("a-trap", 1)).await;
/// assert_eq!((fault.function.as_str(), fault.name.as_str()), ("pricing.price", "trap"));
/// assert!(fault.detail.contains("no such item"), "{fault}");
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFault {
    /// The function that was called: `pricing.price`.
    pub function: String,
    /// Kind of fault: `trap`, `cpu-budget`, `wall-clock`, `memory`, `output-too-large`, `handles`, `random`, `exit`,
    /// `stack`, `contract` …
    pub name: String,
    /// What happened, including the plugin's panic message.
    pub detail: String,
}

impl CallFault {
    pub(crate) fn of(fault: Fault, function: &str) -> Self {
        Self {
            function: function.to_owned(),
            name: fault.name,
            detail: fault.detail,
        }
    }
}

impl fmt::Display for CallFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.function, self.name, self.detail)
    }
}
