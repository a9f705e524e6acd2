//! The curls of the document, sent as they are written to a host that answers as the document shows.
//!
//! What is replaced is the host, the id of the session, which is the host's own, and the token of the complete request. The key of the
//! agent is that of the curls.

use libtest_mimic::Trial;
use serde_json::{Value, json};
use tillhouse_tests::fixtures::VAULT_KEYS;
use tillhouse_tests::official::adyen as document;
use tillhouse_tests::{HttpResponse, Merchant, TestClock, TestHost};

use super::coverage::Operation;
use super::curl::Curl;
use super::deviations::compare;
use super::{Bodies, Outcome, trial};

/// The session of the document.
pub(super) const SESSION: &str = "cs_8xzQk2TmNpR";

/// The token of the complete request of the document.
pub(super) const TOKEN: &str = "psp_tok_Ab7xQfN2YwR...";

/// 2026-05-01T11:30:00Z: half an hour before the token of the delegate request expires.
pub(super) const BEFORE_EXPIRY: u64 = 1_777_635_000_000;

/// A price in dollars with which the total is within the 5000 of the delegate request: 38.00, 3.23 tax, 7.99 shipping.
pub(super) const AFFORDABLE: &str = "38.00";

/// The folders with a curl.
const CURLS: [&str; 4] = [
    "create-session",
    "update-session",
    "delegate-payment",
    "complete-session",
];

/// Trials of the requests that the document shows, and of what it says without showing it.
pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial("every_curl_is_what_its_files_say", every_curl_is_what_its_files_say),
        trial("create_session", create_session),
        trial("create_session_with_one_option", create_session_with_one_option),
        trial("update_session", update_session),
        trial("get_session", get_session),
        trial("cancel_session", cancel_session),
        trial("complete_session", complete_session),
        trial("delegate_payment", delegate_payment),
        trial("delegate_payment_with_checks", delegate_payment_with_checks),
        trial("the_test_sequence", the_test_sequence),
    ]
}

/// A host that knows the key of the curls, at a time before the documented token expires.
pub(super) async fn start(merchant: Merchant, now: u64) -> TestHost {
    let key = r#"{ name = "document", secret = "ADYEN_API_KEY" }"#;
    let merchant = merchant.set(&format!(
        "adyen.agent.keys = [{key}]\nadyen.delegate.keys = [{key}]\nvault.per_minute = 100"
    ));
    TestHost::builder()
        .merchant(merchant)
        .set(VAULT_KEYS)
        .clock(TestClock::frozen_at(now))
        .start()
        .await
}

async fn shop() -> TestHost {
    start(Merchant::of_the_document(), BEFORE_EXPIRY).await
}

impl Bodies {
    /// Send a request of the document, and check the status of its answer.
    pub(super) async fn send(
        self,
        host: &TestHost,
        operation: Operation,
        curl: &Curl,
        status: u16,
    ) -> Result<HttpResponse, libtest_mimic::Failed> {
        let answer = curl.request(&host.client()).send().await;
        self.answer(operation, &answer, status)?;
        Ok(answer)
    }

    /// The create request as it is written, answered with 201.
    pub(super) async fn created(self, host: &TestHost) -> Result<HttpResponse, libtest_mimic::Failed> {
        self.send(host, Operation::Create, &Curl::of("create-session"), 201)
            .await
    }

    /// A token for the session by the delegate request as it is written.
    pub(super) async fn delegated(self, host: &TestHost, session: &str) -> Result<HttpResponse, libtest_mimic::Failed> {
        let curl = Curl::of("delegate-payment").with(SESSION, session);
        self.send(host, Operation::Delegate, &curl, 200).await
    }
}

/// The complete request, with another session and token.
pub(super) fn completion(session: &str, token: &str) -> Curl {
    Curl::of("complete-session").with(SESSION, session).with(TOKEN, token)
}

async fn every_curl_is_what_its_files_say(bodies: Bodies) -> Outcome {
    let operations = [
        Operation::Create,
        Operation::Update,
        Operation::Delegate,
        Operation::Complete,
    ];
    for (folder, operation) in CURLS.into_iter().zip(operations) {
        let curl = Curl::of(folder);
        if !curl.agrees_with_its_files(folder) {
            return Err(format!("{folder}: {curl:#?}").into());
        }
        bodies.request(operation, &curl.json())?;
    }
    Ok(())
}

async fn create_session(bodies: Bodies) -> Outcome {
    let host = shop().await;
    let created = bodies.created(&host).await?;
    compare("create-session", &created.json)
}

