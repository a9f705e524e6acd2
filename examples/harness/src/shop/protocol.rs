//! The protocols over which an agent can buy.

use tillhouse_plugin_protocol::shop;

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
    /// Agentic Commerce Protocol, release 2025-12-12.
    Acp20251212,
    /// Agentic Commerce Protocol, release 2026-01-16.
    Acp20260116,
    /// Agentic Commerce Protocol, release 2026-01-30.
    Acp20260130,
    /// Agentic Commerce Protocol, release 2026-04-17.
    Acp20260417,
    /// Stripe's Agentic Commerce Suite.
    StripeAcs,
}

impl Protocol {
    /// Every protocol that the agent of the sandbox can use.
    pub const ALL: [Self; 6] = [
        Self::Acp20250929,
        Self::Acp20251212,
        Self::Acp20260116,
        Self::Acp20260130,
        Self::Acp20260417,
        Self::StripeAcs,
    ];

    /// The protocol as the program expects it.
    pub(super) const fn to_wire(self) -> shop::Protocol {
        match self {
            Self::Acp20250929 => shop::Protocol::Acp20250929,
            Self::Acp20251212 => shop::Protocol::Acp20251212,
            Self::Acp20260116 => shop::Protocol::Acp20260116,
            Self::Acp20260130 => shop::Protocol::Acp20260130,
            Self::Acp20260417 => shop::Protocol::Acp20260417,
            Self::StripeAcs => shop::Protocol::StripeAcs,
        }
    }
}
