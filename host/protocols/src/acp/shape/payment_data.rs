//! How the buyer pays.

pub(crate) mod request_v2025_09_29;
pub(crate) mod request_v2026_01_30;

use crate::json::BodyError;
use tillhouse_checkout::payment_token::{IssuerName, PaymentToken};

/// The token, if it does not begin like those of another issuer. A token of the vault is stored as a hash only: with another issuer it
/// would be stored and sent as it is.
fn of_its_issuer(token: PaymentToken) -> Result<PaymentToken, BodyError> {
    match IssuerName::of_token(token.id.as_str()) {
        Some(other) if other != token.issuer => {
            let message = format!("is not a token of {}", token.issuer.as_str());
            Err(BodyError::invalid(message).in_field("token"))
        }
        _ => Ok(token),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::acp::Release;
    use crate::json::{BodyError, parse};
    use crate::settings::{AcpSettings, PaymentHandler};
    use crate::testing::acp_requests::{Operation, RELEASES, body};
    use crate::testing::{acp_settings, handler};
    use tillhouse_checkout::payment_token::{IssuerName, PaymentToken};

    /// A completion that pays with this token under the handler; releases without handlers name Stripe as the provider.
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
