//! Routing: which plugin serves which capability, for each merchant.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::binding::Binding;
use super::permits::MerchantPermits;
use crate::api::capability::Capability;
use crate::component::package::ExceededLimit;
use crate::guest::limits::Limits;
use tillhouse_catalog::CatalogSource;
use tillhouse_checkout::diagnostic::{Diagnostic, DiagnosticPlace};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::money::Currency;

/// Plugins and catalog of one merchant, before routing.
#[derive(Clone, Debug)]
pub struct MerchantPlugins {
    /// The merchant's own plugins.
    pub bindings: Vec<Arc<Binding>>,
    /// Serves the capabilities that none of `bindings` serves: the bundled reference component over the merchant's catalog.
    pub fallback: Option<Arc<Binding>>,
    /// Catalog that the plugins read through `tillhouse:host/catalog`.
    pub catalog: Arc<dyn CatalogSource>,
    /// Currency of the merchant, for calls outside a checkout.
    pub currency: Currency,
    /// Limits of the merchant's plugins; `None` for those of the host.
    pub limits: Option<Arc<Limits>>,
}

/// Code of the diagnostics of capabilities that cannot be routed as configured.
pub const ROUTING: &str = "routing";

/// Code of the diagnostics of components that exceed a limit of their merchant.
pub const LIMIT: &str = "limit";

/// One merchant's plugins by capability.
#[derive(Debug)]
pub(crate) struct MerchantRoutes {
    pub(crate) bindings: Vec<Arc<Binding>>,
    pub(crate) catalog: Arc<dyn CatalogSource>,
    /// Number of the catalog in this process; another one has another, not another version of it. Set when it is prepared.
    pub(crate) catalog_number: u64,
    pub(crate) currency: Currency,
    /// Permits for the merchant's phases.
    pub(crate) permits: MerchantPermits,
    /// Limits of its plugins' calls.
    pub(crate) limits: Arc<Limits>,
    by_capability: HashMap<Capability, usize>,
}

impl MerchantRoutes {
    /// Assign a binding to every capability.
    ///
    /// # Errors
    /// When a component exceeds a limit of the merchant, two bindings serve the same capability, or a capability is separated from the one that it depends on. The place of
    /// each error is the plugin and the capability.
    pub(crate) fn new(
        plugins: MerchantPlugins,
        permits: MerchantPermits,
        limits: Arc<Limits>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let MerchantPlugins {
            mut bindings,
            fallback,
            catalog,
            currency,
            limits: _,
        } = plugins;
        let mut by_capability = HashMap::new();
        let mut errors: Vec<Diagnostic> = bindings
            .iter()
            .chain(&fallback)
            .flat_map(|binding| exceeded_limits(binding, &limits))
            .collect();
        for (index, binding) in bindings.iter().enumerate() {
            for capability in decisions(binding) {
                if by_capability.insert(capability, index).is_some() {
                    errors.push(error(
                        binding,
                        capability,
                        "is also served by another plugin of this merchant; only one plugin may serve a capability",
                    ));
                }
            }
        }
        if let Some(fallback) = fallback {
            let index = bindings.len();
            let takes: Vec<Capability> = decisions(&fallback)
                .filter(|capability| !by_capability.contains_key(capability))
                // The plugin that prices discount codes must redeem them: the fallback never redeems codes that it did not price.
                .filter(|capability| {
                    capability
                        .must_accompany()
                        .is_none_or(|leader| !by_capability.contains_key(&leader))
                })
                .collect();
            by_capability.extend(takes.into_iter().map(|capability| (capability, index)));
            bindings.push(fallback);
        }
        for (capability, index) in &by_capability {
            let leader = capability.must_accompany();
            let stray = leader.is_some_and(|leader| by_capability.get(&leader) != Some(index));
            if let Some(binding) = bindings.get(*index).filter(|_| stray) {
                let with = leader.map_or("", Capability::name);
                errors.push(error(
                    binding,
                    *capability,
                    &format!("must be served by the plugin that serves {with}"),
                ));
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self {
            bindings,
            catalog,
            catalog_number: 0,
            currency,
            permits,
            limits,
            by_capability,
        })
    }

    /// Index in `bindings` of the binding that serves a capability.
    pub(crate) fn index(&self, capability: Capability) -> Option<usize> {
        self.by_capability.get(&capability).copied()
    }

    /// Whether the same binding serves both capabilities.
    pub(crate) fn is_same(&self, one: Capability, other: Capability) -> bool {
        self.index(one).is_some() && self.index(one) == self.index(other)
    }

    /// Whether one plugin serves `quoting` and everything that it decides. Otherwise an answer of `quoting.quote` would overrule the
    /// plugin that the operator bound to a capability.
    pub(crate) fn quotes_whole(&self) -> bool {
        Capability::QUOTED
            .iter()
            .all(|capability| self.is_same(Capability::Quoting, *capability))
    }

    pub(crate) fn binding(&self, capability: Capability) -> Option<&Arc<Binding>> {
        self.bindings.get(self.index(capability)?)
    }
}

/// Capabilities that a binding competes for. `lifecycle` is not one of them: every plugin may export it.
fn decisions(binding: &Binding) -> impl Iterator<Item = Capability> {
    let exported = binding.component.capabilities();
    binding
        .serves
        .iter()
        .filter(move |capability| *capability != Capability::Lifecycle && exported.contains(*capability))
}

/// The limits that are too small for a component to be used.
fn exceeded_limits(binding: &Binding, limits: &Limits) -> Vec<Diagnostic> {
    let exceeded = binding.component.exceeded(limits).into_iter();
    let diagnostics = exceeded.map(|ExceededLimit { key, needed, limit }| {
        let what = match key {
            "component_bytes" => format!("the component has {needed} bytes"),
            "memory_bytes" => format!("the largest memory of the component begins with {needed} bytes"),
            _ => format!("the largest table of the component begins with {needed} elements"),
        };
        let message = format!("{what}; {key} of this merchant is {limit}");
        let help = format!(
            "set {key} in the merchant's table limits, up to the host's plugins.maximum.{key}, or build a smaller component"
        );
        Diagnostic::error(LIMIT, place(binding, key), message).with_help(help)
    });
    diagnostics.collect()
}

fn error(binding: &Binding, capability: Capability, message: &str) -> Diagnostic {
    Diagnostic::error(ROUTING, place(binding, capability.name()), message)
}

/// Place of a configuration key or a capability of a plugin.
pub(crate) fn place(binding: &Binding, key: &str) -> DiagnosticPlace {
    DiagnosticPlace::of(binding.plugin.as_str()).with_key(key)
}

type Table = HashMap<MerchantId, Arc<MerchantRoutes>>;

/// Routes of all merchants. The table is replaced as a whole: a phase keeps the routes that it started with.
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
