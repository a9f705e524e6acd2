//! The merchants' Stripe accounts, as configured.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::StartError;
use crate::config::Config;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_egress::Upstream;
use tillhouse_payments::stripe::StripeAccount;

/// The account of each merchant that has one.
pub(super) fn accounts(config: &Config) -> Result<BTreeMap<MerchantId, StripeAccount>, StartError> {
    let mut accounts = BTreeMap::new();
    for (id, merchant) in &config.merchants {
        let Some(stripe) = &merchant.stripe else { continue };
        let mut upstream = Upstream::new("stripe", stripe.base_url.as_str())
            .map_err(|error| StartError::Invalid(vec![format!("merchants.{id}.stripe.base_url: {error}")]))?;
        upstream.allow_http = stripe.allow_http;
        upstream.allow_private = stripe.allow_loopback;
        upstream.timeout = stripe.timeout;
        let account = StripeAccount {
            upstream,
            key: Arc::clone(&stripe.secret_key),
            versions: stripe.versions.clone(),
            livemode: stripe.livemode,
            profile_mismatch: stripe.agent_mismatch,
        };
        accounts.insert(id.clone(), account);
    }
    Ok(accounts)
}
