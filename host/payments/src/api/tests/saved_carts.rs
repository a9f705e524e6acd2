//! Saved carts: estimated prices, owners, expiry, and the checkouts that are begun with them.

use std::sync::Arc;
use std::time::Duration;

use tillhouse_checkout::cart::{CartEdit, Change, RequestedItem};
use tillhouse_checkout::contact::Buyer;
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::decision::Attribution;
use tillhouse_checkout::idempotency::{IdempotencyKey, IdempotencyScope, Reply};
use tillhouse_checkout::ids::{ItemId, SavedCartId};
use tillhouse_checkout::operation::{CheckoutResponse, CreateCartRequest, ResponseRecorder};
use tillhouse_checkout::time::Clock;

use super::*;
use crate::testing::ITEM;

/// A cart with some units of the download, and its buyer if there is an address.
fn content(quantity: u32, email: Option<&str>) -> CartEdit {
    CartEdit {
        items: Some(vec![RequestedItem {
            item: ItemId::new(ITEM),
            quantity,
        }]),
        buyer: Change::from(email.map(|email| Buyer {
            email: Some(email.into()),
            ..Buyer::default()
        })),
        ..CartEdit::default()
    }
}

/// Answers with the id of the session or of the cart.
fn telling_id() -> ResponseRecorder {
    ResponseRecorder {
        render: Arc::new(|session| Reply {
            status: 200,
            body: session.id.as_str().into(),
        }),
        ..recorder()
    }
}

fn id_in(response: CheckoutResponse) -> String {
    match response {
        CheckoutResponse::Fresh(reply) | CheckoutResponse::InProgress(reply) => String::from_utf8(reply.body).unwrap(),
        CheckoutResponse::Replay(record) => String::from_utf8(record.reply.body).unwrap(),
    }
}

async fn saved(host: &TestHost, edit: CartEdit) -> SavedCartId {
    let request = CreateCartRequest { caller: caller(), edit };
    SavedCartId::new(id_in(host.api().create_cart(request, telling_id()).await.unwrap()))
}

/// A checkout of the cart, with other items in the request.
async fn begun(host: &TestHost, cart: &SavedCartId) -> SessionId {
    let request = CreateRequest {
        edit: content(9, Some("mallory@example.com")),
        saved_cart: Some(cart.clone()),
        ..creation()
    };
    SessionId::new(id_in(host.api().create(request, telling_id()).await.unwrap()))
}

async fn replaced(host: &TestHost, cart: &SavedCartId, edit: CartEdit) {
    let done = host.api().replace_cart(&caller(), cart, edit, recorder()).await;
    done.unwrap();
}

fn is_unknown(error: &CheckoutError) -> bool {
    matches!(error, CheckoutError::UnknownCart(_))
}

#[tokio::test]
async fn a_cart_has_estimated_prices_and_needs_no_buyer() {
    let host = TestHost::start();
    let id = saved(&host, content(2, None)).await;
    let cart = host.api().retrieve_cart(&caller(), &id).await.unwrap();
    assert_eq!(cart.draft.quote.totals.total.minor(), 2000);
    replaced(&host, &id, content(3, None)).await;
    let cart = host.api().retrieve_cart(&caller(), &id).await.unwrap();
    assert_eq!((cart.draft.quote.totals.total.minor(), cart.draft.revision), (3000, 2));
}

#[tokio::test]
async fn what_an_update_leaves_out_is_gone() {
    let host = TestHost::start();
    let spoken = CartEdit {
        locale: Some("de-DE".into()),
        ..content(1, Some("jane@example.com"))
    };
    let id = saved(&host, spoken).await;
    replaced(&host, &id, content(1, None)).await;
    let cart = host.api().retrieve_cart(&caller(), &id).await.unwrap().draft.cart;
    assert_eq!((cart.buyer, cart.locale.as_deref()), (None, Some("de-DE")));
}

