use super::of;
use crate::testing::{TestHost, completion};
use tillhouse_checkout::decision::RejectedCode;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::message::{Message, Subject};
use tillhouse_checkout::session::Session;

async fn session(change: impl FnOnce(&mut Session)) -> Session {
    let host = TestHost::start();
    let id = host.session().await;
    let mut session = host.stored(&id).await;
    session.cart.codes = vec!["OTHER".into(), "ONCE".into()];
    change(&mut session);
    session
}

fn rejected(code: &str) -> RejectedCode {
    RejectedCode {
        code: code.into(),
        reason: "discount_code_usage_limit_reached".into(),
        message: "It was used as often as it may be.".into(),
    }
}

#[tokio::test]
async fn a_code_that_applied_before_and_does_not_now_is_what_ran_out() {
    let now = session(|session| session.quote.rejected_codes = vec![rejected("OTHER"), rejected("ONCE")]).await;
    match of(&now, &["ONCE".into()]) {
        CheckoutError::CodeUsedUp {
            code, position, reason, ..
        } => assert_eq!(
            (code.as_str(), position, reason.as_str()),
            ("ONCE", 1, "discount_code_usage_limit_reached")
        ),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn stock_is_what_ran_out_only_where_the_quote_says_so() {
    let with = |code: &'static str| {
        session(move |session| {
            let error = Message::error(code, Subject::Lines, "none left");
            session.quote.messages.push(error);
        })
    };
    assert!(matches!(
        of(&with("out_of_stock").await, &[]),
        CheckoutError::OutOfStock
    ));
    assert!(matches!(
        of(&with("quantity_exceeded").await, &[]),
        CheckoutError::OutOfStock
    ));
    assert!(matches!(
        of(&with("region_restricted").await, &[]),
        CheckoutError::NotReady(_)
    ));
    // A code that did not apply before is not what is missing.
    let other = session(|session| session.quote.rejected_codes = vec![rejected("OTHER")]).await;
    assert!(matches!(of(&other, &["ONCE".into()]), CheckoutError::LimitReached));
}

#[tokio::test]
async fn a_counter_that_no_quote_shows_is_not_called_stock() {
    let host = TestHost::start();
    let id = host.session().await;
    host.shop.set(|shop| shop.shortage = Some("kv/raffle-tickets"));
    let refused = host.complete(completion(&id)).await.unwrap_err();
    assert!(matches!(refused, CheckoutError::LimitReached), "{refused:?}");
    assert!(!refused.to_string().contains("stock"), "{refused}");
    assert!(host.attempts(&id).await.is_empty());
}
