//! The buyer's payment credential: what may be shown of it, and what may not.

use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// What a receipt would show of a card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardDisplay {
    /// Brand in lower case.
    pub brand: Option<String>,
    /// Last four digits of the card that the buyer knows.
    pub last4: Option<String>,
    /// `credit`, `debit`, `prepaid` or `unknown`.
    pub funding: Option<String>,
    /// Country of the issuer.
    pub country: Option<String>,
    /// 1 to 12.
    pub exp_month: Option<u8>,
    /// Four digits.
    pub exp_year: Option<u16>,
}

/// A credential for one charge, in memory for the length of that charge only (PCI DSS 4.0.1, 3.3.1).
#[derive(Debug)]
pub struct Credential {
    /// `dpan` or `agentic_token`.
    pub kind: String,
    /// What may be shown.
    pub display: CardDisplay,
    /// Slot name (`number`, `exp-month`, `cryptogram` …: `wit/host/credentials.wit`) and value.
    pub slots: Vec<(&'static str, Secret)>,
}

impl Credential {
    /// The value of a slot.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<&Secret> {
        self.slots
            .iter()
            .find(|(slot, _)| *slot == name)
            .map(|(_, value)| value)
    }
}