#[tokio::test]
async fn a_cart_that_is_canceled_expired_or_of_another_agent_does_not_exist() {
    let host = TestHost::start();
    let api = host.api();
    let [canceled, expired, kept] = [
        saved(&host, content(1, None)).await,
        saved(&host, content(1, None)).await,
        {
            host.clock.advance(Duration::from_secs(3000));
            saved(&host, content(1, None)).await
        },
    ];
    api.cancel_cart(&caller(), &canceled, recorder()).await.unwrap();
    host.clock.advance(Duration::from_secs(600));
    for id in [&canceled, &expired, &SavedCartId::new("cart_none")] {
        assert!(is_unknown(&api.retrieve_cart(&caller(), id).await.unwrap_err()), "{id}");
        let edit = content(1, None);
        let error = api.replace_cart(&caller(), id, edit, recorder()).await.unwrap_err();
        assert!(is_unknown(&error), "{id}");
        assert!(
            is_unknown(&api.cancel_cart(&caller(), id, recorder()).await.unwrap_err()),
            "{id}"
        );
        let request = CreateRequest {
            saved_cart: Some(id.clone()),
            ..creation()
        };
        assert!(is_unknown(&api.create(request, recorder()).await.unwrap_err()), "{id}");
    }
    for by in [
        named(Protocol::Acp, Some("another")),
        named(Protocol::StripeAcs, Some("agent")),
    ] {
        assert!(is_unknown(&api.retrieve_cart(&by, &kept).await.unwrap_err()), "{by:?}");
    }
    assert!(api.retrieve_cart(&caller(), &kept).await.is_ok());
}

#[tokio::test]
async fn a_checkout_gets_items_and_buyer_of_its_cart_and_not_of_the_request() {
    let host = TestHost::start();
    let cart = saved(&host, content(2, Some("jane@example.com"))).await;
    let session = host.stored(&begun(&host, &cart).await).await;
    assert_eq!(session.quote.totals.total.minor(), 2000);
    assert_eq!(session.cart.buyer.unwrap().email.as_deref(), Some("jane@example.com"));
    let cart = saved(&host, content(1, None)).await;
    let session = host.stored(&begun(&host, &cart).await).await;
    assert_eq!(session.cart.buyer, None);
}

#[tokio::test]
async fn a_cart_has_one_checkout_until_that_is_over() {
    let host = TestHost::start();
    let cart = saved(&host, content(1, None)).await;
    let first = begun(&host, &cart).await;
    let added = CartEdit {
        notes: Change::Set("ring twice".into()),
        ..CartEdit::default()
    };
    host.api().update(&caller(), &first, added, recorder()).await.unwrap();
    assert_eq!(begun(&host, &cart).await, first, "the checkout goes on");
    let session = host.stored(&first).await;
    assert_eq!(
        session.cart.notes.as_deref(),
        Some("ring twice"),
        "and keeps what it got since"
    );

    replaced(&host, &cart, content(4, None)).await;
    assert_eq!(begun(&host, &cart).await, first);
    assert_eq!(host.stored(&first).await.quote.totals.total.minor(), 4000);
    host.complete(completion(&first)).await.unwrap();
    let second = begun(&host, &cart).await;
    assert_ne!(second, first, "the buyer buys once more");
    host.api().cancel(&caller(), &second, None, recorder()).await.unwrap();
    assert_ne!(begun(&host, &cart).await, second);
}

