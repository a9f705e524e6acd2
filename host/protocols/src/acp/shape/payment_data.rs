//! How the buyer pays.

pub(crate) mod request_v2025_09_29;
pub(crate) mod request_v2026_01_30;

use crate::fields::{OpaqueToken, Token};
use crate::json::BodyError;
use tillhouse_checkout::ids::TokenId;
use tillhouse_checkout::payment_token::{IssuerName, PaymentToken};

/// The token of an issuer, if it does not begin like those of another one. A token of the vault is stored as a hash only: with another
/// issuer it would be stored and sent as it is. Stripe's are part of a URL, and Adyen's are opaque.
fn token_of(issuer: IssuerName, token: &str) -> Result<PaymentToken, BodyError> {
    let invalid = |message: String| BodyError::invalid(message).in_field("token");
    let id = match issuer {
        IssuerName::Stripe | IssuerName::Vault => Token::try_from(token.to_owned()).map(|token| token.0),
        IssuerName::Adyen => OpaqueToken::try_from(token.to_owned()).map(|token| token.0),
    };
    let id = TokenId::new(id.map_err(invalid)?);
    match IssuerName::of_token(token) {
        Some(other) if other != issuer => Err(invalid(format!("is not a token of {}", issuer.as_str()))),
        _ => Ok(PaymentToken { issuer, id }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::acp::Release;
    use crate::json::{BodyError, parse};
    use crate::settings::{AcpPaymentProvider, AcpSettings, PaymentHandler};
    use crate::testing::acp_requests::{Operation, RELEASES, body};
    use crate::testing::{acp_settings, handler};
    use tillhouse_checkout::payment_token::{IssuerName, PaymentToken};

    /// A completion that pays with this token under the handler, or its provider in releases without handlers.
    fn paying(
        release: Release,
        handler: &PaymentHandler,
        token: &str,
        settings: &AcpSettings,
    ) -> Result<PaymentToken, BodyError> {
        let mut request = body(release, Operation::Complete).unwrap();
        let payment = &mut request["payment_data"];
        if payment["instrument"].is_object() {
            payment["handler_id"] = json!(handler.id);
            payment["instrument"]["credential"] = json!({"type": handler.credential_types[0], "token": token});
        } else {
            payment["provider"] = json!(settings.provider.as_str());
            payment["token"] = json!(token);
        }
        let request = parse(request.to_string().as_bytes()).unwrap();
        release
            .read_complete(&request, settings)
            .map(|completion| completion.token)
    }

    #[test]
    fn a_token_of_another_issuer_is_refused_before_anything_is_stored() {
        let settings = acp_settings();
        for release in RELEASES {
            let error = paying(release, &handler(), "vt_1", &settings).unwrap_err();
            assert!(error.path().starts_with("$.payment_data."), "{release:?}");
            assert!(error.path().ends_with(".token"), "{release:?}: {}", error.path());
            for of_stripe in ["spt_1", "one-of-a-new-kind"] {
                let token = paying(release, &handler(), of_stripe, &settings).unwrap();
                assert_eq!(token, PaymentToken::stripe(of_stripe));
            }
        }
    }

    /// A merchant whose payments Adyen takes in every release.
    fn at_adyen(handlers: Vec<PaymentHandler>) -> AcpSettings {
        AcpSettings {
            handlers,
            provider: AcpPaymentProvider::Adyen,
            ..acp_settings()
        }
    }

    #[test]
    fn a_token_of_adyen_is_opaque_in_every_release() {
        let adyen = PaymentHandler::adyen_card("AcmeECOM");
        let settings = at_adyen(vec![adyen.clone()]);
        let opaque = "psp_tok_Ab7xQfN2YwR...";
        for release in RELEASES {
            let token = paying(release, &adyen, opaque, &settings).unwrap();
            assert_eq!(
                (token.issuer, token.id.as_str()),
                (IssuerName::Adyen, opaque),
                "{release:?}"
            );
            for refused in ["", "spt_1", "vt_1", "two\nlines", &"x".repeat(513)] {
                let error = paying(release, &adyen, refused, &settings).unwrap_err();
                assert!(error.path().ends_with(".token"), "{release:?} {refused}: {error}");
            }
        }
    }

    #[test]
    fn before_payment_handlers_a_provider_is_taken_only_where_the_operator_says_so() {
        let adyen = PaymentHandler::adyen_card("AcmeECOM");
        let later_only = AcpSettings {
            handlers: vec![handler(), adyen.clone()],
            ..acp_settings()
        };
        let both = at_adyen(vec![handler(), adyen.clone()]);
        let alone = at_adyen(vec![adyen]);
        let older = [Release::V2025_09_29, Release::V2025_12_12, Release::V2026_01_16];
        for release in older {
            for (settings, provider, taken) in [
                (&later_only, "adyen", Err("must be one of: stripe")),
                (&later_only, "stripe", Ok(IssuerName::Stripe)),
                (&both, "adyen", Ok(IssuerName::Adyen)),
                (&both, "stripe", Ok(IssuerName::Stripe)),
                (&alone, "stripe", Err("must be one of: adyen")),
                (&both, "paypal", Err("must be one of: adyen, stripe")),
            ] {
                let mut request = body(release, Operation::Complete).unwrap();
                request["payment_data"]["provider"] = json!(provider);
                request["payment_data"]["token"] = json!("one-of-a-new-kind");
                let request = parse(request.to_string().as_bytes()).unwrap();
                let read = release.read_complete(&request, settings);
                let read = read
                    .map(|completion| completion.token.issuer)
                    .map_err(|error| error.message);
                assert_eq!(read, taken.map_err(str::to_owned), "{release:?} {provider}");
            }
        }
    }

    #[test]
    fn a_merchant_with_both_issuers_takes_each_token_for_its_own() {
        let vault = PaymentHandler::vaulted_card("mer");
        let settings = AcpSettings {
            handlers: vec![handler(), vault.clone()],
            ..acp_settings()
        };
        for release in RELEASES {
            let token = paying(release, &vault, "vt_1", &settings).unwrap();
            assert_eq!(token.issuer, IssuerName::Vault, "{release:?}");
        }
        for (handler, token) in [(&handler(), "vt_1"), (&vault, "spt_1")] {
            let error = paying(Release::V2026_04_17, handler, token, &settings).unwrap_err();
            assert_eq!(error.path(), "$.payment_data.instrument.credential.token", "{token}");
        }
    }
}
