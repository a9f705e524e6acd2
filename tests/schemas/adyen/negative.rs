//! Requests of the document that cannot be answered as it shows: its empty token, its token that is over, and its allowance that is too low
//! for its session (decision 3).

use std::time::Duration;

use libtest_mimic::Trial;
use serde_json::json;
use tillhouse_tests::Merchant;
use tillhouse_tests::official::adyen as document;

use super::coverage::Operation;
use super::curl::Curl;
use super::difference::between;
use super::golden::{AFFORDABLE, BEFORE_EXPIRY, SESSION, TOKEN, completion, start};
use super::{Bodies, Outcome, trial};

/// Trials of these requests.
pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial("an_empty_token", an_empty_token),
        trial("a_delegation_that_is_over", a_delegation_that_is_over),
        trial("a_token_that_is_over", a_token_that_is_over),
        trial("an_allowance_below_the_total", an_allowance_below_the_total),
        trial("out_of_stock", out_of_stock),
    ]
}

/// The example of the test sequence has an empty token, which the document's own table does not allow.
async fn an_empty_token(bodies: Bodies) -> Outcome {
    let host = start(Merchant::of_the_document(), BEFORE_EXPIRY).await;
    let created = bodies.created(&host).await?;
    let body = document::json("complete-session-test-sequence/request.json");
    let request = completion(created.id(), TOKEN).request(&host.client()).json(&body);
    let refused = request.send().await;
    bodies.answer(Operation::Complete, &refused, 400)?;
    let message = &refused["messages"][0];
    assert_eq!(message["path"], "payment_data.token");
    assert!(host.sandbox.adyen.ledger().captures().is_empty());
    Ok(())
}

/// The delegate request as it is written, at the moment at which its token expires.
async fn a_delegation_that_is_over(bodies: Bodies) -> Outcome {
    let host = start(Merchant::of_the_document_with(AFFORDABLE, 100), BEFORE_EXPIRY).await;
    let created = bodies.created(&host).await?;
    host.clock.advance(Duration::from_secs(30 * 60));
    let curl = Curl::of("delegate-payment").with(SESSION, created.id());
    let refused = bodies.send(&host, Operation::Delegate, &curl, 422).await?;
    assert_eq!(refused["param"], "allowance.expires_at");
    Ok(())
}

/// A token of the delegate request as it is written pays nothing after its time.
async fn a_token_that_is_over(bodies: Bodies) -> Outcome {
    let host = start(Merchant::of_the_document_with(AFFORDABLE, 100), BEFORE_EXPIRY).await;
    let created = bodies.created(&host).await?;
    let issued = bodies.delegated(&host, created.id()).await?;
    host.clock.advance(Duration::from_secs(30 * 60));
    let token = issued["id"].as_str().ok_or("a token is a text")?;
    let refused = bodies
        .send(&host, Operation::Complete, &completion(created.id(), token), 422)
        .await?;
    assert_eq!(refused["messages"][0]["code"], "TOKEN_EXPIRED");
    assert!(host.sandbox.adyen.ledger().captures().is_empty());
    Ok(())
}

/// The 5000 of the delegate request do not pay the 38666 of the document's session, and the token is not used up by the try.
async fn an_allowance_below_the_total(bodies: Bodies) -> Outcome {
    let host = start(Merchant::of_the_document(), BEFORE_EXPIRY).await;
    let created = bodies.created(&host).await?;
    let issued = bodies.delegated(&host, created.id()).await?;
    let token = issued["id"].as_str().ok_or("a token is a text")?;
    let request = completion(created.id(), token);
    for key in ["first", "second"] {
        let refused = request.request(&host.client()).key(key).send().await;
        bodies.answer(Operation::Complete, &refused, 422)?;
        assert_eq!(refused["messages"][0]["code"], "TOKEN_AMOUNT_EXCEEDED");
    }
    assert!(host.sandbox.adyen.ledger().captures().is_empty());
    Ok(())
}

/// The message of the document about an item that is sold out. No session is made.
async fn out_of_stock(bodies: Bodies) -> Outcome {
    let host = start(Merchant::of_the_document_with("349.00", 0), BEFORE_EXPIRY).await;
    let curl = Curl::of("create-session");
    let refused = bodies.send(&host, Operation::Create, &curl, 422).await?;
    let documented = document::json("message-out-of-stock/response.json");
    let differences = between(&documented, &refused["messages"][0]);
    // The words are the merchant's.
    let paths: Vec<&str> = differences.iter().map(|difference| difference.path.as_str()).collect();
    assert!(paths.is_empty() || paths == ["content"], "{differences:#?}");
    assert_eq!(refused["id"], json!(null));
    Ok(())
}
