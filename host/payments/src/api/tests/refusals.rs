//! A protocol may refuse a session before it is stored: then nothing was done, and only the answer is kept.

use std::sync::Arc;

use tillhouse_checkout::caller::{Caller, Protocol};
use tillhouse_checkout::cart::{CartEdit, Choice, RequestedItem};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::Reply;
use tillhouse_checkout::ids::{ItemId, OptionId};
use tillhouse_checkout::message::Subject;
use tillhouse_checkout::operation::{CheckoutOperations, CheckoutResponse, CreateRequest, RefusalFn, ResponseRecorder};
use tillhouse_checkout::ports::{SessionKey, SessionSearch};

use crate::testing::{ITEM, TestHost, caller, creation, key, recorder};

/// Refuses more than one unit, and says how many there are and were.
fn at_most_one() -> RefusalFn {
    Arc::new(|proposed, before| {
        let units = |session: &tillhouse_checkout::session::Session| session.cart.lines[0].quantity;
        let before = before.map_or_else(|| "none".to_owned(), |before| units(before).to_string());
        (units(proposed) > 1).then(|| Reply {
            status: 422,
            body: format!("{} instead of {before}", units(proposed)).into_bytes(),
        })
    })
}

fn refusing(name: &str) -> ResponseRecorder {
    ResponseRecorder {
        key: Some(key(name)),
        ..recorder().refusing(at_most_one())
    }
}

fn units(quantity: u32) -> CartEdit {
    CartEdit {
        items: Some(vec![RequestedItem {
            item: ItemId::new(ITEM),
            quantity,
        }]),
        ..CartEdit::default()
    }
}

fn text(response: CheckoutResponse) -> String {
    match response {
        CheckoutResponse::Fresh(reply) => String::from_utf8(reply.body).unwrap(),
        CheckoutResponse::Replay(record) => format!("again: {}", String::from_utf8(record.reply.body).unwrap()),
        CheckoutResponse::InProgress(_) => panic!("nothing is paid"),
    }
}

#[tokio::test]
async fn a_refused_creation_stores_nothing_but_its_answer() {
    let host = TestHost::start();
    let request = CreateRequest {
        edit: units(2),
        ..creation()
    };
    let api = host.api();
    let refused = api.create(request.clone(), refusing("k")).await.unwrap();
    assert_eq!(text(refused), "2 instead of none");
    let again = api.create(request, refusing("k")).await.unwrap();
    assert_eq!(text(again), "again: 2 instead of none");
    let all = SessionSearch {
        merchant: caller().merchant,
        by: SessionKey::Text(ITEM.to_owned()),
    };
    let found = host.checkout.store.find_sessions(&all, 0, 1).await.unwrap();
    assert!(found.sessions.is_empty(), "{found:?}");
}

#[tokio::test]
async fn a_refused_update_leaves_the_session_as_it_was() {
    let host = TestHost::start();
    let id = host.session().await;
    let before = host.stored(&id).await;
    let api = host.api();
    let refused = api.update(&caller(), &id, units(3), refusing("k")).await.unwrap();
    assert_eq!(text(refused), "3 instead of 1");
    assert_eq!(host.stored(&id).await, before);
    api.update(&caller(), &id, units(1), refusing("l")).await.unwrap();
    assert_eq!(host.stored(&id).await.revision, before.revision + 1);
}

#[tokio::test]
async fn an_option_that_is_not_on_offer_is_a_wish_on_creation_where_the_protocol_says_so() {
    let host = TestHost::start();
    let wishing = |protocol: Protocol| {
        let made = creation();
        CreateRequest {
            caller: Caller { protocol, ..caller() },
            edit: CartEdit {
                choices: Some(vec![Choice::of(OptionId::new("teleport"))]),
                ..made.edit.clone()
            },
            ..made
        }
    };
    let id = host.session_of(wishing(Protocol::AdyenAgent)).await;
    let session = host.stored(&id).await;
    assert_eq!(session.quote.selected[0].option.as_str(), "download");
    assert!(session.cart.choices.is_empty());
    let told = session
        .quote
        .messages
        .iter()
        .any(|message| message.about == Subject::Choice);
    assert!(told, "{:?}", session.quote.messages);
    let refused = host.api().create(wishing(Protocol::Acp), recorder()).await;
    assert!(matches!(refused, Err(CheckoutError::UnknownOption(_))), "{refused:?}");
}
