//! What a running host says of itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Operator, Question, Refusal};
use tillhouse_checkout::ids::{HostId, MerchantId};
use tillhouse_checkout::outage::{Broken, Outage};
use tillhouse_checkout::ports::StoreHealth;

/// A host, as it was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// This life of it.
    pub host: HostId,
    /// Its version.
    pub version: String,
    /// Where it listens; `None` for a command that opened the store itself.
    pub address: Option<String>,
    /// When it was started.
    pub started: String,
    /// SHA-256 of its configuration file.
    pub configuration: String,
    /// The plugins of its merchants.
    pub plugins: Vec<PluginView>,
    /// The merchants that it cannot serve.
    #[serde(default)]
    pub out_of_service: Vec<OutageView>,
}

/// A merchant that cannot be served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutageView {
    /// Which.
    pub merchant: MerchantId,
    /// What of it is broken.
    pub broken: BTreeSet<Broken>,
    /// Every problem, with its place.
    pub problems: Vec<String>,
}

impl From<(&MerchantId, &Outage)> for OutageView {
    fn from((merchant, outage): (&MerchantId, &Outage)) -> Self {
        Self {
            merchant: merchant.clone(),
            broken: outage.broken.clone(),
            problems: outage.problems.clone(),
        }
    }
}

/// A plugin in the hands of a merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginView {
    /// Whose.
    pub merchant: MerchantId,
    /// Its id.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the component.
    pub sha256: String,
    /// What it decides for this merchant.
    pub serves: Vec<String>,
}

/// How a host is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct AskHealth {}

/// How a host is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Health {
    /// The host.
    pub about: About,
    /// Its store.
    pub store: StoreHealth,
}

impl Question for AskHealth {
    const NAME: &'static str = "health";
    type Answer = Health;

    async fn answer(self, operator: &Operator) -> Result<Health, Refusal> {
        Ok(Health {
            about: operator.about.as_ref().clone(),
            store: operator.upkeep.health().await?,
        })
    }
}