/// With the options of the document's answer, `ship_express` of its request is not offered: the merchant's own choice is taken, which the
/// agent is told. A change to it is refused, and changes nothing (decision 1).
async fn create_session_with_one_option(bodies: Bodies) -> Outcome {
    let host = start(Merchant::of_the_document().without_express(), BEFORE_EXPIRY).await;
    let created = bodies.created(&host).await?;
    let documented = document::json("create-session/response.json");
    assert_eq!(created["fulfillment_options"], documented["fulfillment_options"]);
    let told = created.message("INFO");
    assert_eq!(
        (&told["type"], &told["path"]),
        (&json!("info"), &json!("fulfillment_option_id"))
    );
    let change = Curl::of("update-session").with(SESSION, created.id());
    let refused = bodies.send(&host, Operation::Update, &change, 422).await?;
    assert_eq!(refused["messages"][0]["code"], "INVALID_FULFILLMENT_OPTION");
    let read = host.adyen().with_key("ADYEN_API_KEY").retrieve(created.id()).await;
    bodies.answer(Operation::Retrieve, &read, 200)?;
    for member in ["line_items", "fulfillment_options", "totals", "status"] {
        assert_eq!(read[member], created[member], "{member}");
    }
    Ok(())
}

async fn update_session(bodies: Bodies) -> Outcome {
    let host = shop().await;
    let created = bodies.created(&host).await?;
    let change = Curl::of("update-session").with(SESSION, created.id());
    let updated = bodies.send(&host, Operation::Update, &change, 200).await?;
    assert_eq!(updated.id(), created.id());
    compare("derived/update-session", &updated.json)
}

async fn get_session(bodies: Bodies) -> Outcome {
    let host = shop().await;
    let created = bodies.created(&host).await?;
    let request = Curl::derived("derived/get-session").with(SESSION, created.id());
    let read = bodies.send(&host, Operation::Retrieve, &request, 200).await?;
    assert_eq!(read.json, created.json, "identical to the answer of the create request");
    compare("derived/get-session", &read.json)
}

async fn cancel_session(bodies: Bodies) -> Outcome {
    let host = shop().await;
    let created = bodies.created(&host).await?;
    let request = Curl::derived("derived/cancel-session").with(SESSION, created.id());
    let canceled = bodies.send(&host, Operation::Cancel, &request, 200).await?;
    compare("derived/cancel-session", &canceled.json)
}

/// The token as it is written is read, and is none that Adyen has made. One of its vault pays the session.
async fn complete_session(bodies: Bodies) -> Outcome {
    let host = shop().await;
    let created = bodies.created(&host).await?;
    let total = created.total("total");
    assert_eq!(total, 38_666);
    let written = Curl::of("complete-session").with(SESSION, created.id());
    let refused = bodies.send(&host, Operation::Complete, &written, 422).await?;
    assert_eq!(refused["status"], "ready_for_payment");
    assert_eq!(refused["messages"][0]["code"], "INVALID_TOKEN");
    let token = host.adyen().token_of("pm_card_adyen", created.id(), total).await;
    let request = completion(created.id(), &token);
    let answer = request
        .request(&host.client())
        .key("YOUR_NEXT_IDEMPOTENCY_KEY")
        .send()
        .await;
    bodies.answer(Operation::Complete, &answer, 200)?;
    assert_eq!(answer["order"]["checkout_session_id"], created["id"]);
    compare("complete-session", &answer.json)
}

async fn delegate_payment(bodies: Bodies) -> Outcome {
    let host = start(Merchant::of_the_document_with(AFFORDABLE, 100), BEFORE_EXPIRY).await;
    let created = bodies.created(&host).await?;
    let issued = bodies.delegated(&host, created.id()).await?;
    compare("delegate-payment", &issued.json)
}

async fn delegate_payment_with_checks(bodies: Bodies) -> Outcome {
    let host = start(Merchant::of_the_document_with(AFFORDABLE, 100), BEFORE_EXPIRY).await;
    let created = bodies.created(&host).await?;
    let curl = Curl::of("delegate-payment").with(SESSION, created.id());
    let mut body = curl.json();
    body["payment_method"]["checks_performed"] = document::json("inline/checks_performed.json");
    let checked = curl.request(&host.client()).json(&body).send().await;
    bodies.answer(Operation::Delegate, &checked, 200)
}

/// The four steps that the document recommends to test an integration with.
async fn the_test_sequence(bodies: Bodies) -> Outcome {
    let host = start(Merchant::of_the_document_with(AFFORDABLE, 100), BEFORE_EXPIRY).await;
    let created = bodies.created(&host).await?;
    let change = Curl::of("update-session").with(SESSION, created.id());
    let updated = bodies.send(&host, Operation::Update, &change, 200).await?;
    assert_eq!(updated["status"], "ready_for_payment");
    let issued = bodies.delegated(&host, updated.id()).await?;
    let mut body = document::json("complete-session-test-sequence/request.json");
    body["payment_data"]["token"] = issued["id"].clone();
    bodies.request(Operation::Complete, &body)?;
    let request = completion(created.id(), TOKEN).request(&host.client()).json(&body);
    let completed = request.send().await;
    bodies.answer(Operation::Complete, &completed, 200)?;
    assert_eq!(completed["status"], "completed");
    assert!(matches!(&completed["order"]["id"], Value::String(id) if !id.is_empty()));
    let captures = host.sandbox.adyen.ledger().captures();
    assert_eq!(captures.len(), 1);
    assert_eq!(captures[0].captured, updated.total("total"));
    Ok(())
}
