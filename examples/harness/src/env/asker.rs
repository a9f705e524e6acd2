//! Who asks, and where: the session, language, time zone and agent of the calls, and the notices of other systems.

use tillhouse_plugin::types::{Agent, Notice};
use tillhouse_plugin_protocol::Function;

use super::Env;

/// Settings of who asks, for the calls that follow.
impl Env {
    /// Sets the checkout session of the calls that follow. The plugin's RNG seed depends on session and time.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.session("cs_first").orders().identify(cart().line("tee", 1), money(25_00, "usd")).await.unwrap();
    /// env.session("cs_second").orders().identify(cart().line("tee", 1), money(25_00, "usd")).await.unwrap();
    /// # }
    /// ```
    pub fn session(&self, id: impl Into<String>) -> &Self {
        self.set(|it| it.session = id.into())
    }

    /// Sets the buyer's language, as a BCP 47 tag.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.locale("de-DE");
    /// assert_eq!(env.presentation().describe(&["tee"]).await.unwrap()[0].title, "Klassisches T-Shirt");
    /// # }
    /// ```
    pub fn locale(&self, tag: impl Into<String>) -> &Self {
        self.set(|it| it.locale = Some(tag.into()))
    }

    /// Sets the buyer's time zone, as an IANA name.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.time_zone("Europe/Berlin").now("2026-06-30T22:30:00Z");
    /// let priced = env.pricing().price(cart().line("tee", 1).code("JUNE")).await.unwrap();
    /// assert_eq!(priced.rejected[0].reason, "discount_code_expired");
    /// # }
    /// ```
    pub fn time_zone(&self, name: impl Into<String>) -> &Self {
        self.set(|it| it.time_zone = Some(name.into()))
    }

    /// Sets the agent that asks. By default nothing is known of it.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::{risk::Decision, types::Agent};
    /// # async fn test(env: Env) {
    /// env.agent(Agent { principal: Some("partner".into()), ..Agent::default() });
    /// assert_eq!(env.risk().assess(cart().line("tee", 1), 30_99).await.unwrap(), Decision::Allow);
    /// # }
    /// ```
    pub fn agent(&self, agent: Agent) -> &Self {
        self.set(|it| it.agent = agent)
    }

    /// Adds a notice that the plugin accepts.
    pub(crate) fn add_example(&self, function: Function, notice: Notice) {
        self.set(|it| it.examples.push((function, notice)));
    }

    /// The notices that the plugin accepts, each with the function that reads it.
    pub(crate) fn examples(&self) -> Vec<(Function, Notice)> {
        self.state().settings.examples.clone()
    }
}

/// The agent as the protocol expects it.
pub(super) fn agent_to_protocol(agent: Agent) -> tillhouse_plugin_protocol::Agent {
    tillhouse_plugin_protocol::Agent {
        display_name: agent.name,
        network_profile: agent.profile,
        principal: agent.principal,
        proven: agent.proven,
    }
}
