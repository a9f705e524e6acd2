//! What the merchant has to be told of a payment, until it has answered.

use std::sync::Arc;

use serde_json::{Value, json};

use super::complete::DECLINED;
use super::front::Relay;
use super::merchant::{FinalizeBy, MerchantAnswer, MerchantCall, MerchantConnection, NoAnswer, call};
use super::payment::Payment;
use super::psp_reference::PspReference;
use super::session::{AdyenSession, Progress};
use super::state::AdyenState;
use super::webhook;
use crate::id::{AgenticTokenId, CheckoutSessionId};
use crate::sync::lock;

/// A call that is repeated until the merchant has answered it.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) merchant: Arc<MerchantConnection>,
    pub(super) token: AgenticTokenId,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    /// Adyen has charged, or has tried to: `paid` is whether there is money.
    Finalize {
        payment: PspReference,
        body: Value,
        paid: bool,
    },
    /// The merchant is to charge the token.
    Token(Value),
}

/// What an answer to a delivery means for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The merchant has answered.
    Done,
    /// It is sent again.
    Again,
    /// It is not sent again by itself.
    Waits,
}

/// Tells the merchant, and goes on with it in the background until it answers.
pub(super) async fn deliver(state: &Arc<AdyenState>, id: &CheckoutSessionId) {
    if attempt(state, id).await != Next::Again {
        return;
    }
    let (state, id) = (Arc::clone(state), id.clone());
    let tasks = state.pipeline.lifetime.tasks.clone();
    tasks.spawn(async move {
        loop {
            tokio::select! {
                () = tokio::time::sleep(state.config.retry_delay) => {}
                () = state.pipeline.lifetime.stop.cancelled() => return,
            }
            if attempt(&state, &id).await != Next::Again {
                return;
            }
        }
    });
}

async fn attempt(state: &Arc<AdyenState>, id: &CheckoutSessionId) -> Next {
    let pending = lock(&state.sessions)
        .get_mut(id)
        .and_then(|session| session.delivery.clone());
    let Some(delivery) = pending else { return Next::Done };
    let answer = match &delivery.what {
        What::Finalize { payment, .. } if delivery.merchant.finalize_by == FinalizeBy::Webhook => {
            webhook::report_payment(state, &delivery.merchant, payment).await
        }
        What::Finalize { body, .. } => call(state, &delivery.merchant, MerchantCall::Finalize, id.as_str(), body).await,
        What::Token(body) => call(state, &delivery.merchant, MerchantCall::Token, id.as_str(), body).await,
    };
    settle(state, id, answer)
}

/// Ends the delivery of a session with an answer that came late.
pub(super) fn settle_late(state: &AdyenState, id: &CheckoutSessionId, answer: Result<MerchantAnswer, NoAnswer>) {
    settle(state, id, answer);
}

fn settle(state: &AdyenState, id: &CheckoutSessionId, answer: Result<MerchantAnswer, NoAnswer>) -> Next {
    let mut sessions = lock(&state.sessions);
    let Some(session) = sessions.get_mut(id) else {
        return Next::Done;
    };
    let Some(delivery) = session.delivery.clone() else {
        return Next::Done;
    };
    let answer = match answer {
        Ok(answer) if answer.status < 500 => answer,
        Err(NoAnswer::NotDelivered) => return Next::Waits,
        Ok(_) | Err(NoAnswer::TimedOut | NoAnswer::Unreachable) => return Next::Again,
    };
    let next = match &delivery.what {
        What::Finalize { paid, .. } => {
            if *paid {
                finalized(session, &delivery, &answer);
            }
            Next::Done
        }
        What::Token(_) => token_taken(state, session, &delivery, &answer),
    };
    if next == Next::Done {
        session.delivery = None;
    }
    next
}

fn finalized(session: &mut AdyenSession, delivery: &Delivery, answer: &MerchantAnswer) {
    if !answer.is_success() {
        // The money is there and the order is not: people have to look at it, on both sides.
        let content = "The payment was made, but the merchant has not confirmed the order.";
        session.tell("ORDER_NOT_CONFIRMED", content);
        return;
    }
    if session.order().is_none() {
        // A finalize without a commit is acknowledged without a body, so that the order has no name of its own here.
        let order = json!({
            "id": session.id,
            "checkout_session_id": session.id,
            "permalink_url": format!("{}/orders/{}", delivery.merchant.base_url, session.id),
        });
        session.set_order(order);
    }
    session.progress = Progress::Completed(delivery.token.clone());
}

/// The merchant's answer to a token: paid, refused, or under way.
fn token_taken(state: &AdyenState, session: &mut AdyenSession, delivery: &Delivery, answer: &MerchantAnswer) -> Next {
    if !answer.is_success() {
        session.progress = Progress::Open;
        // A refusal need not have the session; what was there before is still right then.
        let _ = session.take(&answer.body);
        if answer.has_code("PAYMENT_DECLINED") {
            session.tell("PAYMENT_DECLINED", DECLINED);
        } else if let Relay::Refused(refusal, _) = Relay::of(Ok(answer.clone())) {
            session.refusal = Some(refusal);
        }
        return Next::Done;
    }
    if answer.body.get("status").and_then(Value::as_str) == Some("in_progress") {
        return Next::Again;
    }
    let paid = lock(&state.ledger).of_token(&delivery.token).cloned();
    let Some(payment) = paid.filter(|payment| payment.result_code.is_authorised() && !payment.canceled) else {
        session.progress = Progress::Open;
        session.tell(
            "PAYMENT_DECLINED",
            "The merchant has acknowledged a payment that was not made.",
        );
        return Next::Done;
    };
    let _ = session.take(&answer.body);
    if session.order().is_none() {
        session.set_order(order_of(&payment, &session.id));
    }
    session.progress = Progress::Completed(delivery.token.clone());
    Next::Done
}

/// The order as the merchant has named it in its payment.
fn order_of(payment: &Payment, session: &CheckoutSessionId) -> Value {
    json!({
        "id": payment.order.as_ref().unwrap_or(&payment.reference),
        "checkout_session_id": session,
        "permalink_url": payment.return_url,
    })
}
