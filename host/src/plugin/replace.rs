//! Another release of a plugin in the place of the one that a merchant has, while its phases go on.

use std::sync::Arc;

use super::Plugins;
use super::binding::Binding;
use super::routes::{MerchantPlugins, MerchantRoutes, Problem};
use crate::checkout::ids::{MerchantId, PluginId};

/// Why the release in force stays.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReplaceError {
    /// The merchant has no plugin of that id of its own.
    #[error("merchant {merchant} has no plugin {plugin} of its own; it has {has}")]
    Absent {
        /// The merchant.
        merchant: MerchantId,
        /// The plugin.
        plugin: PluginId,
        /// Those that it has.
        has: String,
    },
    /// Everything that is in the way of the new one.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Refused(Vec<Problem>),
}

impl Plugins {
    /// What a merchant's own plugin is bound to.
    ///
    /// # Errors
    /// When the merchant has no such plugin of its own.
    pub fn bound(&self, merchant: &MerchantId, plugin: &PluginId) -> Result<Arc<Binding>, ReplaceError> {
        let routes = self.shared.routes.of(merchant);
        let own = routes.as_ref().map_or(&[][..], |routes| routes.own());
        let found = own.iter().find(|binding| binding.plugin == *plugin);
        found.map(Arc::clone).ok_or_else(|| absent(merchant, plugin, own))
    }

    /// Put a binding into the place of the merchant's own one of the same plugin. Its `lifecycle.validate-config` is asked first.
    ///
    /// Phases that begin from now on have the new one; those that are open keep what they began with, and so does a payment
    /// under way until its phase ends. The merchant's share of the host stays one share.
    ///
    /// # Errors
    /// When there is no such plugin, or something is in the way; then everything stays as it is.
    pub async fn replace(&self, merchant: &MerchantId, binding: Binding) -> Result<(), ReplaceError> {
        // One at a time: each is read, changed and put back.
        let _one = self.shared.replacing.lock().await;
        let routes = self.shared.routes.of(merchant);
        let routes = routes.ok_or_else(|| absent(merchant, &binding.plugin, &[]))?;
        let mut bindings = routes.own().to_vec();
        let place = bindings.iter_mut().find(|own| own.plugin == binding.plugin);
        let place = place.ok_or_else(|| absent(merchant, &binding.plugin, routes.own()))?;
        *place = Arc::new(binding);
        let next = MerchantPlugins {
            bindings,
            fallback: routes.fallback().cloned(),
            catalog: Arc::clone(&routes.catalog),
            currency: routes.currency,
        };
        let next = MerchantRoutes::new(next, routes.turns.clone()).map_err(ReplaceError::Refused)?;
        let next = Arc::new(next);
        let problems = self.validate(merchant, &next).await;
        if !problems.is_empty() {
            return Err(ReplaceError::Refused(problems));
        }
        self.shared.routes.put(merchant.clone(), next);
        Ok(())
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
