//! Adyen's Standard webhook at a merchant with `plugins/adyen-processor`: what is forged is refused as a whole, what is genuine settles a
//! payment once, and what does not fit is for the operator.

use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::inbox::EventSource;
use tillhouse_checkout::order::Order;
use tillhouse_sandbox::Secret;
use tillhouse_sandbox::adyen::{MerchantCall, StandardWebhook, hmac_signature};
use tillhouse_tests::{AdyenSandbox, Merchant, TestHost, merchant_session};

/// The id under which Adyen sells.
const SESSION: &str = "ad_1";

/// Total of the document: 34900, 2967 tax, 799 shipping.
const TOTAL: i64 = 38_666;

/// A merchant who holds item `01` for a payment that Adyen takes.
struct Held {
    host: TestHost,
    order: String,
}

/// An item of a webhook before it is signed.
#[derive(Clone, Copy, Debug)]
struct Item<'a> {
    reference: &'a str,
    payment: &'a str,
    cents: i64,
    success: &'a str,
}

impl Held {
    async fn start() -> Self {
        let host = TestHost::builder().merchant(Merchant::of_the_document()).start().await;
        let adyen = host.adyen_sandbox();
        let order = hold(&adyen).await;
        Self { host, order }
    }

    fn paid(&self) -> Item<'_> {
        Item {
            reference: &self.order,
            payment: "P1",
            cents: TOTAL,
            success: "true",
        }
    }

    fn signed(&self, item: Item<'_>) -> Value {
        signed(&self.host, item, &self.host.sandbox.adyen.config().hmac_key)
    }

    /// Sends a webhook with these items; returns the status and the body of the answer.
    async fn send(&self, items: &[Value]) -> (u16, Value) {
        let items: Vec<Value> = items
            .iter()
            .map(|item| json!({"NotificationRequestItem": item}))
            .collect();
        let webhook = StandardWebhook {
            body: json!({"live": "false", "notificationItems": items}).to_string(),
            authorization: None,
        };
        let url = format!("{}/webhooks/processor", self.host.url());
        let answer = self.host.sandbox.adyen.send_webhook(&webhook, &url).await.unwrap();
        (answer.status, answer.body)
    }

    async fn status(&self) -> AttemptStatus {
        self.host.attempts_of(SESSION).await[0].status()
    }

    async fn sold(&self) -> Option<Order> {
        let merchant = MerchantId::new("document");
        let found = self.host.store().order(&merchant, &SessionId::new(SESSION)).await;
        found.unwrap()
    }

    async fn kept_events(&self) -> usize {
        let source = EventSource::Processor(MerchantId::new("document"));
        self.host.store().list_events(&source, 0, 1000).await.unwrap().len()
    }

    async fn discrepancies(&self) -> Vec<DiscrepancyKind> {
        let found = self.host.store().list_discrepancies(20).await.unwrap();
        found.into_iter().map(|discrepancy| discrepancy.kind).collect()
    }
}

/// Holds the session; returns the id of its order.
async fn hold(adyen: &AdyenSandbox<'_>) -> String {
    let body = merchant_session(&[("01", 1)]);
    let created = adyen.call(MerchantCall::Session, SESSION, &body).await.unwrap();
    assert_eq!(created.status, 200, "{created:?}");
    let held = adyen.call(MerchantCall::Commit, SESSION, &Value::Null).await.unwrap();
    assert_eq!(held.status, 200, "{held:?}");
    held.body["order"]["id"].as_str().unwrap().to_owned()
}

/// An item of the merchant's account, signed with this key as Adyen signs each.
fn signed(host: &TestHost, item: Item<'_>, key: &Secret) -> Value {
    let account = &host.sandbox.adyen.config().merchant_account;
    let Item {
        reference,
        payment,
        cents,
        success,
    } = item;
    let text = format!("{payment}::{account}:{reference}:{cents}:USD:AUTHORISATION:{success}");
    json!({
        "additionalData": {"hmacSignature": hmac_signature(key, text.as_bytes())},
        "amount": {"value": cents, "currency": "USD"},
        "eventCode": "AUTHORISATION",
        "eventDate": "2026-11-21T12:00:00Z",
        "merchantAccountCode": account,
        "merchantReference": reference,
        "pspReference": payment,
        "reason": "",
        "success": success,
    })
}

