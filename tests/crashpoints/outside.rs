//! A payment that Adyen takes in the middle of crashes: it repeats each call until it has the answer that ends it, whatever happens to the
//! host.

use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_checkout::ids::AttemptId;
use tillhouse_payments::operator::attempts::SettleAttempt;
use tillhouse_sandbox::adyen::MerchantCall;
use tillhouse_server::admin::AdminClient;
use tillhouse_tests::crashpoints::Shop;
use tillhouse_tests::{Acp, Client, HttpResponse, merchant_call, merchant_session, paid_elsewhere, refused_elsewhere};

use crate::case::Party;
use crate::scene::{ITEM, Scene};

/// Delay between two retries.
const PAUSE: Duration = Duration::from_millis(20);

/// Adyen's reference of the payment that buys the item.
const PAID: &str = "PSP00000000000001";
/// Adyen's reference of a payment that is refused before.
const REFUSED: &str = "PSP00000000000002";

/// The session that buys the item.
const BOUGHT: &str = "ad_bought";
/// A session that is given up before.
const GIVEN_UP: &str = "ad_given_up";

/// A step of Adyen, or of the operator.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A call about a session, until it is answered with this status.
    Call(MerchantCall, &'static str, u16),
    /// The session is held for a payment with a billing address instead.
    HoldInstead,
    /// The report that a payment was refused, until it is taken.
    Refuse,
    /// The time of the hold passes.
    HoldOver,
    /// The operator says that the payment was made, until it is settled.
    Settle,
}

/// Adyen's state, which outlives the hosts.
#[derive(Debug)]
pub(crate) struct OutsidePayer {
    scene: Scene,
    /// Number of steps that are done.
    done: usize,
    /// The total of the session, once it is known.
    total: i64,
    /// The order that a commit named.
    order: String,
}

impl OutsidePayer {
    pub(crate) const fn of(scene: Scene) -> Self {
        Self {
            scene,
            done: 0,
            total: 0,
            order: String::new(),
        }
    }

    fn steps(&self) -> Vec<Step> {
        use MerchantCall::{Cancel, Commit, Finalize, Session};
        let hold = |session| [Step::Call(Session, session, 200), Step::Call(Commit, session, 200)];
        let (bought, paid) = (hold(BOUGHT), Step::Call(Finalize, BOUGHT, 204));
        match self.scene {
            Scene::CanceledElsewhere => {
                let given_up = [hold(GIVEN_UP).as_slice(), &[Step::Call(Cancel, GIVEN_UP, 200)]].concat();
                [given_up.as_slice(), &bought, &[paid]].concat()
            }
            Scene::RefusedElsewhere => [&bought[..], &[Step::Refuse, bought[1], paid]].concat(),
            Scene::ChangedElsewhere => [&bought[..], &[Step::HoldInstead], &bought, &[paid]].concat(),
            Scene::PaidTooLate => {
                let too_late = Step::Call(Finalize, BOUGHT, 409);
                [&bought[..], &[Step::HoldOver, too_late, Step::Settle, paid]].concat()
            }
            _ => [&bought[..], &[paid]].concat(),
        }
    }

    async fn call(&mut self, client: &Client, call: MerchantCall, session: &str, status: u16) {
        let body = match call {
            MerchantCall::Session => merchant_session(ITEM),
            MerchantCall::Finalize => paid_elsewhere(PAID, self.total),
            _ => Value::Null,
        };
        let answer = send_until(client, call, session, &body, status).await;
        if call == MerchantCall::Session {
            self.total = answer.is("ready_for_payment").total("total");
        } else if call == MerchantCall::Commit {
            answer["order"]["id"]
                .as_str()
                .expect("a commit names the order")
                .clone_into(&mut self.order);
        }
    }
}

