//! Calls of Adyen at the merchant of a host, and what they answer.

use serde_json::{Value, json};
use tillhouse_sandbox::adyen::{MerchantAnswer, MerchantCall};
use tillhouse_tests::AdyenSandbox;

use super::{TOTAL, cart};

/// The calls of Adyen for one host.
pub(super) struct Calls<'a>(pub(super) AdyenSandbox<'a>);

impl Calls<'_> {
    pub(super) async fn send(&self, call: MerchantCall, session: &str, body: &Value) -> MerchantAnswer {
        self.0.call(call, session, body).await.unwrap()
    }

    /// The status of an answer, and the code of its first message if it is an error.
    pub(super) async fn outcome(&self, call: MerchantCall, session: &str, body: &Value) -> (u16, String) {
        let answer = self.send(call, session, body).await;
        let code = if answer.is_success() {
            String::new()
        } else {
            answer.body["messages"][0]["code"].as_str().unwrap().to_owned()
        };
        (answer.status, code)
    }

    pub(super) async fn created(&self, session: &str) {
        let created = self.send(MerchantCall::Session, session, &cart(1)).await;
        assert_eq!(
            (created.status, &created.body["status"]),
            (200, &json!("ready_for_payment")),
            "{created:?}"
        );
        assert_eq!(created.body["id"], session);
    }

    pub(super) async fn held(&self, session: &str) {
        self.created(session).await;
        let held = self
            .send(
                MerchantCall::Commit,
                session,
                &json!({"amount": {"value": TOTAL, "currency": "USD"}}),
            )
            .await;
        assert_eq!(
            (held.status, &held.body["status"]),
            (200, &json!("in_progress")),
            "{held:?}"
        );
    }
}
