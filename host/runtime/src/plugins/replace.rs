//! Replacing a merchant's plugin with another release while phases are open.

use std::sync::Arc;

use crate::Plugins;
use crate::merchant::binding::Binding;
use crate::merchant::routes::{MerchantPlugins, MerchantRoutes};
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_checkout::ids::{MerchantId, PluginId};

/// Why a plugin was not replaced. The current release stays in force.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReplaceError {
    /// The merchant has no plugin of its own with that id. The fallback does not count.
    #[error("merchant {merchant} has no plugin {plugin} of its own; it has {has}")]
    Absent {
        /// Merchant that was asked for.
        merchant: MerchantId,
        /// Id that no plugin of the merchant has.
        plugin: PluginId,
        /// Ids of the plugins that the merchant has, separated by `, `, or `none`.
        has: String,
    },
    /// The caller could not create the new binding; one message per problem.
    #[error("{}", .0.join("\n"))]
    Binding(Vec<String>),
    /// The new binding conflicts with the merchant's other plugins, or its configuration is invalid.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Refused(Vec<Diagnostic>),
}

impl Plugins {
    /// Replace a merchant's own plugin with the binding that `make` returns, and return the previous binding.
    ///
    /// Calls `lifecycle.validate-config` of the new binding first. Phases opened afterwards use the new binding; open phases,
    /// payments included, keep the one that they started with. Both share the merchant's concurrency limit.
    ///
    /// # Errors
    /// When there is no such plugin, `make` fails, or the new binding is rejected; then nothing changes.
    pub async fn replace(
        &self,
        merchant: &MerchantId,
        plugin: &PluginId,
        make: impl FnOnce(&Binding) -> Result<Binding, Vec<String>>,
    ) -> Result<Arc<Binding>, ReplaceError> {
        // One replacement at a time, because this is a read-modify-write of the routes.
        let _one = self.shared.replace_lock.lock().await;
        let routes = self.shared.routes.of(merchant);
        let routes = routes.ok_or_else(|| absent(merchant, plugin, &[]))?;
        let mut bindings = routes.own().to_vec();
        let place = bindings.iter_mut().find(|own| own.plugin == *plugin);
        let place = place.ok_or_else(|| absent(merchant, plugin, routes.own()))?;
        let made = make(place).map_err(ReplaceError::Binding)?;
        let before = std::mem::replace(place, Arc::new(made));
        let next = MerchantPlugins {
            bindings,
            fallback: routes.fallback().cloned(),
            catalog: Arc::clone(&routes.catalog),
            currency: routes.currency,
        };
        let next = MerchantRoutes::new(next, routes.permits.clone()).map_err(ReplaceError::Refused)?;
        let next = Arc::new(next);
        let errors = self.validate(merchant, &next).await;
        if !errors.is_empty() {
            return Err(ReplaceError::Refused(errors));
        }
        self.shared.routes.put(merchant.clone(), next);
        Ok(before)
    }
}

fn absent(merchant: &MerchantId, plugin: &PluginId, own: &[Arc<Binding>]) -> ReplaceError {
    let has: Vec<&str> = own.iter().map(|binding| binding.plugin.as_str()).collect();
    ReplaceError::Absent {
        merchant: merchant.clone(),
        plugin: plugin.clone(),
        has: if has.is_empty() {
            "none".to_owned()
        } else {
            has.join(", ")
        },
    }
}
