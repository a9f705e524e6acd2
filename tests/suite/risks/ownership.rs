//! A session belongs to the protocol and the principal that created it: for every other caller it does not exist.

use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_tests::{HttpResponse, Merchant, Protocol, Release, Shared, TestHost, fixtures};

use super::eventually::{assert_charged_once, assert_not_charged};

const ITEM: &[(&str, u32)] = &[("tee-classic", 1)];
const NEWEST: Release = Release::V2026_04_17;
/// Keys of the merchant `acme`: those of its agent before and after a rotation, and that of another agent.
const ROTATED: &str = "key_rotated";
const OTHER: &str = "key_other";

const KEYS: &str = r#"
    acp.keys = [{ name = "agent", secret = "key_rotated" }, { name = "other", secret = "key_other" }]
"#;

/// A host whose merchant has two agents, one of which changes its key. Tests use sessions of their own.
static HOST: Shared = Shared::of(|| {
    let shared = Merchant::named("shared").set(KEYS).set("share_sessions = true");
    TestHost::builder()
        .merchant(Merchant::named("demo").set(KEYS))
        .merchant(shared)
});

async fn host() -> &'static TestHost {
    HOST.get().await
}

/// What an answer says, without the id of the session that was asked for.
fn said(answer: &HttpResponse, id: &str) -> (u16, Value) {
    let text = answer.text().replace(id, "ID");
    (answer.status, serde_json::from_str(&text).unwrap())
}

/// Every operation on a session, by another principal than the one that the host's clients have.
async fn all_by_another(host: &TestHost, release: Release, session: &str, token: &str) -> Vec<(u16, Value)> {
    let acp = host.acp(release).with_key(OTHER);
    [
        acp.retrieve(session).await,
        acp.update(session, &json!({})).await,
        acp.complete(session, token).await,
        acp.cancel(session).await,
    ]
    .iter()
    .map(|answer| said(answer, session))
    .collect()
}

#[tokio::test]
async fn a_session_of_another_agent_is_not_there_whatever_is_asked_of_it() {
    for release in [Release::V2025_09_29, NEWEST] {
        let host = TestHost::builder()
            .merchant(Merchant::named("demo").set(KEYS))
            .start()
            .await;
        let mine = host.acp(release).ready(ITEM).await;
        let token = host.token(mine.total("total")).await;
        let theirs = all_by_another(&host, release, mine.id(), &token).await;
        assert_eq!(theirs, all_by_another(&host, release, "cs_missing", &token).await);
        for (status, body) in &theirs {
            assert_eq!((*status, &body["code"]), (404, &json!("not_found")), "{body}");
        }
        assert_not_charged(&host);
        assert_eq!(host.attempts_of(mine.id()).await, []);
        assert_eq!(host.acp(release).retrieve(mine.id()).await.expect(200).json, mine.json);
        let paid = host.acp(release).complete(mine.id(), &token).await;
        let _ = paid.expect(200).is("completed");
        assert_charged_once(&host, mine.total("total")).await;
        let later = all_by_another(&host, release, mine.id(), &token).await;
        assert_eq!(later, theirs, "a completed session is as unknown as an open one");
    }
}

#[tokio::test]
async fn a_session_is_not_there_in_another_protocol_and_there_in_every_release_of_its_own() {
    let host = host().await;
    for made_by in Protocol::ALL {
        let made = made_by.create(host, ITEM, "usd", &fixtures::address()).await;
        let token = host.token(made.total("total")).await;
        for asked_by in Protocol::ALL {
            let same = matches!(
                (made_by, asked_by),
                (Protocol::Acp(_), Protocol::Acp(_)) | (Protocol::StripeAcs, Protocol::StripeAcs)
            );
            let found = asked_by.retrieve(host, made.id()).await;
            let changed = asked_by.update(host, made.id(), &json!({})).await;
            if same {
                let _ = (found.expect(200), changed.expect(200));
            } else {
                let paid = asked_by.pay(host, made.id(), &asked_by.payment(&token)).await;
                for answer in [found, changed, paid] {
                    let _ = answer.refused(404, "not_found");
                }
            }
        }
        let paid = made_by.pay(host, made.id(), &made_by.payment(&token)).await;
        let _ = paid.expect(200).is("completed");
    }
}

#[tokio::test]
async fn an_agent_that_changes_its_key_keeps_its_sessions_and_its_answers() {
    let host = host().await;
    let (old, new) = (host.acp(NEWEST), host.acp(NEWEST).with_key(ROTATED));
    let session = old.ready(ITEM).await;
    assert_eq!(new.retrieve(session.id()).await.expect(200).json, session.json);
    let token = host.token(session.total("total")).await;
    let payment = |agent: &tillhouse_tests::Acp<'_>| agent.completion(session.id(), &token).key("rotation");
    let paid = payment(&old).send().await.expect(200).is("completed");
    let again = payment(&new).send().await.expect(200);
    assert!(again.is_replay(), "{}", again.text());
    assert_eq!(again.json, paid.json);
}

#[tokio::test]
async fn the_answer_to_a_key_of_another_agent_is_not_replayed() {
    let host = host().await;
    let session = host.acp(NEWEST).ready(ITEM).await;
    let token = host.token(session.total("total")).await;
    let payment = host.acp(NEWEST).completion(session.id(), &token).key("mine");
    let _ = payment.clone().send().await.expect(200).is("completed");
    assert!(payment.clone().send().await.expect(200).is_replay());
    let refused = payment.bearer(OTHER).send().await.refused(404, "not_found");
    assert!(!refused.is_replay());
    assert!(!refused.text().contains("Jane"), "{}", refused.text());
}

#[tokio::test]
async fn a_merchant_may_let_its_agents_share_sessions_within_a_protocol() {
    let host = host().await;
    let (agent, other) = (
        host.acp_at("shared", NEWEST),
        host.acp_at("shared", NEWEST).with_key(OTHER),
    );
    let session = agent.ready(ITEM).await;
    let hook = host.stripe_acs_at("shared");
    let _ = hook.retrieve(session.id()).await.refused(404, "not_found");
    let token = host.token(session.total("total")).await;
    assert_eq!(other.retrieve(session.id()).await.expect(200).json, session.json);
    let _ = other.complete(session.id(), &token).await.expect(200).is("completed");
    let _ = agent.retrieve(session.id()).await.expect(200).is("completed");
}

#[tokio::test]
async fn an_agent_with_too_many_open_sessions_waits_and_its_neighbour_does_not() {
    let limited = Merchant::named("demo").set(KEYS).set("max_open_sessions = 2");
    let host = TestHost::builder().merchant(limited).frozen().start().await;
    let (agent, other) = (host.acp(NEWEST), host.acp(NEWEST).with_key(OTHER));
    let first = agent.open(ITEM).await;
    let _ = agent.open(ITEM).await;
    let further = agent.post("/checkout_sessions").key("further");
    let further = further.json(&fixtures::cart(NEWEST, ITEM));
    let refused = further.clone().send().await.refused(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), Some("30"));
    assert!(
        refused.text().contains("2 checkout sessions of this agent are open"),
        "{}",
        refused.text()
    );
    let _ = (other.open(ITEM).await, host.stripe_acs().open(ITEM).await);
    let _ = agent.cancel(first.id()).await.expect(200);
    host.clock.advance(Duration::from_secs(2));
    let made = further.send().await.expect(201);
    assert!(!made.is_replay(), "the refusal is not kept under the key");
}
