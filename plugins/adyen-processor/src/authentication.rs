//! Authentications of the buyer (3-D Secure): what an agent needs for one before the charge.

use tillhouse_plugin::{
    payments::{CardDisplay, ThreeDSecure},
    prelude::*,
};

use crate::{Processor, settings};

impl PaymentsAuthentication for Processor {
    /// By default Adyen asks at the charge, where the issuer wants an authentication.
    fn requirements(
        _op: Operation,
        _order: ChargeOrder,
        card: Option<CardDisplay>,
    ) -> Result<Option<ThreeDSecure>, Failure> {
        if !settings::always_authenticates()? {
            return Ok(None);
        }
        Ok(requirements_for(card.and_then(|card| card.brand).as_deref()))
    }
}

/// What an agent needs to authenticate the buyer; `None` for a brand whose directory server ACP does not know, or while the
/// acquirer is not configured.
pub(crate) fn requirements_for(brand: Option<&str>) -> Option<ThreeDSecure> {
    let directory_server = match brand? {
        "visa" => "visa",
        "mastercard" | "mc" => "mastercard",
        "amex" | "american_express" => "american_express",
        _ => return None,
    };
    let acquirer = settings::acquirer()?;
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

    fn asked(brand: &str) -> Option<ThreeDSecure> {
        let card = CardDisplay {
            brand: Some(brand.into()),
            last4: None,
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
    fn an_authentication_before_the_charge_is_a_setting_and_needs_the_acquirer() {
        let host = testing::Host::new().install();
        assert_eq!(asked("visa"), None);
        host.set_config("authenticate", "always");
        assert_eq!(asked("visa"), None, "the acquirer is not configured");
        for (key, value) in [
            ("acquirer-bin", "411111"),
            ("acquirer-country", "NL"),
            ("acquirer-merchant-id", "shop"),
            ("merchant-name", "Shop"),
        ] {
            host.set_config(key, value);
        }
        assert_eq!(asked("visa").unwrap().acquirer_bin, "411111");
        assert_eq!(asked("mc").unwrap().directory_server, "mastercard");
        assert_eq!(asked("maestro"), None, "there is no directory server to ask");
    }
}
