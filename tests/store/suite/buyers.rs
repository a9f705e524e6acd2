//! Finding the sessions of a buyer, and erasing the buyer from them.

use tillhouse_checkout::attempt::{Attempt, AttemptStatus};
use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::cart::FulfillmentGroup;
use tillhouse_checkout::contact::{Address, Buyer, Recipient};
use tillhouse_checkout::decision::Consent;
use tillhouse_checkout::device::Device;
use tillhouse_checkout::idempotency::{IdempotencyRecord, IdempotencyScope, Reply};
use tillhouse_checkout::ids::{GroupId, OrderId, SavedCartId, SessionId};
use tillhouse_checkout::inbox::{EventSource, InboxEvent};
use tillhouse_checkout::message::{self, Message};
use tillhouse_checkout::outbox::OutboxMessage;
use tillhouse_checkout::ports::{BuyerErasure, CartErasure, CommitError, ErasedRows, SessionKey, SessionSearch};
use tillhouse_checkout::saved_cart::{CheckoutOfCart, SavedCart, SavedCartWrite};
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Subject;
use super::fixtures::*;

const EMAIL: &str = "jane_doe@example.com";

/// In every field that says who buys.
const PERSONAL: &str = "1 Secret Lane";

fn secret_address() -> Address {
    Address {
        name: PERSONAL.into(),
        line_one: PERSONAL.into(),
        city: PERSONAL.into(),
        postal_code: PERSONAL.into(),
        ..Address::default()
    }
}

fn recipient() -> Recipient {
    Recipient {
        name: Some(PERSONAL.into()),
        phone: Some(PERSONAL.into()),
        email: Some(PERSONAL.into()),
        address: Some(secret_address()),
    }
}

fn bought_by(id: &str, email: &str) -> Session {
    let mut session = Session {
        state: SessionState::Completed {
            order: Box::new(order(&format!("order_{id}"), id)),
        },
        last_payment_error: Some(Message::info(message::Subject::Session, PERSONAL)),
        consents: vec![Consent {
            channel: PERSONAL.into(),
            granted: true,
        }],
        ..session(id, 1)
    };
    session
        .quote
        .messages
        .push(Message::info(message::Subject::Session, PERSONAL));
    session.cart.buyer = Some(Buyer {
        first_name: Some(PERSONAL.into()),
        last_name: Some(PERSONAL.into()),
        full_name: Some(PERSONAL.into()),
        phone: Some(PERSONAL.into()),
        email: Some(email.into()),
        customer_id: Some(PERSONAL.into()),
        account: Some(PERSONAL.into()),
        ..Buyer::default()
    });
    session.cart.recipient = Some(recipient());
    session.cart.billing = Some(secret_address());
    session.cart.notes = Some(PERSONAL.into());
    session.cart.quote_id = Some(PERSONAL.into());
    session.cart.metadata = vec![("gift-note".to_owned(), PERSONAL.into())].into();
    session.cart.groups = vec![FulfillmentGroup {
        id: GroupId::new("g1"),
        kind: "shipping".into(),
        lines: Vec::new(),
        destination: Some(secret_address()),
        recipient: Some(recipient()),
        location: None,
        instructions: Some(PERSONAL.into()),
    }];
    session
}

fn paid_by(id: &str, session: &str) -> Attempt {
    Attempt {
        billing: Some(secret_address()),
        device: Device {
            ip: Some(PERSONAL.into()),
            user_agent: Some(PERSONAL.into()),
            fingerprint: Some(PERSONAL.into()),
            ..Device::default()
        },
        ..attempt(id, session, AttemptStatus::Approved)
    }
}

fn recorded(session: &str) -> IdempotencyRecord {
    IdempotencyRecord {
        scope: IdempotencyScope {
            endpoint: format!("POST /checkout_sessions/{session}/complete"),
            ..scope(session)
        },
        reply: Reply {
            status: 200,
            body: b"Jane Doe, 1 Secret Lane".to_vec(),
        },
        ..answer(session, later(1_000))
    }
}

