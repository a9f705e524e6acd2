//! The health of a host and its store.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Operator, OperatorError, OperatorRequest};
use tillhouse_checkout::ids::{HostId, MerchantId};
use tillhouse_checkout::outage::{Outage, OutageCause};
use tillhouse_checkout::ports::StoreHealth;

/// A host, as it was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Id of this process; a restart gets another.
    pub host: HostId,
    /// Version of the program.
    pub version: String,
    /// Address that it listens on; `None` for a command that opened the store itself.
    pub address: Option<String>,
    /// When it was started (RFC 3339).
    pub started: String,
    /// SHA-256 of its configuration file.
    pub configuration: String,
    /// The plugins that serve its merchants.
    pub plugins: Vec<PluginView>,
    /// The merchants that are out of service.
    #[serde(default)]
    pub out_of_service: Vec<OutageView>,
}

/// A merchant that is out of service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutageView {
    /// The merchant's id in the configuration.
    pub merchant: MerchantId,
    /// What does not work: configuration, plugins, catalog.
    pub broken: BTreeSet<OutageCause>,
    /// Every error, with its place.
    pub problems: Vec<String>,
}

impl From<(&MerchantId, &Outage)> for OutageView {
    fn from((merchant, outage): (&MerchantId, &Outage)) -> Self {
        Self {
            merchant: merchant.clone(),
            broken: outage.causes.clone(),
            problems: outage.details.clone(),
        }
    }
}

/// A plugin that serves a merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginView {
    /// The merchant that it serves.
    pub merchant: MerchantId,
    /// Id of the plugin, from its manifest.
    pub plugin: String,
    /// Version of the plugin, from its manifest.
    pub version: String,
    /// SHA-256 of the component, in hex.
    pub sha256: String,
    /// The capabilities that it provides for this merchant.
    pub serves: Vec<String>,
}

/// `health`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct AskHealth {}

/// The health of a host.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Health {
    /// The host, as it was started.
    pub about: About,
    /// The state of its store.
    pub store: StoreHealth,
}

impl OperatorRequest for AskHealth {
    const NAME: &'static str = "health";
    type Answer = Health;

    async fn answer(self, operator: &Operator) -> Result<Health, OperatorError> {
        Ok(Health {
            about: operator.about.as_ref().clone(),
            store: operator.maintenance.health().await?,
        })
    }
}
