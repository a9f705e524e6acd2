//! Why a buyer did not buy, as the agent tells it when it cancels a session.

use serde::{Deserialize, Serialize};

/// The agent's account of a session that it cancels: `intent_trace` of ACP. Write only: no response and no order event has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntentTrace {
    /// Code of the reason: `price_sensitivity`, `shipping_cost` … An unknown one is kept as it is.
    pub reason: String,
    /// The agent's summary of the conversation.
    pub summary: Option<String>,
    /// Further facts as names and values, the values as text.
    pub metadata: Vec<(String, String)>,
}