async fn purchase(subject: &Subject, session: &str, attempt: &str, email: &str) {
    subject.commit(insert_session(bought_by(session, email))).await;
    subject.commit(insert_attempt(paid_by(attempt, session))).await;
    subject
        .commit(insert_order(order(&format!("order_{session}"), session)))
        .await;
    subject.commit(record(recorded(session))).await;
    let told = OutboxMessage {
        session: Some(SessionId::new(session)),
        payload: "{\"name\":\"Jane Doe\"}".into(),
        ..message(attempt, START)
    };
    subject.commit(send(vec![told])).await;
    let event = InboxEvent {
        payload: format!("{{\"charge\":\"ch-{attempt}\",\"name\":\"Jane Doe\"}}"),
        ..event(&format!("evt_{attempt}"))
    };
    subject.commit(receive(event)).await;
}

/// The address of this buyer is the end of the other's.
pub(crate) async fn events_of_a_buyer_with_a_longer_address_stay(subject: &Subject) {
    purchase(subject, "cs_1", "pa_1", EMAIL).await;
    let of_another = InboxEvent {
        payload: format!("{{\"charge\":\"ch_9\",\"email\":\"anna{EMAIL}\"}}"),
        ..event("evt_9")
    };
    subject.commit(receive(of_another)).await;
    let store = &subject.store;
    let session = store
        .session(&merchant(), &SessionId::new("cs_1"))
        .await
        .unwrap()
        .unwrap();
    let attempt = store
        .attempt(&tillhouse_checkout::ids::AttemptId::new("pa_1"))
        .await
        .unwrap()
        .unwrap();
    let counted = store.count_erased(&erasure(&session, &attempt)).await.unwrap();
    assert_eq!(counted.events, 1);
}

fn erasure(session: &Session, attempt: &Attempt) -> BuyerErasure {
    let (mut session, mut attempt) = (session.clone(), attempt.clone());
    let names = vec![session.id.to_string(), format!("CH-{}", attempt.id), EMAIL.to_owned()];
    session.erase_buyer();
    attempt.erase_buyer();
    BuyerErasure {
        session,
        attempts: vec![attempt],
        order: None,
        names,
    }
}

fn search(by: SessionKey) -> SessionSearch {
    SessionSearch {
        merchant: merchant(),
        by,
    }
}

fn said() -> AuditEntry {
    AuditEntry {
        action: AuditAction::EraseBuyer,
        ..entry("cs_1")
    }
}

async fn events(subject: &Subject) -> Vec<String> {
    let source = EventSource::Stripe(merchant());
    let events = subject.store.list_events(&source, 0, 10).await.unwrap();
    events.into_iter().map(|(_, event)| event.payload).collect()
}

pub(crate) async fn sessions_are_found_by_id_order_and_any_text(subject: &Subject) {
    for (n, email) in ["a@example.com", EMAIL, "janeXdoe@example.com", "JANE_DOE@EXAMPLE.COM"]
        .iter()
        .enumerate()
    {
        purchase(subject, &format!("cs_{n}"), &format!("pa_{n}"), email).await;
    }
    for (by, expected) in [
        (SessionKey::Session(SessionId::new("cs_2")), vec!["cs_2"]),
        (SessionKey::Order(OrderId::new("order_cs_3")), vec!["cs_3"]),
        (SessionKey::Text(EMAIL.into()), vec!["cs_1", "cs_3"]),
        (SessionKey::Text("%@example.com".into()), vec![]),
    ] {
        for limit in [1, 2, 10] {
            let mut found = Vec::new();
            let mut after = Some(0);
            while let Some(row) = after {
                let page = subject
                    .store
                    .find_sessions(&search(by.clone()), row, limit)
                    .await
                    .unwrap();
                found.extend(page.sessions.into_iter().map(|session| session.id.to_string()));
                after = page.next;
            }
            assert_eq!(found, expected, "{by:?} by {limit}");
        }
    }
    let elsewhere = SessionSearch {
        merchant: tillhouse_checkout::ids::MerchantId::new("other"),
        by: SessionKey::Session(SessionId::new("cs_2")),
    };
    let page = subject.store.find_sessions(&elsewhere, 0, 10).await.unwrap();
    assert_eq!((page.sessions, page.next), (vec![], None));
}

