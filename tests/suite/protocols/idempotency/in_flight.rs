//! A key whose first request is still in flight.

use tillhouse_tests::{Release, TestHost};

use crate::protocols::RELEASES;

#[tokio::test]
async fn the_same_key_meanwhile_waits_for_the_answer_of_the_first_request() {
    let host = TestHost::start().await;
    for release in RELEASES {
        let acp = host.acp(release);
        let session = acp.ready(&[("tee-classic", 1)]).await;
        let token = host.token(session.total("total")).await;
        let complete = acp.completion(session.id(), &token);
        let hold = host.sandbox.acquirer.hold_charges();
        let first = tokio::spawn(complete.clone().send());
        hold.arrived(1).await;
        let duplicate = tokio::spawn(complete.clone().send());
        let _ = acp.cancel(session.id()).await.refused(409, "in_flight");
        hold.release();
        let first = first.await.unwrap().expect(200).is("completed");
        for again in [duplicate.await.unwrap(), complete.send().await] {
            let again = again.expect(200);
            assert!(again.is_replay());
            assert_eq!(again.body, first.body);
        }
    }
    assert_eq!(host.charges(), 2);
    host.stop().await;
}

#[tokio::test]
async fn a_caller_that_hangs_up_finds_the_payment_made() {
    let host = TestHost::start().await;
    let acp = host.acp(Release::V2026_04_17);
    let session = acp.ready(&[("tee-classic", 1)]).await;
    let token = host.token(session.total("total")).await;
    let complete = acp.completion(session.id(), &token);
    let hold = host.sandbox.acquirer.hold_charges();
    let first = tokio::spawn(complete.clone().send());
    hold.arrived(1).await;
    first.abort();
    assert!(first.await.is_err());
    hold.release();
    let again = complete.send().await;
    assert!(again.expect(200).is("completed").is_replay());
    assert_eq!(host.charges(), 1);
    host.stop().await;
}
