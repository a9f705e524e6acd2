//! A call that came to nothing.

use std::fmt;

use tillhouse_plugin_protocol::call::Fault;

/// Why a call gave no answer at all: a trap, a limit, an answer that breaks the contract.
///
/// A host would answer the agent with a server error and tell the operator. A test that does not ask for a fault
/// ([`Call::fault`](crate::Call::fault)) fails with it.
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
    /// The function: `pricing.price`.
    pub function: String,
    /// What kind: `trap`, `cpu-budget`, `wall-clock`, `memory`, `output-too-large`, `handles`, `random`, `exit`, `stack`,
    /// `contract` …
    pub name: String,
    /// What happened, with the plugin's own panic message.
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
