//! Deliveries of order events to a target that answers as the test says.

mod stripe;

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::ids::{AttemptId, OrderId, SessionId};
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::order::{OrderProgress, OrderStatus};
use tillhouse_checkout::outbox::MessageKind;
use tillhouse_checkout::quote::Quote;
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::session::{Agent, SessionState};
use tillhouse_checkout::shown_quote::ShownQuotes;
use tillhouse_egress::Upstream;

const NOW: Timestamp = Timestamp(1_700_000_000_000);

fn order() -> Order {
    Order {
        id: OrderId::new("ord_1"),
        number: None,
        permalink: "https://shop.example/1".into(),
        merchant: MerchantId::new("acme"),
        session: SessionId::new("cs_1"),
        attempt: AttemptId::new("pa_1"),
        total: Money {
            amount: Amount::new(500).unwrap(),
            currency: Currency::new("USD").unwrap(),
        },
        created: NOW,
        progress: OrderProgress::default(),
    }
}

fn session() -> Session {
    Session {
        id: SessionId::new("cs_1"),
        merchant: MerchantId::new("acme"),
        revision: 4,
        state: SessionState::Completed {
            order: Box::new(order()),
        },
        currency: Currency::new("USD").unwrap(),
        cart: Cart::default(),
        quote: Quote::default(),
        agent: Agent::default(),
        protocol: None,
        asked: None,
        shown: ShownQuotes::default(),
        consents: Vec::new(),
        catalog: None,
        kept_order: None,
        attributions: Vec::new(),
        intent_trace: None,
        last_payment_error: None,
        created: NOW,
        updated: NOW,
        expires: NOW,
    }
}

fn target(name: &str, url: &str) -> Target {
    let mut upstream = Upstream::new(name, url).unwrap();
    upstream.allow_http = true;
    upstream.allow_private = true;
    Target {
        name: name.into(),
        upstream,
        kind: TargetKind::Acp {
            secrets: ["old", "new"].map(|text| Arc::new(Secret::new(text.into()))).to_vec(),
            render: |snapshot| text(snapshot).into_bytes(),
        },
    }
}

/// What the tests' targets are told of an order.
fn text(snapshot: &OrderSnapshot<'_>) -> String {
    let (event, order) = (snapshot.event, snapshot.order);
    let event = match event {
        OrderEventType::Created => "Created",
        OrderEventType::Updated { .. } => "Updated",
    };
    let adjustments = order.progress.adjustments.len();
    format!("{event} {:?} {adjustments}", order.status())
}

/// Adyen's endpoint for events, which is told of changes only.
fn adyen(url: &str) -> Target {
    Target {
        kind: TargetKind::AdyenEvents {
            api_key: Arc::new(Secret::new("AQE-key".into())),
            render: Arc::new(|snapshot| {
                let changed = matches!(snapshot.event, OrderEventType::Updated { .. });
                changed.then(|| text(snapshot).into_bytes())
            }),
        },
        ..target("adyen.events", url)
    }
}

fn webhooks(targets: Vec<Target>) -> Webhooks {
    Webhooks::new(
        Client::new().unwrap(),
        BTreeMap::from([(MerchantId::new("acme"), targets)]),
    )
}

/// A server that gives this answer to one request; returns its URL, and what it was sent.
async fn answering(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks/orders", listener.local_addr().unwrap());
    let seen = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !is_whole(&request) {
            assert_ne!(
                stream.read_buf(&mut request).await.unwrap(),
                0,
                "the request ended early"
            );
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&request).into_owned()
    });
    (url, seen)
}

/// Whether a request has all of the body that its head announces.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| length.parse() == Ok(body.len()))
}

async fn delivered(answer: &'static str) -> (Result<(), DeliveryError>, String) {
    delivered_to(|url| target("agent", url), answer).await
}

