//! Availability of items and of quantities.

use tillhouse_tests::{HttpResponse, Release};

use crate::protocols::{RELEASES, host};

/// The first error message of a session that is not ready for payment.
fn blocker(session: HttpResponse) -> serde_json::Value {
    let session = session.is("not_ready_for_payment");
    let mut messages = session["messages"].as_array().unwrap().iter();
    messages
        .find(|message| message["type"] == "error" && message["code"] != "missing")
        .unwrap()
        .clone()
}

#[tokio::test]
async fn what_is_sold_out_blocks_the_payment() {
    for release in RELEASES {
        let message = blocker(
            host()
                .await
                .acp(release)
                .open(&[("tee-classic", 1), ("keyboard-75", 1)])
                .await,
        );
        assert_eq!(message["code"], "out_of_stock");
        assert_eq!(message["param"], "$.line_items[1]");
    }
}

#[tokio::test]
async fn a_part_in_stock_says_how_many_are_left() {
    for (release, code, param) in [
        (Release::V2025_09_29, "out_of_stock", "$.line_items[0].item.quantity"),
        (Release::V2026_04_17, "quantity_exceeded", "$.line_items[0].quantity"),
    ] {
        let message = blocker(host().await.acp(release).open(&[("print-last", 3)]).await);
        assert_eq!(message["code"], code);
        assert_eq!(message["param"], param);
        assert!(
            message["content"]
                .as_str()
                .unwrap()
                .contains("Only 1 of Last Print left")
        );
    }
}

#[tokio::test]
async fn a_quantity_over_the_shops_limit_says_the_limit() {
    let message = blocker(host().await.acp(Release::V2026_04_17).open(&[("mug-enamel", 21)]).await);
    assert_eq!(message["code"], "quantity_exceeded");
    assert!(message["content"].as_str().unwrap().contains("At most 20"));
}

#[tokio::test]
async fn what_is_on_backorder_is_sold() {
    for release in RELEASES {
        let session = host().await.acp(release).ready(&[("lamp-desk", 1)]).await;
        assert_eq!(session.total("items_base_amount"), 8900);
    }
}

#[tokio::test]
async fn a_sold_unit_is_unavailable_to_others() {
    let acp = host().await.acp_at("acme", Release::V2026_04_17);
    let late = acp.ready(&[("print-last", 1)]).await;
    let _bought = acp.buy(&[("print-last", 1)]).await;
    let token = host().await.token(late.total("total")).await;
    let _ = acp.complete(late.id(), &token).await.expect(409);
    let late = acp.retrieve(late.id()).await;
    assert_eq!(late.message("out_of_stock")["type"], "error");
    let _ = late.is("not_ready_for_payment");
}
