//! The agent of a call or a quote.

use tillhouse_plugin_protocol as protocol;

use tillhouse_checkout::session::Agent;

/// The agent as the domain knows it. What a client says is taken as it is: a test may have a proven agent.
pub(super) fn agent(agent: protocol::Agent) -> Agent {
    Agent {
        network_profile: agent.network_profile,
        display_name: agent.display_name,
        principal: agent.principal,
        proven: agent.proven,
        ..Agent::default()
    }
}