/// What becomes of a change of an order that is told to this target, and what it was sent.
async fn delivered_to(target: impl Fn(&str) -> Target, answer: &'static str) -> (Result<(), DeliveryError>, String) {
    let (url, seen) = answering(answer).await;
    let webhooks = webhooks(vec![target(&url)]);
    let message = webhooks
        .order_updated(&session(), &order(), &order(), NOW)
        .pop()
        .unwrap();
    let outcome = webhooks.deliver(&message, NOW, Duration::from_secs(10)).await;
    (outcome, seen.await.unwrap())
}

#[test]
fn each_target_gets_its_own_event_in_its_own_stream() {
    let webhooks = webhooks(vec![target("a", "http://a.example"), target("b", "http://b.example")]);
    let first = webhooks.order_created(&session(), &order(), NOW);
    let again = webhooks.order_created(&session(), &order(), Timestamp(0));
    let streams: Vec<_> = first.iter().map(|message| message.stream.as_deref().unwrap()).collect();
    assert_eq!(streams, ["cs_1:a", "cs_1:b"]);
    assert_ne!(first[0].dedupe, first[1].dedupe);
    assert!(first[0].dedupe.starts_with("evt_"));
    let ids = |messages: &[OutboxMessage]| messages.iter().map(|it| it.dedupe.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&first), ids(&again), "the same event, whenever it is made");
    assert!(
        first
            .iter()
            .all(|message| message.kind == MessageKind::OrderEvent && message.due == NOW)
    );
}

#[test]
fn a_change_is_an_event_of_its_own_with_everything_in_it() {
    let webhooks = webhooks(vec![target("a", "http://a.example")]);
    let told = |revision| {
        let mut changed = order();
        changed.progress.revision = revision;
        changed.progress.stated = Some(OrderStatus::Shipped);
        webhooks
            .order_updated(&session(), &order(), &changed, NOW)
            .pop()
            .unwrap()
    };
    let created = webhooks.order_created(&session(), &order(), NOW).pop().unwrap();
    assert_eq!(OrderEventDelivery::of(&created).unwrap().body, "Created Confirmed 0");
    assert_eq!(OrderEventDelivery::of(&told(2)).unwrap().body, "Updated Shipped 0");
    assert_eq!(told(2).dedupe, told(2).dedupe);
    assert_ne!(told(2).dedupe, told(3).dedupe);
    assert_eq!(told(2).stream, created.stream, "in order behind the first");
}

#[test]
fn a_merchant_without_webhook_targets_sends_no_events() {
    assert!(webhooks(Vec::new()).order_created(&session(), &order(), NOW).is_empty());
}

#[tokio::test]
async fn an_event_is_posted_signed_with_every_secret() {
    let (outcome, seen) = delivered("HTTP/1.1 204 No Content\r\n\r\n").await;
    assert_eq!(outcome, Ok(()));
    let seen_lower = seen.to_ascii_lowercase();
    let (head, body) = seen_lower.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("post /hooks/orders http/1.1"), "{head}");
    assert_eq!(body, "updated confirmed 0");
    let header = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name}: {head}")).to_owned()
    };
    let secrets = ["old", "new"].map(|text| Arc::new(Secret::new(text.into())));
    assert_eq!(
        header("merchant-signature"),
        sign::signature(&secrets, b"Updated Confirmed 0", NOW)
    );
    assert_eq!(header("timestamp"), "2023-11-14t22:13:20z");
    assert_eq!(header("content-type"), "application/json");
    assert!(header("request-id").starts_with("evt_"));
    assert!(header("user-agent").starts_with("tillhouse/"));
}

#[test]
fn a_target_is_told_of_what_its_kind_wants_to_know() {
    let webhooks = webhooks(vec![target("agent", "http://a.example"), adyen("http://b.example")]);
    let names = |messages: Vec<OutboxMessage>| -> Vec<String> {
        let destinations = messages.into_iter().map(|message| message.destination.unwrap());
        destinations.collect()
    };
    assert_eq!(names(webhooks.order_created(&session(), &order(), NOW)), ["agent"]);
    let changed = webhooks.order_updated(&session(), &order(), &order(), NOW);
    assert_eq!(names(changed), ["agent", "adyen.events"]);
}

