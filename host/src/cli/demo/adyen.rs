//! Purchases over Adyen: at the host in the dialect of Adyen's agents, and through Adyen in both of its flows.

use tillhouse_sandbox::Secret;
use tillhouse_sandbox::adyen::{AGENT_PATH, Flow};
use tillhouse_sandbox::agent::{AdyenAgent, AdyenVault, AgentError, Basket, Purchase};

use super::purchases::Attempted;
use tillhouse_console::local_host::LocalHost;
use tillhouse_console::local_host::adyen::{AGENT_KEY, COMPANY_ACCOUNT, merchant_url};

/// Buys once in each way.
pub(super) async fn purchases(local: &LocalHost) -> Vec<Attempted> {
    let at_adyen = || AdyenAgent::at(&local.sandbox.adyen, COMPANY_ACCOUNT, local.sandbox.clock());
    let mut attempted = vec![
        buy("adyen_agent", None, at_the_host(local)).await,
        buy("adyen_merchant", Some("standard"), at_adyen()).await,
    ];
    local.sell_over_adyen(Flow::Advanced);
    attempted.push(buy("adyen_merchant", Some("advanced"), at_adyen()).await);
    local.sell_over_adyen(Flow::Standard);
    attempted
}

/// An agent that has the host as its address. Its tokens are Adyen's.
fn at_the_host(local: &LocalHost) -> Result<AdyenAgent, AgentError> {
    let vault = AdyenVault::at(&local.sandbox.adyen, COMPANY_ACCOUNT, local.sandbox.clock())?;
    let url = format!("{}{AGENT_PATH}/{COMPANY_ACCOUNT}", merchant_url(&local.url()));
    AdyenAgent::new(&url, Secret::from(AGENT_KEY), vault)
}

async fn buy(protocol: &'static str, flow: Option<&'static str>, agent: Result<AdyenAgent, AgentError>) -> Attempted {
    let basket = Basket::of("hoodie-zip", 1)
        .and("mug-enamel", 2)
        .shipped_by("express")
        .with_code("SAVE10");
    let bought = match agent {
        Ok(agent) => agent.purchase(&basket).await,
        Err(error) => Err(error.into()),
    };
    Attempted {
        flow,
        bought: bought.map(|purchase| Purchase { protocol, ..purchase }),
    }
}
