//! Another release of a plugin in the place of the one that a merchant has, while its phases go on.

use std::sync::Arc;

use crate::Plugins;
use crate::merchant::binding::Binding;
use crate::merchant::routes::{MerchantPlugins, MerchantRoutes, Problem};
use tillhouse_checkout::ids::{MerchantId, PluginId};

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
    /// Why the new one was not made.
    #[error("{}", .0.join("\n"))]
    Unmade(Vec<String>),
    /// Everything that is in the way of the new one.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Refused(Vec<Problem>),
}

impl Plugins {
    /// Make another binding of the merchant's own plugin, and put it into the place of the one in force, which it gives back. Its
    /// `lifecycle.validate-config` is asked first.
    ///
    /// Phases that begin from now on have the new one; those that are open keep what they began with, and so does a payment
    /// under way until its phase ends. The merchant's share of the host stays one share.
    ///
    /// # Errors
    /// When there is no such plugin, it is not made, or something is in the way; then everything stays as it is.
    pub async fn replace(
        &self,
        merchant: &MerchantId,
        plugin: &PluginId,
        make: impl FnOnce(&Binding) -> Result<Binding, Vec<String>>,
    ) -> Result<Arc<Binding>, ReplaceError> {
        // One at a time: each is read, changed and put back.
        let _one = self.shared.replacing.lock().await;
        let routes = self.shared.routes.of(merchant);
        let routes = routes.ok_or_else(|| absent(merchant, plugin, &[]))?;
        let mut bindings = routes.own().to_vec();
        let place = bindings.iter_mut().find(|own| own.plugin == *plugin);
        let place = place.ok_or_else(|| absent(merchant, plugin, routes.own()))?;
        let made = make(place).map_err(ReplaceError::Unmade)?;
        let before = std::mem::replace(place, Arc::new(made));
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
