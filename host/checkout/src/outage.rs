//! Merchants that are out of service on this host, and why. The other merchants are served.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::OnceLock;

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

/// Merchants that are out of service, as found when the host started. A restart puts them back into service.
#[derive(Debug, Default)]
pub struct Outages(OnceLock<BTreeMap<MerchantId, Outage>>);

impl Outages {
    /// Set the merchants that are out of service. Only the first call counts; before it, every merchant is in service.
    pub fn set(&self, outages: BTreeMap<MerchantId, Outage>) {
        self.0.get_or_init(|| outages);
    }

    /// Why a merchant is out of service; `None` if it is in service.
    #[must_use]
    pub fn get(&self, merchant: &MerchantId) -> Option<&Outage> {
        self.0.get()?.get(merchant)
    }

    /// Every merchant that is out of service, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&MerchantId, &Outage)> {
        self.0.get().into_iter().flatten()
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
    fn a_merchant_is_in_service_until_outages_are_set() {
        let (outages, bad) = (Outages::default(), MerchantId::new("bad"));
        assert!(outages.get(&bad).is_none());
        outages.set(BTreeMap::from([(bad.clone(), Outage::default())]));
        assert!(outages.get(&bad).is_some() && outages.get(&MerchantId::new("good")).is_none());
        assert_eq!(outages.iter().count(), 1);
    }
}