/// A cart with the recorded answer to its creation, and the checkout that was begun with it.
async fn save_cart(subject: &Subject, id: &str, begun: &str) {
    let mut recorded = recorded(id);
    recorded.scope.endpoint = "POST /carts".into();
    recorded.reply.body = format!("Jane Doe's {id}").into_bytes();
    let cart = SavedCart {
        id: SavedCartId::new(id),
        draft: Box::new(bought_by(id, EMAIL)),
        checkout: Some(CheckoutOfCart {
            session: SessionId::new(begun),
            cart_revision: 1,
        }),
    };
    subject
        .commit(UnitOfWork {
            saved_cart: Some(SavedCartWrite { cart, replaces: None }),
            idempotency: Some(recorded),
            ..UnitOfWork::default()
        })
        .await;
}

pub(crate) async fn an_erased_buyer_is_nowhere_and_what_was_paid_stays(subject: &Subject) {
    purchase(subject, "cs_1", "pa_1", EMAIL).await;
    purchase(subject, "cs_2", "pa_2", "other@example.com").await;
    save_cart(subject, "cart_1", "cs_1").await;
    save_cart(subject, "cart_2", "cs_2").await;
    let waiting = SessionId::new("cs_1");
    assert_eq!(subject.store.undelivered(&merchant(), &waiting).await.unwrap(), 1);
    for message in lease_all(subject).await {
        subject.store.mark_delivered(&message, START).await.unwrap();
    }
    assert_eq!(subject.store.undelivered(&merchant(), &waiting).await.unwrap(), 0);

    let erasure = erasure(&bought_by("cs_1", EMAIL), &paid_by("pa_1", "cs_1"));
    let rows = ErasedRows {
        sessions: 1,
        attempts: 1,
        messages: 1,
        answers: 2,
        carts: 1,
        events: 1,
    };
    assert_eq!(subject.store.count_erased(&erasure).await.unwrap(), rows);
    assert_eq!(
        subject.store.session(&merchant(), &waiting).await.unwrap(),
        Some(bought_by("cs_1", EMAIL)),
        "counting changes nothing"
    );
    assert_eq!(subject.store.erase_buyer(&erasure, &said()).await.unwrap(), rows);

    let session = subject.store.session(&merchant(), &waiting).await.unwrap().unwrap();
    assert_eq!(session, erasure.session);
    assert_eq!(session.revision, 2);
    let [attempt] = subject
        .store
        .attempts_of(&merchant(), &waiting)
        .await
        .unwrap()
        .try_into()
        .unwrap();
    for json in [serde_json::to_string(&session), serde_json::to_string(&attempt)] {
        let json = json.unwrap();
        assert!(!json.contains(PERSONAL), "{json}");
    }
    assert_eq!(
        (attempt.amount, attempt.reference.as_str()),
        (money(4598), "reference-pa_1")
    );
    assert!(subject.store.order(&merchant(), &waiting).await.unwrap().is_some());
    let answers = async |id| {
        let scope = recorded(id).scope;
        subject.store.idempotency(&scope, START).await.unwrap().is_some()
    };
    assert_eq!((answers("cs_1").await, answers("cs_2").await), (false, true));
    let carts = async |id| {
        let found = subject.store.saved_cart(&merchant(), &SavedCartId::new(id)).await;
        found.unwrap().is_some()
    };
    assert_eq!((carts("cart_1").await, carts("cart_2").await), (false, true));
    let saved = async |id: &str| {
        let scope = IdempotencyScope {
            endpoint: "POST /carts".into(),
            ..recorded(id).scope
        };
        subject.store.idempotency(&scope, START).await.unwrap().is_some()
    };
    assert_eq!((saved("cart_1").await, saved("cart_2").await), (false, true));
    let messages = subject.store.list_messages(&all_messages()).await.unwrap();
    let [other] = messages.as_slice() else {
        panic!("{messages:?}")
    };
    assert_eq!(other.message.dedupe, "pa_2");
    let [mine, theirs] = events(subject).await.try_into().unwrap();
    assert_eq!(mine, "{\"erased\":true}");
    assert!(theirs.contains("Jane Doe"));
    let log = subject.store.audit_log(0, 10).await.unwrap();
    super::journal::verify(&log);
    assert_eq!(log.last().unwrap().entry, said());
}

