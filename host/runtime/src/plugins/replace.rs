//! Replacing what serves a merchant while phases are open: other releases of its plugins, or another catalog.
//!
//! Two steps, so that a caller can write down what comes into force before it does: [`Plugins::prepare`] checks everything and
//! changes nothing; [`Plugins::activate`] cannot fail.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::Plugins;
use crate::merchant::permits::MerchantPermits;
use crate::merchant::routes::{MerchantPlugins, MerchantRoutes};
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_checkout::ids::MerchantId;

/// Plugins and catalog of a merchant that were checked together, and are not in force yet.
#[derive(Debug)]
#[must_use = "nothing changes until they are activated"]
pub struct PreparedPlugins {
    merchant: MerchantId,
    routes: Arc<MerchantRoutes>,
}

impl Plugins {
    /// Check the plugins of a merchant together with its catalog, and call `lifecycle.validate-config` of each plugin.
    ///
    /// What is in force meanwhile, and what replaces it, share the merchant's concurrency limits. The caller makes one change of a
    /// merchant at a time; changes of several merchants do not wait for each other.
    ///
    /// # Errors
    /// All problems of all plugins; nothing was changed.
    pub async fn prepare(
        &self,
        merchant: MerchantId,
        plugins: MerchantPlugins,
    ) -> Result<PreparedPlugins, Vec<Diagnostic>> {
        let in_force = self.shared.routes.of(&merchant);
        let limits = plugins.limits.clone();
        let limits = limits.unwrap_or_else(|| Arc::new(self.shared.limits.clone()));
        let permits = in_force
            .as_ref()
            .map_or_else(|| MerchantPermits::new(&limits), |routes| routes.permits.clone());
        let same_catalog = in_force.filter(|routes| Arc::ptr_eq(&routes.catalog, &plugins.catalog));
        let mut routes = MerchantRoutes::new(plugins, permits, limits)?;
        routes.catalog_number = match same_catalog {
            Some(routes) => routes.catalog_number,
            None => self.shared.catalogs.fetch_add(1, Ordering::Relaxed),
        };
        let routes = Arc::new(routes);
        let errors = self.validate(&merchant, &routes).await;
        if errors.is_empty() {
            Ok(PreparedPlugins { merchant, routes })
        } else {
            Err(errors)
        }
    }

    /// Put prepared plugins into force, at once and as a whole. Phases opened afterwards use them; open phases, payments included,
    /// keep the plugins and the catalog that they started with.
    pub fn activate(&self, prepared: PreparedPlugins) {
        self.shared.routes.put(prepared.merchant, prepared.routes);
    }
}
