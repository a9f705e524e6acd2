//! The vault of a configuration.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clock_and_ids::SystemRandomness;
use crate::config::Config;
use tillhouse_checkout::service::CheckoutService;
use tillhouse_payments::vault::{Vault, VaultAccount};

/// The vault, if the configuration has keys for it and a merchant that uses it.
pub(super) fn of(config: &Config, checkout: &CheckoutService) -> Option<Arc<Vault>> {
    let keys = &config.vault.as_ref()?.keys;
    let accounts: BTreeMap<_, _> = config
        .merchants
        .iter()
        .filter_map(|(id, merchant)| {
            let vault = merchant.vault.as_ref()?;
            let account = VaultAccount {
                longest_life: vault.longest_life,
                per_minute: vault.per_minute,
            };
            Some((id.clone(), account))
        })
        .collect();
    let is_used = !accounts.is_empty();
    is_used.then(|| {
        let randomness = Arc::new(SystemRandomness);
        Arc::new(Vault::new(checkout.clone(), accounts, Arc::clone(keys), randomness))
    })
}