#[tokio::test]
async fn adyen_is_told_with_its_api_key_and_the_key_of_the_event() {
    let (outcome, seen) = delivered_to(adyen, "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(outcome, Ok(()));
    let (head, body) = seen.split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    assert_eq!(body, "Updated Confirmed 0");
    assert!(
        head.contains("x-api-key: aqe-key") && head.contains("idempotency-key: evt_"),
        "{head}"
    );
    assert!(!head.contains("merchant-signature"), "{head}");
    let key = head.lines().find_map(|line| line.strip_prefix("idempotency-key: "));
    assert!(key.unwrap().len() <= 64, "Adyen takes no longer one");
}

#[tokio::test]
async fn adyen_is_told_again_unless_it_is_gone() {
    for (answer, retried) in [
        ("HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n", true),
        ("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n", true),
        (
            "HTTP/1.1 301 No\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            true,
        ),
        ("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n", false),
    ] {
        let (outcome, _) = delivered_to(adyen, answer).await;
        assert_eq!(matches!(outcome, Err(DeliveryError::Retry { .. })), retried, "{answer}");
        assert_eq!(
            matches!(outcome, Err(DeliveryError::Permanent(_))),
            !retried,
            "{answer}"
        );
        assert!(!format!("{outcome:?}").contains("AQE-key"));
    }
}

#[tokio::test]
async fn a_delivery_ends_with_its_time_and_is_retried() {
    // Connections wait to be accepted, and are not.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let webhooks = webhooks(vec![adyen(&format!(
        "http://{}/events",
        listener.local_addr().unwrap()
    ))]);
    let message = webhooks
        .order_updated(&session(), &order(), &order(), NOW)
        .pop()
        .unwrap();
    let outcome = webhooks.deliver(&message, NOW, Duration::from_millis(50)).await;
    assert!(matches!(outcome, Err(DeliveryError::Retry { .. })), "{outcome:?}");
}

#[tokio::test]
async fn only_a_target_that_is_gone_is_given_up_at_once() {
    let later = |text: &str| {
        Err(DeliveryError::Retry {
            reason: text.to_owned(),
            retry_after: None,
        })
    };
    for (answer, expected) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\nmuch", Ok(())),
        (
            "HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n",
            later("webhook agent answered 401"),
        ),
        (
            "HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n",
            later("webhook agent answered 500"),
        ),
    ] {
        assert_eq!(delivered(answer).await.0, expected, "{answer}");
    }
    let redirect = delivered("HTTP/1.1 307 No\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n")
        .await
        .0;
    assert!(matches!(redirect, Err(DeliveryError::Retry { reason, .. }) if reason.contains("redirect")));
    let gone = delivered("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n").await.0;
    assert!(matches!(gone, Err(DeliveryError::Permanent(text)) if text.contains("410")));
}

#[tokio::test]
async fn a_target_that_was_taken_away_is_named() {
    let before = webhooks(vec![target("agent", "http://a.example")]);
    let message = before.order_created(&session(), &order(), NOW).pop().unwrap();
    let after = webhooks(Vec::new())
        .deliver(&message, NOW, Duration::from_secs(10))
        .await;
    assert!(matches!(after, Err(DeliveryError::Permanent(text)) if text.contains("no webhook agent any more")));
}

#[tokio::test]
async fn loopback_without_a_grant_is_not_reached() {
    let (url, seen) = answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let mut local = target("agent", &url);
    local.upstream.allow_private = false;
    let webhooks = webhooks(vec![local]);
    let message = webhooks.order_created(&session(), &order(), NOW).pop().unwrap();
    let outcome = webhooks.deliver(&message, NOW, Duration::from_secs(10)).await;
    assert!(matches!(outcome, Err(DeliveryError::Retry { reason, .. }) if reason.starts_with("denied")));
    assert!(!seen.is_finished());
    seen.abort();
}
