//! Which plugin decides what, for which merchant.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::binding::Binding;
use super::turns::Turns;
use crate::api::capability::Capability;
use tillhouse_catalog::Catalog;
use tillhouse_checkout::ids::{MerchantId, PluginId};
use tillhouse_checkout::money::Currency;

/// What one merchant has.
#[derive(Clone, Debug)]
pub struct MerchantPlugins {
    /// The merchant's own plugins.
    pub bindings: Vec<Arc<Binding>>,
    /// Serves what none of them does: the bundled reference component over the merchant's catalog.
    pub fallback: Option<Arc<Binding>>,
    /// The merchant's catalog.
    pub catalog: Arc<Catalog>,
    /// The merchant's currency, for questions outside a checkout.
    pub currency: Currency,
}

/// Something in the way of a merchant's plugins.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{plugin}: {key}: {message}")]
pub struct Problem {
    /// The plugin.
    pub plugin: PluginId,
    /// The configuration key or capability.
    pub key: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// One merchant's plugins by capability.
#[derive(Debug)]
pub(crate) struct MerchantRoutes {
    pub(crate) bindings: Vec<Arc<Binding>>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) currency: Currency,
    /// Turns of the merchant's phases.
    pub(crate) turns: Turns,
    /// How many of the bindings are the merchant's own; the fallback comes after them.
    own: usize,
    by_capability: HashMap<Capability, usize>,
}

impl MerchantRoutes {
    /// Find a binding for every capability.
    ///
    /// # Errors
    /// When two bindings serve the same capability, or one serves what must stay with another.
    pub(crate) fn new(plugins: MerchantPlugins, turns: Turns) -> Result<Self, Vec<Problem>> {
        let MerchantPlugins {
            mut bindings,
            fallback,
            catalog,
            currency,
        } = plugins;
        let own = bindings.len();
        let mut by_capability = HashMap::new();
        let mut problems = Vec::new();
        for (index, binding) in bindings.iter().enumerate() {
            for capability in decisions(binding) {
                if by_capability.insert(capability, index).is_some() {
                    problems.push(problem(
                        binding,
                        capability,
                        "is served by another plugin of this merchant as well",
                    ));
                }
            }
        }
        if let Some(fallback) = fallback {
            let index = bindings.len();
            let takes: Vec<Capability> = decisions(&fallback)
                .filter(|capability| !by_capability.contains_key(capability))
                // Codes are redeemed where they are priced: never by the fallback for somebody else's prices.
                .filter(|capability| {
                    capability
                        .follows()
                        .is_none_or(|leader| !by_capability.contains_key(&leader))
                })
                .collect();
            by_capability.extend(takes.into_iter().map(|capability| (capability, index)));
            bindings.push(fallback);
        }
        for (capability, index) in &by_capability {
            let leader = capability.follows();
            let stray = leader.is_some_and(|leader| by_capability.get(&leader) != Some(index));
            if let Some(binding) = bindings.get(*index).filter(|_| stray) {
                let with = leader.map_or("", Capability::name);
                problems.push(problem(
                    binding,
                    *capability,
                    &format!("must be served by the plugin that serves {with}"),
                ));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            bindings,
            catalog,
            currency,
            turns,
            own,
            by_capability,
        })
    }

    /// The merchant's own bindings.
    pub(crate) fn own(&self) -> &[Arc<Binding>] {
        self.bindings.get(..self.own).unwrap_or_default()
    }

    /// What serves the rest.
    pub(crate) fn fallback(&self) -> Option<&Arc<Binding>> {
        self.bindings.get(self.own)
    }

    /// Which binding serves a capability.
    pub(crate) fn index(&self, capability: Capability) -> Option<usize> {
        self.by_capability.get(&capability).copied()
    }

    pub(crate) fn binding(&self, capability: Capability) -> Option<&Arc<Binding>> {
        self.bindings.get(self.index(capability)?)
    }
}

/// What a binding decides; `lifecycle` is of every plugin's own.
fn decisions(binding: &Binding) -> impl Iterator<Item = Capability> {
    let exported = binding.component.capabilities();
    binding
        .serves
        .iter()
        .filter(move |capability| *capability != Capability::Lifecycle && exported.contains(*capability))
}

fn problem(binding: &Binding, capability: Capability, message: &str) -> Problem {
    Problem {
        plugin: binding.plugin.clone(),
        key: capability.name().to_owned(),
        message: message.to_owned(),
    }
}

type Table = HashMap<MerchantId, Arc<MerchantRoutes>>;

/// The table of all merchants. Replaced whole: a phase keeps the routes that it began with.
#[derive(Debug, Default)]
pub(crate) struct Routes(RwLock<Arc<Table>>);

impl Routes {
    pub(crate) fn of(&self, merchant: &MerchantId) -> Option<Arc<MerchantRoutes>> {
        let table = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        table.get(merchant).cloned()
    }

    pub(crate) fn put(&self, merchant: MerchantId, routes: Arc<MerchantRoutes>) {
        let mut table = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = Table::clone(&table);
        next.insert(merchant, routes);
        *table = Arc::new(next);
    }
}
