//! Invalid requests: the error names the field.

use serde_json::json;
use tillhouse_tests::{Release, fixtures};

use crate::protocols::{RELEASES, host};

#[tokio::test]
async fn an_unknown_session_is_404_everywhere() {
    for release in RELEASES {
        let acp = host().await.acp(release);
        for answer in [
            acp.retrieve("cs_missing").await,
            acp.update("cs_missing", &json!({})).await,
            acp.complete("cs_missing", "spt_x").await,
            acp.cancel("cs_missing").await,
        ] {
            let _ = answer.refused(404, "not_found");
        }
    }
}

#[tokio::test]
async fn a_session_of_another_merchant_is_not_there() {
    let host = host().await;
    let session = host.acp(Release::V2026_04_17).open(&[("tee-classic", 1)]).await;
    let other = host.acp_at("acme", Release::V2026_04_17);
    let _ = other.retrieve(session.id()).await.refused(404, "not_found");
    let _ = other.cancel(session.id()).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_unknown_item_is_named_by_its_place() {
    for (release, param) in [
        (Release::V2025_09_29, "$.items[1].id"),
        (Release::V2026_04_17, "$.line_items[1].id"),
    ] {
        let body = fixtures::cart(release, &[("tee-classic", 1), ("no-such-item", 1)]);
        let _ = host()
            .await
            .acp(release)
            .create(&body)
            .await
            .refused(400, "invalid_item_id")
            .about(param);
    }
}

#[tokio::test]
async fn another_currency_than_the_merchants_is_refused() {
    let acp = host().await.acp(Release::V2026_04_17);
    let euros = fixtures::with(
        fixtures::cart(acp.release, &[("tee-classic", 1)]),
        &json!({"currency": "eur"}),
    );
    let _ = acp.create(&euros).await.refused(400, "invalid").about("$.currency");
}

#[tokio::test]
async fn an_empty_cart_is_refused() {
    for (release, param) in [
        (Release::V2025_09_29, "$.items"),
        (Release::V2026_04_17, "$.line_items"),
    ] {
        let body = fixtures::cart(release, &[]);
        let _ = host()
            .await
            .acp(release)
            .create(&body)
            .await
            .refused(400, "invalid")
            .about(param);
    }
}

#[tokio::test]
async fn each_token_that_cannot_pay_says_why() {
    let host = host().await;
    let acp = host.acp(Release::V2026_04_17);
    let session = acp.ready(&[("tee-classic", 1)]).await;
    let total = session.total("total");
    for (token, code) in [
        ("spt_unknown".to_owned(), "token_unknown"),
        (host.token(total - 1).await, "token_amount_exceeded"),
        (
            host.token_in("pm_card_visa", total, "eur").await,
            "token_currency_mismatch",
        ),
    ] {
        let refused = acp.complete(session.id(), &token).await.refused(400, code);
        let _ = refused.about("$.payment_data.instrument.credential.token");
        let _ = acp.retrieve(session.id()).await.is("ready_for_payment");
    }
}

#[tokio::test]
async fn only_the_offered_handler_is_paid_through() {
    let acp = host().await.acp(Release::V2026_04_17);
    let session = acp.ready(&[("tee-classic", 1)]).await;
    let path = format!("/checkout_sessions/{}/complete", session.id());
    let good = fixtures::payment(acp.release, "spt_x");
    for (pointer, value, code, param) in [
        (
            "/payment_data/handler_id",
            json!("gift_card"),
            "invalid",
            "$.payment_data.handler_id",
        ),
        (
            "/payment_data/instrument/type",
            json!("bank"),
            "unsupported",
            "$.payment_data.instrument.type",
        ),
        (
            "/payment_data/instrument/credential/type",
            json!("pan"),
            "unsupported",
            "$.payment_data.instrument.credential.type",
        ),
        (
            "/payment_data/instrument/credential/token",
            json!("../../v1/charges"),
            "invalid",
            "$.payment_data.instrument.credential.token",
        ),
    ] {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        let _ = acp.post(&path).json(&body).send().await.refused(400, code).about(param);
    }
}
