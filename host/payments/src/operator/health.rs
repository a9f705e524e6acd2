//! The health of a host and its store.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::catalogs::CatalogView;
use super::served::PluginView;
use super::{Operator, OperatorError, OperatorRequest};
use tillhouse_checkout::catalog::CatalogKind;
use tillhouse_checkout::ids::{HostId, MerchantId};
use tillhouse_checkout::outage::{Outage, OutageCause};
use tillhouse_checkout::ports::StoreHealth;

/// A running host and what it serves.
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
    /// The plugins that serve its merchants now.
    pub plugins: Vec<PluginView>,
    /// The merchants that are out of service now.
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

impl From<(MerchantId, Arc<Outage>)> for OutageView {
    fn from((merchant, outage): (MerchantId, Arc<Outage>)) -> Self {
        Self {
            merchant,
            broken: outage.causes.clone(),
            problems: outage.details.clone(),
        }
    }
}

/// `health`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct AskHealth {}

/// The health of a host.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Health {
    /// The host, its plugins and its outages.
    pub about: About,
    /// The catalogs of its merchants.
    #[serde(default)]
    pub catalogs: Vec<CatalogView>,
    /// The state of its store.
    pub store: StoreHealth,
}

impl OperatorRequest for AskHealth {
    const NAME: &'static str = "health";
    type Answer = Health;

    async fn answer(self, operator: &Operator) -> Result<Health, OperatorError> {
        Ok(Health {
            about: operator.about_now(),
            catalogs: operator.served.catalogs(CatalogKind::Product).await?,
            store: operator.maintenance.health().await?,
        })
    }
}