#[tokio::test]
async fn a_further_creation_of_a_checkout_changes_all_but_items_and_buyer() {
    let host = TestHost::start();
    let cart = saved(&host, content(2, Some("jane@example.com"))).await;
    let first = begun(&host, &cart).await;
    let before = host.stored(&first).await;
    let mut request = CreateRequest {
        edit: CartEdit {
            notes: Change::Set("ring twice".into()),
            ..content(9, Some("mallory@example.com"))
        },
        attribution: Some(affiliate()),
        saved_cart: Some(cart.clone()),
        ..creation()
    };
    request.agent.interventions = vec!["3ds".into()];
    request.agent.display_name = Some("Mallory".into());
    let again = id_in(host.api().create(request, telling_id()).await.unwrap());
    assert_eq!(again, first.to_string());
    let session = host.stored(&first).await;
    assert_eq!(session.cart.notes.as_deref(), Some("ring twice"));
    assert_eq!(session.attributions, [affiliate()]);
    assert_eq!(session.agent.interventions, ["3ds"]);
    assert_eq!(
        (&session.agent.display_name, &session.agent.principal),
        (&before.agent.display_name, &before.agent.principal)
    );
    assert_eq!(
        (session.cart.lines, session.cart.buyer),
        (before.cart.lines, before.cart.buyer)
    );
}

fn affiliate() -> Attribution {
    Attribution {
        touch: "last".into(),
        provider: "impact.example".into(),
        token: None,
        fields: Vec::new(),
    }
}

#[tokio::test]
async fn many_that_begin_a_checkout_of_one_cart_at_once_get_the_same() {
    let host = Arc::new(TestHost::start());
    let cart = saved(&host, content(1, None)).await;
    let mut begin = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (host, cart) = (Arc::clone(&host), cart.clone());
        begin.spawn(async move { begun(&host, &cart).await });
    }
    let mut sessions = begin.join_all().await;
    sessions.dedup();
    assert_eq!(sessions.len(), 1, "{sessions:?}");
}

#[tokio::test]
async fn a_key_has_one_cart() {
    let host = TestHost::start();
    let keyed = || ResponseRecorder {
        key: Some(IdempotencyKey {
            scope: IdempotencyScope {
                merchant: caller().merchant,
                principal: "agent".into(),
                endpoint: "POST /carts".into(),
                key: "k".into(),
            },
            fingerprint: [1; 32],
            expires: host.clock.now().after(Duration::from_secs(60)),
        }),
        deadline: Deadline::default(),
        ..telling_id()
    };
    let request = || CreateCartRequest {
        caller: caller(),
        edit: content(1, None),
    };
    let first = id_in(host.api().create_cart(request(), keyed()).await.unwrap());
    let again = host.api().create_cart(request(), keyed()).await.unwrap();
    assert!(matches!(again, CheckoutResponse::Replay(_)));
    assert_eq!(id_in(again), first);
}

#[tokio::test]
async fn an_agent_keeps_as_many_carts_as_it_may_have_sessions() {
    let host = TestHost::with(|merchant| merchant.max_open_sessions = 2);
    saved(&host, content(1, None)).await;
    let kept = saved(&host, content(1, None)).await;
    let request = || CreateCartRequest {
        caller: caller(),
        edit: content(1, None),
    };
    let refused = host.api().create_cart(request(), recorder()).await.unwrap_err();
    assert!(matches!(refused, CheckoutError::TooManyCarts { limit: 2 }), "{refused}");
    host.api().cancel_cart(&caller(), &kept, recorder()).await.unwrap();
    host.api().create_cart(request(), recorder()).await.unwrap();
}

#[tokio::test]
async fn a_cart_of_which_nothing_can_be_bought_is_refused() {
    let host = TestHost::start();
    let id = saved(&host, content(1, None)).await;
    host.shop.set(|shop| shop.offer.available = Some(0));
    let request = CreateCartRequest {
        caller: caller(),
        edit: content(1, None),
    };
    let refused = host.api().create_cart(request, recorder()).await.unwrap_err();
    assert!(matches!(refused, CheckoutError::NothingAvailable), "{refused}");
    let edit = content(2, None);
    let refused = host
        .api()
        .replace_cart(&caller(), &id, edit, recorder())
        .await
        .unwrap_err();
    assert!(matches!(refused, CheckoutError::NothingAvailable), "{refused}");
    let cart = host.api().retrieve_cart(&caller(), &id).await.unwrap();
    assert_eq!(cart.draft.cart.lines.first().unwrap().quantity, 1, "it is as it was");
}
