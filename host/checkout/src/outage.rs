//! Merchants that are out of service on this host, and why. The other merchants are served.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde::{Deserialize, Serialize};

use super::ids::MerchantId;

/// The broken part of a merchant, in words that outsiders may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutageCause {
    /// The catalog cannot be read, or has invalid rows.
    Catalog,
    /// A component or its manifest is missing, invalid, or does not match the other.
    Plugin,
    /// The configuration of a plugin is invalid, or the plugin rejects it.
    Configuration,
}

impl fmt::Display for OutageCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Catalog => "its catalog cannot be used",
            Self::Plugin => "one of its plugins cannot be used",
            Self::Configuration => "the configuration of its plugins cannot be used",
        })
    }
}

/// Why a merchant is out of service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outage {
    /// Every broken part, each once.
    pub causes: BTreeSet<OutageCause>,
    /// Every diagnostic with its file and line, for the operator only.
    pub details: Vec<String>,
}

impl Outage {
    /// Add a detail for the operator, and the part that is broken.
    pub fn add(&mut self, cause: OutageCause, detail: String) {
        self.causes.insert(cause);
        self.details.push(detail);
    }

    /// The reason without details, safe for outsiders: `its catalog cannot be used`.
    #[must_use]
    pub fn reason(&self) -> String {
        let each: Vec<String> = self.causes.iter().map(ToString::to_string).collect();
        each.join(", and ")
    }
}

/// Merchants that are out of service now: as found when the host started, and as changes of catalogs and plugins since made them.
#[derive(Debug, Default)]
pub struct Outages(RwLock<BTreeMap<MerchantId, Arc<Outage>>>);

impl Outages {
    /// Set the merchants that are out of service; all others are in service.
    pub fn set(&self, outages: BTreeMap<MerchantId, Outage>) {
        *self.write() = outages.into_iter().map(|(id, outage)| (id, Arc::new(outage))).collect();
    }

    /// Take a merchant out of service, or replace the reasons.
    pub fn begin(&self, merchant: MerchantId, outage: Outage) {
        self.write().insert(merchant, Arc::new(outage));
    }

    /// Put a merchant into service. Returns whether it was out of service.
    pub fn end(&self, merchant: &MerchantId) -> bool {
        self.write().remove(merchant).is_some()
    }

    /// Why a merchant is out of service; `None` if it is in service.
    #[must_use]
    pub fn get(&self, merchant: &MerchantId) -> Option<Arc<Outage>> {
        self.read().get(merchant).cloned()
    }

    /// Every merchant that is out of service at this moment, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (MerchantId, Arc<Outage>)> + use<> {
        self.read().clone().into_iter()
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<MerchantId, Arc<Outage>>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<MerchantId, Arc<Outage>>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_reason_names_each_broken_part_once_and_no_detail() {
        let mut outage = Outage::default();
        outage.add(
            OutageCause::Plugin,
            "plugins[0]: /secret/shop.wasm: no such file".to_owned(),
        );
        outage.add(
            OutageCause::Catalog,
            "catalog: line 3: column id is required".to_owned(),
        );
        outage.add(
            OutageCause::Catalog,
            "catalog: line 4: column id is required".to_owned(),
        );
        assert_eq!(
            outage.reason(),
            "its catalog cannot be used, and one of its plugins cannot be used"
        );
    }

    #[test]
    fn a_merchant_is_out_of_service_from_the_beginning_of_its_outage_to_the_end() {
        let (outages, bad) = (Outages::default(), MerchantId::new("bad"));
        assert!(outages.get(&bad).is_none());
        outages.set(BTreeMap::from([(bad.clone(), Outage::default())]));
        assert!(outages.get(&bad).is_some() && outages.get(&MerchantId::new("good")).is_none());
        assert_eq!(outages.iter().count(), 1);
        outages.begin(MerchantId::new("good"), Outage::default());
        assert!(outages.end(&bad) && !outages.end(&bad));
        let left: Vec<_> = outages.iter().map(|(merchant, _)| merchant).collect();
        assert_eq!(left, [MerchantId::new("good")]);
    }
}