fn accepted() -> (u16, Value) {
    (200, json!("[accepted]"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_notice_is_refused_as_a_whole() {
    let held = Held::start().await;
    let good = held.signed(held.paid());
    let changed = |name: &str, value: Value| {
        let mut item = good.clone();
        item[name] = value;
        item
    };
    let other_key: Secret = "00".repeat(32).into();
    let forged = [
        changed("amount", json!({"value": TOTAL - 1, "currency": "USD"})),
        changed("amount", json!({"value": TOTAL, "currency": "EUR"})),
        changed("success", json!("false")),
        changed("pspReference", json!("P2")),
        changed("merchantReference", json!("ord_other")),
        changed("merchantAccountCode", json!("OtherECOM")),
        changed("eventCode", json!("REFUND")),
        changed("additionalData", json!({})),
        changed("additionalData", json!({"hmacSignature": ""})),
        signed(&held.host, held.paid(), &other_key),
    ];
    for item in forged {
        for items in [
            vec![item.clone()],
            vec![good.clone(), item.clone()],
            vec![item.clone(), good.clone()],
        ] {
            let (status, answer) = held.send(&items).await;
            assert_eq!((status, &answer["code"]), (401, &json!("forged_notice")), "{items:#?}");
        }
    }
    let (status, answer) = held.send(&[]).await;
    assert_eq!(
        (status, &answer["code"]),
        (400, &json!("invalid_notice")),
        "nothing is in it"
    );
    assert_eq!(held.kept_events().await, 0, "nothing of a notice is taken");
    assert_eq!(
        (held.status().await, held.sold().await),
        (AttemptStatus::Awaiting, None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_comes_again_changes_nothing_more() {
    let held = Held::start().await;
    let item = held.signed(held.paid());
    let items = [item.clone()];
    let (first, second) = tokio::join!(held.send(&items), held.send(&items));
    // One of two at once may be asked to come again.
    for answer in [first, second] {
        assert!(answer == accepted() || answer.0 == 503, "{answer:?}");
    }
    for items in [vec![item.clone()], vec![item.clone(), item.clone()]] {
        assert_eq!(held.send(&items).await, accepted());
    }
    let order = held.sold().await.expect("Adyen was paid");
    assert_eq!(
        (order.id.as_str(), order.total.amount.minor()),
        (held.order.as_str(), TOTAL)
    );
    assert_eq!((order.revision(), held.status().await), (1, AttemptStatus::Approved));
    assert_eq!(held.kept_events().await, 1);
    assert!(held.discrepancies().await.is_empty());
}

/// Another try may come within the hold's time.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_payment_leaves_the_hold() {
    let held = Held::start().await;
    let refused = Item {
        payment: "P0",
        success: "false",
        ..held.paid()
    };
    assert_eq!(held.send(&[held.signed(refused)]).await, accepted());
    assert_eq!(
        (held.status().await, held.kept_events().await),
        (AttemptStatus::Awaiting, 1)
    );
    assert!(held.sold().await.is_none() && held.discrepancies().await.is_empty());
    assert_eq!(held.send(&[held.signed(held.paid())]).await, accepted());
    assert!(held.sold().await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_of_another_amount_is_acknowledged_and_for_the_operator() {
    let held = Held::start().await;
    let less = Item {
        cents: TOTAL - 1,
        ..held.paid()
    };
    for _ in 0..2 {
        assert_eq!(held.send(&[held.signed(less)]).await, accepted());
    }
    assert_eq!(held.discrepancies().await, [DiscrepancyKind::AmountDiffers]);
    assert_eq!(
        (held.status().await, held.sold().await),
        (AttemptStatus::Awaiting, None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_with_more_items_than_the_contract_takes_is_refused_as_a_whole() {
    let held = Held::start().await;
    let names: Vec<String> = (0..100).map(|number| format!("F{number}")).collect();
    let of_others = names.iter().map(|payment| {
        held.signed(Item {
            reference: "of_another_shop",
            payment,
            ..held.paid()
        })
    });
    let mut items: Vec<Value> = of_others.collect();
    items.push(held.signed(held.paid()));
    assert_eq!(held.send(&items).await.0, 503);
    assert_eq!(
        (held.kept_events().await, held.status().await),
        (0, AttemptStatus::Awaiting)
    );
    assert_eq!(held.send(&items[1..]).await, accepted());
    assert_eq!(
        (held.kept_events().await, held.status().await),
        (100, AttemptStatus::Approved)
    );
}

/// The order of a payment after the hold's time is the operator's decision, also where a webhook reports it.
#[tokio::test(flavor = "multi_thread")]
async fn a_notice_after_the_holds_time_is_for_the_operator() {
    let host = TestHost::builder()
        .merchant(Merchant::of_the_document())
        .frozen()
        .start()
        .await;
    let order = hold(&host.adyen_sandbox()).await;
    let held = Held { host, order };
    held.host.clock.advance(Duration::from_secs(901));
    let _ = held.host.payments().recovery().run_once().await;
    assert_eq!(held.send(&[held.signed(held.paid())]).await, accepted());
    let found = held.discrepancies().await;
    assert!(found.contains(&DiscrepancyKind::PaidAfterEnd), "{found:?}");
    assert!(held.sold().await.is_none());
}
