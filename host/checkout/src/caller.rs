//! Who calls an operation, and which sessions that caller may use.

use super::ids::MerchantId;
use super::named_value::named_value;
use super::party_units::Party;
use super::payer::STRIPE;
use super::session::Session;

named_value! {
    /// The protocol over which an agent calls. All releases of one protocol are the same: an agent that upgrades keeps its sessions.
    pub enum Protocol {
        /// The Agentic Commerce Protocol, in every release that the host supports.
        Acp = "acp",
        /// The hooks of Stripe's Agentic Commerce Suite.
        StripeAcs = "stripe_acs",
        /// The agent's side of Adyen's agentic API.
        AdyenAgent = "adyen_agent",
        /// The merchant's side of Adyen's agentic commerce: Adyen itself calls, and may take the payment.
        AdyenMerchant = "adyen_merchant",
        /// The lighter hooks of Stripe: Stripe runs the checkout and takes the payment, and asks whether it may.
        StripeHooks = "stripe_hooks",
    }
}

impl Protocol {
    /// Name of the party that takes the payment itself over this protocol, where one does.
    #[must_use]
    pub const fn outside_payer(&self) -> Option<&'static str> {
        match self {
            Self::AdyenMerchant => Some("adyen"),
            Self::StripeHooks => Some(STRIPE),
            Self::Acp | Self::StripeAcs | Self::AdyenAgent | Self::Other(_) => None,
        }
    }

    /// Whether the fulfillment option of a request that creates a session is a wish: where it is not on offer, the preselected one
    /// applies, and a message says so.
    #[must_use]
    pub const fn wishes_option_on_creation(&self) -> bool {
        matches!(self, Self::AdyenAgent | Self::AdyenMerchant)
    }

    /// Whether goods are billed to the address that they are sent to, unless the payment names another.
    #[must_use]
    pub const fn bills_to_destination(&self) -> bool {
        matches!(self, Self::AdyenAgent | Self::AdyenMerchant)
    }

    /// The party whose units amounts are in over this protocol; `None` for minor units of ISO 4217.
    #[must_use]
    pub const fn party(&self) -> Option<Party> {
        match self {
            Self::StripeAcs | Self::StripeHooks => Some(Party::Stripe),
            Self::AdyenAgent | Self::AdyenMerchant => Some(Party::Adyen),
            Self::Acp | Self::Other(_) => None,
        }
    }
}

/// The authenticated caller of an operation.
///
/// A session belongs to the protocol and the principal that created it. For any other caller it does not exist: the answer is
/// that of an unknown id, so that an id which leaks (a log, a link, a support case) opens nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Merchant that is called.
    pub merchant: MerchantId,
    /// Protocol of the call.
    pub protocol: Protocol,
    /// Label of the key of the call, never the key: an agent that changes its key keeps its label, and so its sessions. `None` if
    /// the protocol has one secret for all agents, which then own their sessions together.
    pub principal: Option<String>,
}

impl Caller {
    /// Whether the caller may read, change, pay and cancel the session. `shared` is [`super::merchant::Merchant::shares_sessions`].
    ///
    /// A session that was stored before sessions had a protocol is held to its principal alone.
    #[must_use]
    pub fn may_use(&self, session: &Session, shared: bool) -> bool {
        let same_protocol = session
            .protocol
            .as_ref()
            .is_none_or(|made_by| *made_by == self.protocol);
        let same_principal = session.agent.principal == self.principal;
        session.merchant == self.merchant && same_protocol && (same_principal || shared)
    }
}