impl Party for OutsidePayer {
    async fn go_on(&mut self, shop: &Shop, acp: &Acp<'_>) {
        let client = &acp.client;
        while let Some(step) = self.steps().get(self.done).copied() {
            match step {
                Step::Call(call, session, status) => self.call(client, call, session, status).await,
                Step::HoldInstead => {
                    let body = json!({"billing_address": merchant_session(ITEM)["fulfillment_address"]});
                    let _ = send_until(client, MerchantCall::Commit, BOUGHT, &body, 200).await;
                }
                Step::Refuse => {
                    let body = refused_elsewhere(REFUSED);
                    let _ = send_until(client, MerchantCall::Finalize, BOUGHT, &body, 204).await;
                }
                Step::HoldOver => {
                    while !states(shop).contains(&"needs_review".to_owned()) {
                        tokio::time::sleep(PAUSE).await;
                    }
                }
                Step::Settle => settle(shop).await,
            }
            self.done += 1;
        }
    }

    /// Asserts that one unit was sold for one payment, by the only order, and that the operator has what is not as it should be and
    /// nothing else.
    async fn assert_ledgers_agree(&self, shop: &Shop) {
        let client = shop.wait_until_serving().await.expect("the host serves").client;
        let repeated = paid_elsewhere(PAID, self.total);
        let _ = send_until(&client, MerchantCall::Finalize, BOUGHT, &repeated, 204).await;
        let shown = send_until(&client, MerchantCall::Commit, BOUGHT, &Value::Null, 200).await;
        assert_eq!(shown.is("completed")["order"]["id"], self.order.as_str());

        let (attempts, breaks): (&[&str], &[&str]) = match self.scene {
            Scene::CanceledElsewhere => (&["failed", "approved"], &[]),
            Scene::RefusedElsewhere => (&["declined", "approved"], &[]),
            Scene::ChangedElsewhere => (&["failed", "failed", "approved"], &[]),
            Scene::PaidTooLate => (&["approved"], &["outcome_unknown", "paid_after_end"]),
            _ => (&["approved"], &[]),
        };
        assert_eq!(states(shop), attempts);
        assert_eq!(shop.texts("SELECT kind FROM break ORDER BY kind"), breaks);
        assert_eq!(shop.texts("SELECT id FROM orders"), [self.order.as_str()]);
        let paid_by = "SELECT processor_reference FROM attempt WHERE state = 'approved'";
        assert_eq!(shop.texts(paid_by), [PAID]);

        assert!(shop.backlog().is_empty(), "{:#?}", shop.backlog());
        assert!(shop.texts("SELECT kind FROM outbox WHERE state = 'dead'").is_empty());
        // Whose payment it is not, charges and reports nothing.
        assert!(shop.sandbox.adyen.ledger().payments.is_empty());
        assert!(shop.sandbox.stripe.payment_records().is_empty());

        // The stock: the last unit is sold.
        let another = send_until(
            &client,
            MerchantCall::Session,
            "ad_another",
            &merchant_session(ITEM),
            422,
        )
        .await;
        assert_eq!(another["messages"][0]["code"], "OUT_OF_STOCK");
    }
}

/// Repeats a call until it is answered with this status.
async fn send_until(client: &Client, call: MerchantCall, session: &str, body: &Value, status: u16) -> HttpResponse {
    loop {
        match merchant_call(client, call, session, body).try_send().await {
            Ok(answer) if answer.status == status => return answer,
            Ok(answer) if answer.status < 500 => panic!("{call:?}: {} {}", answer.status, answer.text()),
            // A server error or no response: the call may have been taken.
            Ok(_) | Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn settle(shop: &Shop) {
    let operator = AdminClient::new(shop.store().join("admin.sock"));
    let ids = shop.texts("SELECT id FROM attempt");
    let request = SettleAttempt {
        id: AttemptId::new(ids[0].as_str()),
        charged: Some(PAID.to_owned()),
        evidence: "Adyen's Customer Area has it".to_owned(),
        actor: "ada".to_owned(),
    };
    // An answer may be lost.
    while states(shop) != ["approved"] {
        let _ = operator.send(&request).await;
        tokio::time::sleep(PAUSE).await;
    }
}

fn states(shop: &Shop) -> Vec<String> {
    shop.texts("SELECT state FROM attempt ORDER BY seq")
}
