//! A completion pays the quote that its caller was shown last, and no other.

use std::time::Duration;

use tillhouse_checkout::attempt::{Attempt, WireEvidence};
use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::cart::{CartEdit, Change as Edit, Choice, RequestedItem};
use tillhouse_checkout::contact::{Contact, RecipientEdit};
use tillhouse_checkout::decision::{ChargeOutcome, Consent};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{ItemId, OptionId, SessionId};
use tillhouse_checkout::operation::{CheckoutOperations, CheckoutResponse, CompleteRequest};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

use crate::testing::{
    Gate, ITEM, Offer, ShopState, TestHost, address, caller, completion, completion_with, recorder, usd,
};

mod meanwhile;

type Change = (&'static str, fn(&mut ShopState));

/// A shop with a fee, a discount, a tax and a price for the option: 1000 + 100 - 50 + 30 + 20.
fn host() -> TestHost {
    let host = TestHost::start();
    host.shop.set(with_parts);
    host
}

fn with_parts(shop: &mut ShopState) {
    shop.price = 1000;
    shop.offer = Offer {
        option: ("post", 20),
        fee: Some(("service", 100)),
        discount: 50,
        tax: 30,
        available: None,
    };
}

async fn read(host: &TestHost, id: &SessionId) -> Session {
    host.api().retrieve(&caller(), id).await.unwrap()
}

/// The processor declines the next charge.
fn decline(host: &TestHost) {
    let declined = ChargeOutcome::Declined {
        code: "do_not_honor".into(),
        retryable: true,
    };
    host.processor
        .set(|script| script.charges.push_back((declined, WireEvidence::Answered)));
}

/// The only attempt to pay the session.
async fn attempt(host: &TestHost, id: &SessionId) -> Attempt {
    let [attempt] = host.attempts(id).await.try_into().unwrap();
    attempt
}

const EQUAL_TOTALS: &[Change] = &[
    ("another fee", |shop| shop.offer.fee = Some(("handling", 100))),
    ("price instead of a fee", |shop| {
        (shop.price, shop.offer.fee) = (1100, None);
    }),
    ("tax instead of a price", |shop| {
        (shop.price, shop.offer.tax) = (900, 130);
    }),
    ("a higher discount on a higher price", |shop| {
        (shop.price, shop.offer.discount) = (1100, 150);
    }),
    ("no discount on a lower price", |shop| {
        (shop.price, shop.offer.discount) = (950, 0);
    }),
    ("another option", |shop| shop.offer.option = ("courier", 20)),
    ("a free option and a higher fee", |shop| {
        (shop.offer.option, shop.offer.fee) = (("post", 0), Some(("service", 120)));
    }),
];

#[tokio::test]
async fn an_equal_total_of_other_parts_is_another_quote() {
    for (what, change) in EQUAL_TOTALS {
        let host = host();
        let id = host.session().await;
        host.shop.set(change);
        for _ in 0..3 {
            let refused = host.complete(completion(&id)).await.unwrap_err();
            assert!(refused.must_read_again(), "{what}: {refused}");
            let text = refused.to_string();
            assert!(
                text.contains("11.00 USD") || text.contains("has changed"),
                "{what}: {text}"
            );
        }
        assert!(host.attempts(&id).await.is_empty(), "{what}");
        assert_eq!(read(&host, &id).await.total(), usd(1100), "{what}");
        host.complete(completion(&id)).await.unwrap();
        assert_eq!(attempt(&host, &id).await.amount, usd(1100), "{what}");
    }
}

#[tokio::test]
async fn a_chosen_option_that_is_gone_is_not_replaced_by_one_of_the_same_price() {
    let host = host();
    let id = host.session().await;
    let chosen = CartEdit {
        choices: Some(vec![Choice::of(OptionId::new("post"))]),
        ..CartEdit::default()
    };
    host.api().update(&caller(), &id, chosen, recorder()).await.unwrap();
    host.shop.set(|shop| shop.offer.option = ("courier", 20));
    for _ in 0..2 {
        let refused = host.complete(completion(&id)).await.unwrap_err();
        assert!(refused.must_read_again(), "{refused}");
    }
    let shown = read(&host, &id).await;
    let mut said = shown.messages().map(|message| message.text.as_str());
    assert!(said.any(|text| text.contains("no longer available")));
    host.complete(completion(&id)).await.unwrap();
    assert_eq!(host.stored(&id).await.cart.choices, []);
}

#[tokio::test]
async fn delivery_times_stock_and_texts_may_change() {
    let host = host();
    let id = host.session().await;
    host.clock.advance(Duration::from_secs(59));
    host.shop.set(|shop| shop.offer.available = Some(1));
    host.complete(completion(&id)).await.unwrap();
}

#[tokio::test]
async fn a_quote_that_changed_back_is_the_one_that_was_shown() {
    let host = host();
    let id = host.session().await;
    host.shop.set(|shop| shop.price = 2000);
    host.shop.set(with_parts);
    host.complete(completion(&id)).await.unwrap();
    assert_eq!(attempt(&host, &id).await.amount, usd(1100));
}

const LOWER: &[Change] = &[
    ("price", |shop| shop.price = 900),
    ("tax", |shop| shop.offer.tax = 0),
    ("fee", |shop| shop.offer.fee = None),
    ("discount", |shop| shop.offer.discount = 60),
    ("same option for less", |shop| shop.offer.option = ("post", 10)),
];

#[tokio::test]
async fn a_lower_total_must_be_shown_by_default() {
    for (what, change) in LOWER {
        let host = host();
        let id = host.session().await;
        host.shop.set(change);
        for _ in 0..2 {
            match host.complete(completion(&id)).await.unwrap_err() {
                CheckoutError::TotalChanged { shown, now } => {
                    assert_eq!(shown, usd(1100), "{what}");
                    assert!(now.amount < shown.amount, "{what}");
                }
                other => panic!("{what}: {other}"),
            }
        }
        assert!(host.attempts(&id).await.is_empty(), "{what}");
        let total = read(&host, &id).await.total();
        host.complete(completion(&id)).await.unwrap();
        assert_eq!(attempt(&host, &id).await.amount, total, "{what}");
    }
}

#[tokio::test]
async fn a_lower_total_is_charged_where_the_merchant_says_so() {
    for (what, change) in LOWER {
        let host = TestHost::with(|merchant| merchant.charges_lower_total = true);
        host.shop.set(with_parts);
        let id = host.session().await;
        host.shop.set(change);
        host.complete(completion(&id)).await.unwrap();
        let stored = host.stored(&id).await;
        assert_eq!(attempt(&host, &id).await.amount, stored.total(), "{what}");
        assert!(stored.total().amount < usd(1100).amount, "{what}");
        let mut said = stored.messages().map(|message| message.text.as_str());
        assert!(said.any(|text| text.contains("from 11.00 USD to")), "{what}");
    }
}

#[tokio::test]
async fn a_lower_total_of_another_purchase_and_a_higher_total_are_never_charged_unseen() {
    let others: &[Change] = &[
        ("a cheaper option", |shop| shop.offer.option = ("pickup", 0)),
        ("a higher total", |shop| shop.price = 1001),
        ("an equal total", |shop| (shop.price, shop.offer.fee) = (1100, None)),
    ];
    for (what, change) in others {
        let host = TestHost::with(|merchant| merchant.charges_lower_total = true);
        host.shop.set(with_parts);
        let id = host.session().await;
        host.shop.set(change);
        for _ in 0..2 {
            let refused = host.complete(completion(&id)).await.unwrap_err();
            assert!(refused.must_read_again(), "{what}: {refused}");
        }
        // Now it would be lower, and the completions before were refused.
        host.shop.set(with_parts);
        host.shop.set(|shop| shop.price = 900);
        let refused = host.complete(completion(&id)).await.unwrap_err();
        assert!(refused.must_read_again(), "{what}: {refused}");
        assert!(host.attempts(&id).await.is_empty(), "{what}");
    }
}

/// The answer of a payment that goes on shows the lower total: from then on it is the one that was shown.
#[tokio::test]
async fn after_a_lower_total_was_declined_the_one_before_it_is_another() {
    let host = TestHost::with(|merchant| merchant.charges_lower_total = true);
    let id = host.session().await;
    host.shop.set(|shop| shop.price = 800);
    decline(&host);
    host.complete(completion(&id)).await.unwrap_err();
    host.shop.set(|shop| shop.price = 900);
    let refused = host.complete(completion_with(&id, "spt_2")).await.unwrap_err();
    assert!(refused.must_read_again(), "{refused}");
}

/// A decline shows nothing: the next completion may pay what was shown before it, and nothing else.
#[tokio::test]
async fn after_a_decline_the_quote_that_was_shown_is_still_the_one() {
    let host = host();
    let id = host.session().await;
    decline(&host);
    decline(&host);
    host.complete(completion_with(&id, "spt_1")).await.unwrap_err();
    host.complete(completion_with(&id, "spt_2")).await.unwrap_err();
    host.shop.set(|shop| shop.offer.fee = Some(("handling", 100)));
    let refused = host.complete(completion_with(&id, "spt_3")).await.unwrap_err();
    assert!(refused.must_read_again(), "{refused}");
    host.shop.set(with_parts);
    let refused = host.complete(completion_with(&id, "spt_4")).await.unwrap_err();
    assert!(refused.must_read_again(), "a retry is not consent: {refused}");
    read(&host, &id).await;
    host.complete(completion_with(&id, "spt_5")).await.unwrap();
    assert_eq!(host.attempts(&id).await.len(), 3);
}

/// A session as it was stored before quotes had digests.
async fn stored_without_digest(host: &TestHost, id: &SessionId) {
    let session = host.stored(id).await;
    let replaces = Some(session.revision);
    let mut json = serde_json::to_value(&session).unwrap();
    let members = json.as_object_mut().unwrap();
    members.remove("shown_quotes").unwrap();
    members.remove("asked").unwrap();
    let total = session.total().amount;
    members.insert("shown".into(), serde_json::json!({"total": total, "outdated": false}));
    let mut session: Session = serde_json::from_value(json).unwrap();
    session.revision += 1;
    let unit = UnitOfWork {
        session: Some(SessionWrite {
            session: Box::new(session),
            replaces,
        }),
        ..UnitOfWork::default()
    };
    host.checkout.store.commit(unit).await.unwrap();
}

#[tokio::test]
async fn a_session_that_was_stored_without_a_digest_must_be_read_first() {
    let host = host();
    let id = host.session().await;
    stored_without_digest(&host, &id).await;
    let host = host.restarted().await;
    host.shop.set(with_parts);
    for _ in 0..2 {
        let refused = host.complete(completion(&id)).await.unwrap_err();
        assert!(matches!(refused, CheckoutError::MustReadAgain), "{refused}");
    }
    read(&host, &id).await;
    let host = host.restarted().await;
    host.shop.set(with_parts);
    host.complete(completion(&id)).await.unwrap();
}

#[tokio::test]
async fn what_one_agent_was_shown_is_not_what_another_one_pays() {
    let host = TestHost::with(|merchant| merchant.shares_sessions = true);
    let id = host.session().await;
    let other = Caller {
        principal: Some("other".into()),
        ..caller()
    };
    let by_other = CompleteRequest {
        caller: other.clone(),
        ..completion(&id)
    };
    let refused = host.complete(by_other.clone()).await.unwrap_err();
    assert!(refused.must_read_again(), "it was shown nothing: {refused}");
    host.api().retrieve(&other, &id).await.unwrap();

    let three = CartEdit {
        items: Some(vec![RequestedItem {
            item: ItemId::new(ITEM),
            quantity: 3,
        }]),
        ..CartEdit::default()
    };
    host.api().update(&caller(), &id, three, recorder()).await.unwrap();
    match host.complete(by_other.clone()).await.unwrap_err() {
        CheckoutError::TotalChanged { shown, now } => assert_eq!((shown, now), (usd(1000), usd(3000))),
        other => panic!("{other}"),
    }
    // A refusal of the other agent's completion does not concern the agent that made the change.
    host.complete(completion(&id)).await.unwrap();
    assert_eq!(attempt(&host, &id).await.amount, usd(3000));
}

#[tokio::test]
async fn another_agent_does_not_change_unseen_to_whom_and_where_the_goods_go() {
    let host = TestHost::with(|merchant| merchant.shares_sessions = true);
    let id = host.session().await;
    let other = Caller {
        principal: Some("other".into()),
        ..caller()
    };
    let to = |contact, address| CartEdit {
        recipient: Edit::Set(RecipientEdit::Parts { contact, address }),
        ..CartEdit::default()
    };
    let someone_else = Contact {
        name: Some("Mallory".into()),
        phone: None,
        email: Some("m@example.com".into()),
    };
    for edit in [to(None, Some(address("FR"))), to(Some(someone_else), None)] {
        host.api().update(&other, &id, edit, recorder()).await.unwrap();
        let refused = host.complete(completion(&id)).await.unwrap_err();
        assert!(matches!(refused, CheckoutError::PartsChanged { .. }), "{refused}");
        assert!(host.attempts(&id).await.is_empty());
        read(&host, &id).await;
    }
    host.complete(completion(&id)).await.unwrap();
}

#[tokio::test]
async fn a_caller_that_changes_the_destination_itself_may_pay_at_once() {
    let host = TestHost::start();
    let id = host.session().await;
    let edit = CartEdit {
        recipient: Edit::Set(RecipientEdit::Parts {
            contact: None,
            address: Some(address("FR")),
        }),
        ..CartEdit::default()
    };
    host.api().update(&caller(), &id, edit, recorder()).await.unwrap();
    host.complete(completion(&id)).await.unwrap();
}

#[tokio::test]
async fn a_caller_that_expects_another_amount_is_not_charged() {
    let host = host();
    let id = host.session().await;
    let expecting = |minor| CompleteRequest {
        expected: Some(usd(minor)),
        ..completion(&id)
    };
    let due = read(&host, &id).await.total().amount.minor();
    for other in [due - 1, due + 1] {
        match host.complete(expecting(other)).await.unwrap_err() {
            CheckoutError::TotalChanged { shown, now } => assert_eq!((shown, now), (usd(other), usd(due))),
            error => panic!("{error}"),
        }
    }
    assert!(host.attempts(&id).await.is_empty());
    assert_eq!(host.stored(&id).await.state.name(), "open");
    host.complete(expecting(due)).await.unwrap();
    assert_eq!(host.stored(&id).await.state.name(), "completed");
}
