//! The agent that asks, as plugins see it in their context.

use serde::{Deserialize, Serialize};

/// Agent of a call or a quote; by default one of which nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Agent {
    /// Name of the agent, as it describes itself; `agent.name` of the context.
    pub display_name: Option<String>,
    /// Profile of the agent in a network of agents, as it describes itself; `agent.profile` of the context.
    pub network_profile: Option<String>,
    /// Label that the operator gave to the key of the agent.
    pub principal: Option<String>,
    /// Whether the agent proved name and profile by a signature.
    pub proven: bool,
}
