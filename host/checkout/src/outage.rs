//! Merchants that this host cannot serve, and why. The others are served.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::ids::MerchantId;

/// What of a merchant is broken, in words that strangers may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Broken {
    /// The catalog cannot be read, or holds mistakes.
    Catalog,
    /// A component or its manifest is not there, is none, or does not fit.
    Plugin,
    /// The configuration of a plugin is wrong, or the plugin refuses it.
    Configuration,
}

impl fmt::Display for Broken {
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
    /// What is broken.
    pub broken: BTreeSet<Broken>,
    /// Every problem, with its place. For the operator only.
    pub problems: Vec<String>,
}

impl Outage {
    /// Another problem.
    pub fn add(&mut self, broken: Broken, problem: String) {
        self.broken.insert(broken);
        self.problems.push(problem);
    }

    /// The plain reason: `its catalog cannot be used`.
    #[must_use]
    pub fn reason(&self) -> String {
        let each: Vec<String> = self.broken.iter().map(ToString::to_string).collect();
        each.join(", and ")
    }
}

/// Merchants that are out of service, as it turned out when the host was put together. A restart is the way back.
#[derive(Debug, Default)]
pub struct Outages(OnceLock<BTreeMap<MerchantId, Outage>>);

impl Outages {
    /// Say which merchants are out of service. Said once; until then none is.
    pub fn declare(&self, outages: BTreeMap<MerchantId, Outage>) {
        self.0.get_or_init(|| outages);
    }

    /// Why a merchant is out of service, if it is.
    #[must_use]
    pub fn of(&self, merchant: &MerchantId) -> Option<&Outage> {
        self.0.get()?.get(merchant)
    }

    /// Every merchant that is out of service, by name.
    pub fn each(&self) -> impl Iterator<Item = (&MerchantId, &Outage)> {
        self.0.get().into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_reason_names_what_is_broken_once_and_no_problem() {
        let mut outage = Outage::default();
        outage.add(Broken::Plugin, "plugins[0]: /secret/shop.wasm: no such file".to_owned());
        outage.add(Broken::Catalog, "catalog: line 3: column id is required".to_owned());
        outage.add(Broken::Catalog, "catalog: line 4: column id is required".to_owned());
        assert_eq!(
            outage.reason(),
            "its catalog cannot be used, and one of its plugins cannot be used"
        );
    }

    #[test]
    fn a_merchant_is_in_service_until_the_contrary_is_said() {
        let (outages, bad) = (Outages::default(), MerchantId::new("bad"));
        assert!(outages.of(&bad).is_none());
        outages.declare(BTreeMap::from([(bad.clone(), Outage::default())]));
        assert!(outages.of(&bad).is_some() && outages.of(&MerchantId::new("good")).is_none());
        assert_eq!(outages.each().count(), 1);
    }
}
