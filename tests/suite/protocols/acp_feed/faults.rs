//! What the agent does not take, and answers that are lost.

use tillhouse_checkout::feed::{FeedStatus, FeedUpload, RemoteIds};
use tillhouse_checkout::ids::FeedUploadId;
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::acp_feed::Operation;

use super::{feed, start};

#[tokio::test]
async fn a_product_that_is_refused_is_named_and_the_others_are_taken() {
    let host = start("").await;
    host.sandbox.acp_feed.refuse_products(&["shirt"]);
    let upload = host.feeds("agent").upload().await;
    assert_eq!(upload.status, FeedStatus::SucceededWithErrors, "{upload:#?}");
    assert_eq!(
        (upload.counts.sent, upload.counts.taken, upload.counts.refused),
        (3, Some(2), Some(1))
    );
    let errors = host.feeds("agent").errors(&upload.id).await;
    let items: Vec<&str> = errors
        .iter()
        .filter_map(|error| Some(error.item.as_ref()?.as_str()))
        .collect();
    assert_eq!(items, ["shirt-l", "shirt-s"]);
    for error in &errors {
        assert!(
            error.message.contains("this agent does not list such products"),
            "{error:?}"
        );
        assert!(error.line.is_some(), "the line of the merchant's file: {error:?}");
    }
    let ids: Vec<String> = feed(&host)
        .products
        .iter()
        .map(|it| it["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 2, "{ids:?}");
    host.sandbox.acp_feed.refuse_products(&[]);
    let again = host.feeds("agent").upload_well().await;
    assert_eq!(again.counts.taken, Some(3));
    assert!(host.feeds("agent").errors(&again.id).await.is_empty());
}

#[tokio::test]
async fn an_agent_that_refuses_everything_has_the_upload_fail() {
    let host = start("").await;
    host.sandbox.acp_feed.refuse_products(&["shirt", "mug", "ticket"]);
    let upload = host.feeds("agent").upload().await;
    assert_eq!(upload.status, FeedStatus::Failed);
    assert!(upload.problem.unwrap().contains("every product"));
    host.sandbox.acp_feed.refuse_products(&[]);
    host.sandbox.acp_feed.refuse_upserts(true);
    let upload = host.feeds("agent").upload().await;
    assert_eq!(upload.status, FeedStatus::Failed);
    assert!(upload.problem.unwrap().contains("accepted: false"));
    assert!(feed(&host).products.is_empty());
}

#[tokio::test]
async fn whatever_becomes_of_answers_a_feed_is_made_once_and_products_are_sent_under_the_same_keys() {
    let host = start("batch_products = 1").await;
    let agent = &host.sandbox.acp_feed;
    for fault in [Fault::LoseAnswer, Fault::Status(503), Fault::DropConnection] {
        agent.fail_next(Operation::CreateFeed, fault);
    }
    for fault in [
        Fault::Status(500),
        Fault::LoseAnswer,
        Fault::Status(429),
        Fault::DropConnection,
    ] {
        agent.fail_next(Operation::UpsertProducts, fault);
    }
    let upload = host.feeds("agent").upload_well().await;
    let feed = feed(&host);
    assert_eq!(feed.products.len(), 3);
    let keys: Vec<String> = feed.upserts.iter().filter_map(|upsert| upsert.key.clone()).collect();
    let expected = [0, 1, 2].map(|at| format!("{}-{at}-1", upload.id));
    assert_eq!(keys, expected, "the agent has taken each batch once");
}

#[tokio::test]
async fn a_host_that_is_stopped_goes_on_where_the_upload_was() {
    let mut host = start("batch_products = 1").await;
    let hold = host.sandbox.acp_feed.hold(Operation::UpsertProducts);
    let asked = host.feeds("agent").ask().await.unwrap();
    hold.arrived(1).await;
    host.restart().await;
    hold.release();
    let upload = host.feeds("agent").ended(&asked.id).await;
    assert_eq!((upload.status, upload.counts.taken), (FeedStatus::Succeeded, Some(3)));
    let feed = feed(&host);
    assert_eq!((feed.products.len(), feed.upserts.len()), (3, 3), "{:#?}", feed.upserts);
}

#[tokio::test]
async fn a_feed_that_the_agent_has_lost_is_made_anew_by_an_upload_of_all_products() {
    let host = start("").await;
    host.feeds("agent").upload_well().await;
    host.sandbox.acp_feed.forget_feeds();
    let upload = host.feeds("agent").upload_well().await;
    let feed = feed(&host);
    assert_eq!(upload.remote.file.as_ref(), Some(&feed.id));
    assert_eq!(feed.products.len(), 3);
}

#[tokio::test]
async fn a_feed_of_the_configuration_that_the_agent_does_not_know_is_said_to_be_wrong() {
    let host = start("feed_id = \"feed_of_another\"").await;
    let upload = host.feeds("agent").upload().await;
    assert_eq!(upload.status, FeedStatus::Failed);
    let problem = upload.problem.unwrap();
    assert!(
        problem.contains("feed_of_another") && problem.contains("feed_id"),
        "{problem}"
    );
    assert!(host.sandbox.acp_feed.feeds().is_empty());
}

#[tokio::test]
async fn the_agents_feed_is_known_however_many_uploads_have_failed_before_they_reached_it() {
    let host = start("").await;
    let first = host.feeds("agent").upload_well().await;
    let queue = &host.host().feed_changes().service().parts().queue;
    for number in 0..25 {
        let failed = FeedUpload {
            id: FeedUploadId::new(format!("feed_failed_{number}")),
            status: FeedStatus::Failed,
            remote: RemoteIds::default(),
            ..first.clone()
        };
        queue.insert_feed_upload(&failed, true).await.unwrap();
    }
    let again = host.feeds("agent").upload_well().await;
    assert_eq!(again.remote.file, first.remote.file);
    assert_eq!(host.sandbox.acp_feed.feeds().len(), 1);
}