/// A cart that names the buyer, with which no checkout was begun, is found by the e-mail address alone.
pub(crate) async fn the_saved_carts_of_a_buyer_are_erased_by_the_address(subject: &Subject) {
    for (id, email, begun) in [
        ("cart_1", "JANE_DOE@example.com", None),
        ("cart_2", "anna_jane_doe@example.com", None),
        ("cart_3", EMAIL, Some("cs_3")),
        ("cart_4", EMAIL, Some("cs_4")),
    ] {
        let mut recorded = recorded(id);
        recorded.scope.endpoint = "POST /carts".into();
        recorded.reply.body = format!("Jane Doe's {id}").into_bytes();
        let checkout = begun.map(|session| CheckoutOfCart {
            session: SessionId::new(session),
            cart_revision: 1,
        });
        let cart = SavedCart {
            id: SavedCartId::new(id),
            draft: Box::new(bought_by(id, email)),
            checkout,
        };
        let unit = UnitOfWork {
            saved_cart: Some(SavedCartWrite { cart, replaces: None }),
            idempotency: Some(recorded),
            ..UnitOfWork::default()
        };
        subject.commit(unit).await;
    }
    let erasure = CartErasure {
        merchant: merchant(),
        email: EMAIL.into(),
        except: vec![SessionId::new("cs_4")],
    };
    let rows = ErasedRows {
        answers: 2,
        carts: 2,
        ..ErasedRows::default()
    };
    assert_eq!(subject.store.count_carts(&erasure).await.unwrap(), rows);
    assert_eq!(subject.store.erase_carts(&erasure, &said()).await.unwrap(), rows);
    for (id, stays) in [("cart_1", false), ("cart_2", true), ("cart_3", false), ("cart_4", true)] {
        let cart = subject.store.saved_cart(&merchant(), &SavedCartId::new(id)).await;
        let mut scope = recorded(id).scope;
        scope.endpoint = "POST /carts".into();
        let answer = subject.store.idempotency(&scope, START).await.unwrap();
        assert_eq!((cart.unwrap().is_some(), answer.is_some()), (stays, stays), "{id}");
    }
    assert_eq!(
        subject.store.count_carts(&erasure).await.unwrap(),
        ErasedRows::default()
    );
    let log = subject.store.audit_log(0, 10).await.unwrap();
    assert_eq!(log.last().unwrap().entry, said());
}

pub(crate) async fn an_erasure_of_what_has_changed_since_changes_nothing(subject: &Subject) {
    purchase(subject, "cs_1", "pa_1", EMAIL).await;
    let read = bought_by("cs_1", EMAIL);
    let mut older = read.clone();
    older.revision = 2;
    let stale = erasure(&older, &paid_by("pa_1", "cs_1"));
    let error = subject.store.erase_buyer(&stale, &said()).await.unwrap_err();
    assert!(matches!(error, CommitError::Session), "{error:?}");
    let moved = erasure(&read, &in_state(&paid_by("pa_1", "cs_1"), AttemptStatus::Voided));
    let error = subject.store.erase_buyer(&moved, &said()).await.unwrap_err();
    assert!(matches!(error, CommitError::Attempt), "{error:?}");
    let stored = subject.store.session(&merchant(), &read.id).await.unwrap();
    assert_eq!(stored, Some(read));
    assert_eq!(subject.store.audit_log(0, 10).await.unwrap(), []);
    assert!(events(subject).await[0].contains("Jane Doe"));
}
