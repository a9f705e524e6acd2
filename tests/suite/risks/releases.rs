//! Reservations of a refused payment are released: in the commit of the refusal if possible, otherwise afterwards, whatever the
//! plugin does.

use std::time::Duration;

use tillhouse_checkout::outbox::{MessageKind, MessageRecord, MessageState};
use tillhouse_checkout::ports::MessageFilter;
use tillhouse_tests::{HttpResponse, Release, TestHost};

use super::eventually::{assert_charged_once, assert_not_charged, fast_timings, wait_for_released_stock, wait_until};
use super::hostile;

const ITEM: &[(&str, u32)] = &[("print-last", 1)];

/// Pays for the last print with a card that is declined.
async fn declined(host: &TestHost) -> HttpResponse {
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(ITEM).await;
    let token = host.token_of("pm_card_chargeDeclined", session.total("total")).await;
    let _ = agent
        .complete(session.id(), &token)
        .await
        .refused(402, "payment_declined");
    session
}

/// The outbox messages that release reservations after the refusal.
async fn release_messages(host: &TestHost) -> Vec<MessageRecord> {
    let filter = MessageFilter {
        kind: Some(MessageKind::ReleaseReservation),
        limit: 10,
        ..MessageFilter::default()
    };
    host.store().list_messages(&filter).await.unwrap()
}

async fn assert_can_be_paid(host: &TestHost, session: &HttpResponse) {
    let agent = host.acp(Release::V2026_04_17);
    let token = host.token(session.total("total")).await;
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    assert_charged_once(host, session.total("total")).await;
    let other = agent.open(ITEM).await;
    let _ = other.message("out_of_stock");
}

#[tokio::test]
async fn stock_is_free_with_the_commit_of_the_decline() {
    let host = TestHost::builder().frozen().timings(fast_timings()).start().await;
    let session = declined(&host).await;
    let _ = host.acp(Release::V2026_04_17).ready(ITEM).await;
    assert_eq!(
        release_messages(&host).await,
        [],
        "the release was committed with the decline, without an outbox message"
    );
    assert_can_be_paid(&host, &session).await;
}

#[tokio::test]
async fn a_plugin_that_fails_during_a_release_loses_no_decline_and_is_called_again() {
    for mode in ["trap", "spin"] {
        let builder = hostile::builder().merchant(hostile::merchant_with_hostile_stock("demo", mode));
        let mut host = builder.start().await;
        let session = declined(&host).await;
        assert_not_charged(&host);
        let shown = host.acp(Release::V2026_04_17).retrieve(session.id()).await.expect(200);
        let _ = shown.message("payment_declined");
        assert_eq!(release_messages(&host).await.len(), 1, "{mode}");
        let other = host.acp(Release::V2026_04_17).open(ITEM).await;
        let _ = other.message("out_of_stock");

        host.restart_as(hostile::merchant_with_hostile_stock("demo", "")).await;
        wait_until("the reservation is released", async || {
            host.clock.advance(Duration::from_secs(1));
            release_messages(&host).await[0].state == MessageState::Delivered
        })
        .await;
        assert_can_be_paid(&host, &session).await;
    }
}

#[tokio::test]
async fn remote_stock_is_released_once_the_decline_is_durable() {
    let builder = hostile::builder().merchant(hostile::merchant_with_remote_stock("demo"));
    let host = builder.start().await;
    let session = declined(&host).await;
    assert_eq!(release_messages(&host).await.len(), 1);
    wait_for_released_stock(&host).await;
    assert_can_be_paid(&host, &session).await;
}
