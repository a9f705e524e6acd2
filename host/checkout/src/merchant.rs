//! The merchants of a host, as far as the domain needs them.

use std::collections::BTreeMap;
use std::time::Duration;

use super::error::CheckoutError;
use super::ids::MerchantId;
use super::money::Currency;
use super::party_units::Party;

/// Settings of one merchant, from `[merchants.NAME]` of the configuration.
#[derive(Clone, Debug)]
pub struct Merchant {
    /// Name of the merchant in the configuration.
    pub id: MerchantId,
    /// The one currency that the merchant sells in.
    pub currency: Currency,
    /// How long an open session lives after its last change: `session_ttl_minutes`.
    pub session_ttl: Duration,
    /// How long a saved cart lives after its last change: `acp.cart_ttl_hours`.
    pub cart_ttl: Duration,
    /// Whether the principals of one protocol may use each other's sessions: `share_sessions`.
    pub shares_sessions: bool,
    /// Most sessions that one principal may have open, and most carts that it may keep: `max_open_sessions`.
    pub max_open_sessions: u64,
    /// Issuers of the payment tokens that the merchant takes: a quote that one of them cannot be told is not ready for payment.
    pub token_issuers: Vec<Party>,
    /// Whether a completion charges a total lower than the one that its caller was shown, for the same purchase:
    /// `charge_lower_total`. Otherwise the caller must read the session again.
    pub charges_lower_total: bool,
    /// A read of an open session quotes it again if the plugins were last asked this long ago: `quote_max_age_seconds`.
    pub quote_max_age: Duration,
    /// Text for the buyer's card statement, `statement_descriptor`; `None` for the processor's own.
    pub statement: Option<String>,
}

/// The merchants of this host.
#[derive(Clone, Debug, Default)]
pub struct Merchants(BTreeMap<MerchantId, Merchant>);

impl Merchants {
    /// The settings of one merchant.
    ///
    /// # Errors
    /// [`CheckoutError::UnknownMerchant`] if the host has no merchant of this name.
    pub fn get(&self, id: &MerchantId) -> Result<&Merchant, CheckoutError> {
        self.0.get(id).ok_or_else(|| CheckoutError::UnknownMerchant(id.clone()))
    }
}

impl FromIterator<Merchant> for Merchants {
    fn from_iter<I: IntoIterator<Item = Merchant>>(merchants: I) -> Self {
        Self(
            merchants
                .into_iter()
                .map(|merchant| (merchant.id.clone(), merchant))
                .collect(),
        )
    }
}
