//! Authentications of the buyer (3-D Secure): which cards need one before the charge, and what an agent needs for it.

use tillhouse_plugin::{
    payments::{CardDisplay, ThreeDSecure},
    prelude::*,
};

use crate::{Processor, settings};

impl PaymentsAuthentication for Processor {
    /// A card is known by its last four digits. The acquirer may ask for an authentication of others at the charge.
    fn requirements(
        _op: Operation,
        _order: ChargeOrder,
        card: Option<CardDisplay>,
    ) -> Result<Option<ThreeDSecure>, Failure> {
        let Some(card) = card else { return Ok(None) };
        let last4 = card.last4.as_deref().unwrap_or_default();
        if settings::authenticated_cards().iter().any(|digits| digits == last4) {
            Ok(requirements_for(card.brand.as_deref()))
        } else {
            Ok(None)
        }
    }
}

/// What an agent needs to authenticate the buyer; `None` for a brand whose directory server ACP does not know.
pub(crate) fn requirements_for(brand: Option<&str>) -> Option<ThreeDSecure> {
    let directory_server = match brand? {
        "visa" => "visa",
        "mastercard" => "mastercard",
        "amex" | "american_express" => "american_express",
        _ => return None,
    };
    let acquirer = settings::acquirer();
    Some(ThreeDSecure {
        acquirer_bin: acquirer.bin,
        acquirer_country: acquirer.country,
        merchant_id: acquirer.merchant_id,
        merchant_name: acquirer.merchant_name,
        requestor_id: None,
        directory_server: directory_server.into(),
        flow: None,
        extensions: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn asked(brand: &str, last4: &str) -> Option<ThreeDSecure> {
        let card = CardDisplay {
            brand: Some(brand.into()),
            last4: Some(last4.into()),
            funding: None,
            country: None,
            exp_month: None,
            exp_year: None,
            fingerprint: None,
            iin: None,
            wallet: None,
        };
        let amount = Money {
            minor: 4_598,
            currency: "USD".into(),
        };
        Processor::requirements(testing::operation("1"), testing::charge_order(amount), Some(card)).unwrap()
    }

    #[test]
    fn a_card_needs_an_authentication_by_its_last_digits() {
        let host = testing::Host::new().install();
        assert_eq!(asked("visa", "3184").unwrap().directory_server, "visa");
        assert_eq!(asked("visa", "4242"), None);
        assert_eq!(asked("unknown", "3184"), None, "there is no directory server to ask");
        host.set_config("authenticate-last4", "4242");
        host.set_config("acquirer-bin", "411111");
        assert_eq!(asked("amex", "4242").unwrap().acquirer_bin, "411111");
        assert_eq!(asked("visa", "3184"), None);
    }
}
