//! What exists in which version of the API, by the `Stripe-Version` header.

use crate::client::{NOW, Raw, issue, resolve_path, sandbox};

const REPORT: &str = "/v1/payment_records/report_payment";

#[tokio::test]
async fn tokens_exist_in_the_preview_that_documents_them_and_in_later_ones() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let token = issue(&stripe, "pm_card_visa").await;
    let path = format!("/v1/shared_payment/granted_tokens/{token}");
    assert_eq!(stripe.get(&path).await.status, 200, "the account's own default");
    for (version, status) in [
        ("2026-04-22.preview", 200),
        ("2026-05-27.preview;udap_beta=v1", 200),
        ("2025-12-15.preview", 404),
        ("2025-09-30.clover", 404),
        ("2026-04-22.dahlia", 404),
        ("latest", 400),
    ] {
        let reply = stripe.version(version).get(&path).await;
        assert_eq!(reply.status, status, "{version}: {}", reply.body);
        if status == 404 {
            let message = reply.error()["message"].as_str().unwrap();
            assert!(message.starts_with("Unrecognized request URL"), "{message}");
            assert!(reply.error().get("code").is_none());
        }
    }
    let refused = stripe
        .version("2025-09-30.clover")
        .form(&resolve_path(&token), None, &[])
        .await;
    assert_eq!(refused.status, 404);
    assert!(sandbox.stripe.token(&token.into()).unwrap().deactivated.is_none());
}

#[tokio::test]
async fn a_report_of_a_token_is_unknown_in_other_versions() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox).version("2025-09-30.clover");
    let now = NOW.to_string();
    let reply = stripe.form(REPORT, None, &[("initiated_at", &now)]).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.error()["code"], "parameter_unknown");
    assert_eq!(stripe.get("/v1/payment_records").await.status, 200);
}
