//! What is charged: a token of Adyen, or a card or network token as raw data.

use serde_json::{Value, json};
use tillhouse_plugin::{payments::Authentication, prelude::*};

use crate::settings;

/// Form of the payment method in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// Token that Adyen issued to the agent.
    Token,
    /// Card number. Only for merchants and hosts that are PCI DSS compliant.
    Card,
    /// Network or device token, with its cryptogram. The same applies.
    NetworkToken,
}

/// A place in the request, as the names that lead to it, and what goes there.
type Place = (Vec<String>, Slot);

impl Method {
    /// The form of a credential; `None` if the plugin does not take it.
    pub(crate) fn of(credential: Credential<'_>) -> Result<Option<Self>, Failure> {
        let kind = credential.kind();
        let method = match kind.as_str() {
            "psp_token" if credential.has(Slot::PspToken) => return Ok(Some(Self::Token)),
            "fpan" => Self::Card,
            "dpan" | "network_token" | "agentic_token" => Self::NetworkToken,
            _ => return Ok(None),
        };
        let is_taken = credential.has(Slot::Number) && settings::takes_raw_cards()?;
        Ok(is_taken.then_some(method))
    }

    /// The members of `paymentMethod` that are not filled in.
    pub(super) fn described(self) -> Result<Value, Failure> {
        Ok(match self {
            Self::Token => json!({"type": settings::token_type()}),
            Self::Card => json!({"type": "scheme"}),
            Self::NetworkToken => json!({"type": settings::network_token_type()}),
        })
    }

    pub(super) fn shopper_interaction(self) -> String {
        match self {
            Self::Token => settings::token_shopper_interaction(),
            Self::Card | Self::NetworkToken => "Ecommerce".to_owned(),
        }
    }

    pub(super) fn processing_model(self) -> Option<String> {
        match self {
            Self::Token => settings::token_processing_model(),
            Self::Card | Self::NetworkToken => None,
        }
    }

    /// The places of the values that this credential has. After an authentication, the slot `cryptogram` has its value.
    pub(super) fn places(
        self,
        credential: Credential<'_>,
        proof: Option<&Authentication>,
    ) -> Result<Vec<Place>, Failure> {
        let at = |path: &str, slot| (path.split('.').map(str::to_owned).collect(), slot);
        let mut places: Vec<Place> = match self {
            Self::Token => vec![at(&settings::token_field()?, Slot::PspToken)],
            Self::Card => card_places().map(|(path, slot)| at(path, slot)).to_vec(),
            Self::NetworkToken => {
                let mut places = card_places().map(|(path, slot)| at(path, slot)).to_vec();
                if proof.is_none() {
                    let cryptogram = "mpiData.tokenAuthenticationVerificationValue";
                    places.extend([at(cryptogram, Slot::Cryptogram), at("mpiData.eci", Slot::Eci)]);
                }
                places
            }
        };
        if proof.is_some_and(|proof| proof.has_cryptogram) {
            places.push(at("mpiData.cavv", Slot::Cryptogram));
        }
        places.retain(|(_, slot)| credential.has(*slot));
        Ok(places)
    }
}

const fn card_places() -> [(&'static str, Slot); 5] {
    [
        ("paymentMethod.number", Slot::Number),
        ("paymentMethod.expiryMonth", Slot::ExpMonth),
        ("paymentMethod.expiryYear", Slot::ExpYear),
        ("paymentMethod.cvc", Slot::Named("cvc")),
        ("paymentMethod.holderName", Slot::Named("holder-name")),
    ]
}
