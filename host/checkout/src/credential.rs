//! The buyer's payment credential: the part that may be shown, and the secret part.

use serde::{Deserialize, Serialize};

use crate::authentication::AuthenticationResult;
use crate::secret::Secret;

/// The part of a card that a receipt may show. Every field is `None` if the token service left it out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardDisplay {
    /// Card brand in lower case: `visa`, `mastercard` …
    pub brand: Option<String>,
    /// Last four digits of the card number that the buyer knows.
    pub last4: Option<String>,
    /// `credit`, `debit`, `prepaid` or `unknown`.
    pub funding: Option<String>,
    /// Country of the card issuer, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Month of expiry, 1 to 12.
    pub exp_month: Option<u8>,
    /// Year of expiry, four digits.
    pub exp_year: Option<u16>,
    /// Fingerprint of the card, the same whenever the issuer of the token sees this card.
    #[serde(default)]
    pub fingerprint: Option<String>,
    /// First digits of the card number, which identify its issuer.
    #[serde(default)]
    pub iin: Option<String>,
    /// Wallet that the card comes from: `apple_pay`, `google_pay`, `link` …
    #[serde(default)]
    pub wallet: Option<String>,
}

/// A form in which a credential has the card. A processor takes the forms whose slots its plugin may fill in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialForm {
    /// The number of a card or of a network token.
    Number,
    /// A block that only the processor can decrypt.
    Encrypted,
    /// A token of the processor itself.
    ProcessorToken,
}

impl CredentialForm {
    /// The forms that a processor can take, in the order in which a message names them.
    pub const ALL: [Self; 3] = [Self::Number, Self::Encrypted, Self::ProcessorToken];

    /// The slot without which there is no card in this form.
    #[must_use]
    pub const fn slot(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Encrypted => "encrypted-block",
            Self::ProcessorToken => "psp-token",
        }
    }

    /// What a token in this form stands for, in an error message.
    #[must_use]
    pub const fn described(self) -> &'static str {
        match self {
            Self::Number => "a card number",
            Self::Encrypted => "an encrypted card",
            Self::ProcessorToken => "a token of a processor",
        }
    }
}

/// A credential for one charge, in memory for the length of that charge only (PCI DSS 4.0.1, 3.3.1).
#[derive(Debug)]
pub struct Credential {
    /// Kind of credential: `dpan` (a device or network token) or `agentic_token` (single use).
    pub kind: String,
    /// The part that plugins and the operator may see.
    pub display: CardDisplay,
    /// Pairs of slot name (`number`, `exp-month`, `cryptogram` …: `wit/host/credentials.wit`) and secret value.
    pub slots: Vec<(&'static str, Secret)>,
}

impl Credential {
    /// The secret value of a slot; `None` if this credential has no such slot.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<&Secret> {
        self.slots
            .iter()
            .find(|(slot, _)| *slot == name)
            .map(|(_, value)| value)
    }

    /// Take the authentication value of a 3-D Secure authentication in place of the cryptogram that it came with, and with it the
    /// indicator that belongs to it.
    pub fn authenticate(&mut self, result: &AuthenticationResult) {
        const REPLACED: [&str; 3] = ["cryptogram", "cryptogram-type", "eci"];
        let Some(value) = &result.cryptogram else { return };
        self.slots.retain(|(slot, _)| !REPLACED.contains(slot));
        let copy = |text: &str| Secret::new(text.to_owned());
        self.slots.push(("cryptogram", copy(value.reveal())));
        self.slots.extend(result.eci.as_deref().map(|eci| ("eci", copy(eci))));
    }

    /// The forms in which it has the card.
    #[must_use]
    pub fn forms(&self) -> Vec<CredentialForm> {
        let has = |form: &CredentialForm| self.slot(form.slot()).is_some();
        CredentialForm::ALL.into_iter().filter(has).collect()
    }
}
