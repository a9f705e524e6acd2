//! Sessions of a merchant whose payments Adyen takes, in each release.

use serde_json::{Value, json};

use crate::settings::{AcpPaymentProvider, AcpSettings, PaymentHandler, ThreeDSecureSupport};
use crate::testing::acp_requests::RELEASES;
use crate::testing::rendering::rendered_with;
use crate::testing::schemas::{assert_valid, assert_valid_but_for_adyen};
use crate::testing::{acp_settings, handler, sessions};

/// The first release with payment handlers.
const WITH_HANDLERS: &str = "2026-01-30";

fn settings(provider: AcpPaymentProvider) -> AcpSettings {
    AcpSettings {
        handlers: vec![
            handler(),
            PaymentHandler::adyen_card("AcmeECOM").supporting_3ds(ThreeDSecureSupport::fixed(true)),
        ],
        provider,
        ..acp_settings()
    }
}

#[test]
fn releases_without_payment_handlers_name_adyen_where_the_operator_says_so() {
    let (session, settings) = (sessions::full(), settings(AcpPaymentProvider::Adyen));
    for release in RELEASES.into_iter().filter(|release| release.date() < WITH_HANDLERS) {
        let body = rendered_with(release, &session, &settings);
        assert_valid_but_for_adyen(release.date(), "CheckoutSession", &body);
        let provider = &body["payment_provider"];
        assert_eq!(provider["provider"], "adyen", "{release:?}");
        if let Some(id) = provider.get("merchant_id") {
            assert_eq!(*id, "AcmeECOM");
            assert_eq!(body["authentication_provider"]["provider"], "adyen");
        }
    }
}

#[test]
fn otherwise_they_name_stripe() {
    let (session, settings) = (sessions::full(), settings(AcpPaymentProvider::Stripe));
    for release in RELEASES.into_iter().filter(|release| release.date() < WITH_HANDLERS) {
        let body = rendered_with(release, &session, &settings);
        assert_valid(release.date(), "CheckoutSession", &body);
        assert_eq!(body["payment_provider"]["provider"], "stripe", "{release:?}");
    }
}

#[test]
fn releases_with_payment_handlers_advertise_one_of_adyen_beside_others() {
    let session = sessions::full();
    for provider in [AcpPaymentProvider::Stripe, AcpPaymentProvider::Adyen] {
        let settings = settings(provider);
        for release in RELEASES.into_iter().filter(|release| release.date() >= WITH_HANDLERS) {
            let body = rendered_with(release, &session, &settings);
            assert_valid(release.date(), "CheckoutSession", &body);
            let handlers = body["capabilities"]["payment"]["handlers"].as_array().unwrap();
            let shown: Vec<[&Value; 4]> = handlers
                .iter()
                .map(|handler| {
                    let config = &handler["config"];
                    [&handler["id"], &handler["psp"], &config["psp"], &config["merchant_id"]]
                })
                .collect();
            assert_eq!(
                json!(shown),
                json!([
                    ["card_tokenized", "stripe", "stripe", "acct_mer"],
                    ["card_adyen", "adyen", "adyen", "AcmeECOM"]
                ]),
                "{release:?}"
            );
        }
    }
}
