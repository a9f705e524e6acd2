//! The protocols that an agent can buy over.

use tillhouse_sandbox::agent::{Acp, AcpVersion, Basket, Credentials, Interrupted, Purchase, StripeAcs, Wallet};
use tillhouse_sandbox::{Sandbox, Secret};

use super::configuration::{AGENT_KEY, SIGNING_SECRET};

/// A protocol and its release.
///
/// ```
/// use tillhouse_harness::prelude::*;
///
/// assert!(Protocol::ALL.contains(&Protocol::StripeAcs));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Agentic Commerce Protocol, release 2025-09-29.
    Acp20250929,
    /// Agentic Commerce Protocol, release 2026-04-17.
    Acp20260417,
    /// Stripe's Agentic Commerce Suite.
    StripeAcs,
}

impl Protocol {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Acp20250929, Self::Acp20260417, Self::StripeAcs];
}

/// Buy a basket, from the first request to the last.
pub(super) async fn purchase(
    protocol: Protocol,
    url: &str,
    sandbox: &Sandbox,
    basket: &Basket,
) -> Result<Purchase, Interrupted> {
    let clock = sandbox.clock();
    let wallet = Wallet::at(&sandbox.stripe, clock)?;
    let release = match protocol {
        Protocol::Acp20250929 => AcpVersion::V2025_09_29,
        Protocol::Acp20260417 => AcpVersion::V2026_04_17,
        Protocol::StripeAcs => {
            let credentials = Credentials::StripeSignature {
                secret: Secret::from(SIGNING_SECRET),
                clock: clock.clone(),
            };
            return StripeAcs::new(url, credentials, wallet, clock.clone())?
                .purchase(basket)
                .await;
        }
    };
    Acp::new(url, Secret::from(AGENT_KEY), release, wallet)?
        .purchase(basket)
        .await
}
