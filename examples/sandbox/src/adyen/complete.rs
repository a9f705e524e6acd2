//! The payment of a session, in both flows.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::amount;
use super::delivery::{Delivery, What, deliver};
use super::front::Relay;
use super::ledger::NewPayment;
use super::merchant::{FinalizeBy, Flow, MerchantCall, MerchantConnection, call, send};
use super::messages::Refusal;
use super::payment::{Decision, PaidBy, Payment, RefusalReason, ResultCode};
use super::psp_reference::PspReference;
use super::session::Progress;
use super::state::AdyenState;
use super::token::{AgenticToken, Due};
use crate::card::{Behaviour, RefundBehaviour, brand};
use crate::id::{AgenticTokenId, CheckoutSessionId};
use crate::money::Amount;
use crate::sync::lock;

/// What the buyer is told of a declined payment: not why.
pub(super) const DECLINED: &str = "The payment was declined. Use another payment method.";

/// A complete request that was checked: the session is being paid with this token.
pub(super) struct Completion {
    pub(super) merchant: Arc<MerchantConnection>,
    pub(super) id: CheckoutSessionId,
    pub(super) token: AgenticToken,
    pub(super) amount: Amount,
    /// Members of the request that the merchant is told: buyer, billing address, consents, attribution.
    pub(super) details: Map<String, Value>,
}

/// How the request of the agent ends.
pub(super) struct Completed {
    pub(super) session: Value,
    /// Whether the answer is sent: one test card loses it.
    pub(super) sent: bool,
}

impl Completion {
    /// Pays the session. It is open again if nothing was charged.
    pub(super) async fn run(self, state: &Arc<AdyenState>) -> Result<Completed, Refusal> {
        match self.merchant.flow {
            Flow::Standard => self.standard(state).await,
            Flow::Advanced => self.advanced(state).await,
        }
    }

    async fn standard(self, state: &Arc<AdyenState>) -> Result<Completed, Refusal> {
        let overtaken = self.merchant.commits && state.merchant_faults.take_reordered(MerchantCall::Commit);
        if self.merchant.commits && !overtaken {
            self.commit(state).await?;
        }
        let behaviour = self.token.card.map(|card| card.behaviour);
        if behaviour == Some(Behaviour::ApproveSlowly) {
            state.slow_card().await;
        }
        let payment = self.charge(state)?;
        self.finalize(state, &payment).await;
        if overtaken {
            let late = send(
                state,
                &self.merchant,
                MerchantCall::Commit,
                self.id.as_str(),
                &self.commit_body(),
            )
            .await;
            let order = late.ok().and_then(|answer| answer.body.get("order").cloned());
            if let (Some(order), Some(session)) = (order, lock(&state.sessions).get_mut(&self.id)) {
                session.set_order(order);
            }
        }
        self.ended(state, behaviour != Some(Behaviour::LoseAnswer))
    }

    /// Asks the merchant for the last time. Nothing is charged unless it agrees.
    async fn commit(&self, state: &Arc<AdyenState>) -> Result<(), Refusal> {
        let answer = call(
            state,
            &self.merchant,
            MerchantCall::Commit,
            self.id.as_str(),
            &self.commit_body(),
        )
        .await;
        let mut sessions = lock(&state.sessions);
        let session = sessions.get_mut(&self.id).ok_or_else(Refusal::not_found)?;
        let refusal = match Relay::of(answer) {
            Relay::Accepted(body) => match session.take(&body) {
                Ok(()) if session.total().as_ref() == Some(&self.amount) => return Ok(()),
                Ok(()) => Refusal::rejected("PRICE_MISMATCH", "The total has changed. Read the session again."),
                Err(member) => Relay::malformed(member),
            },
            Relay::Refused(refusal, body) => {
                let _ = session.take(&body);
                refusal
            }
        };
        session.progress = Progress::Open;
        Err(refusal.with_session(session.shown()))
    }

    fn commit_body(&self) -> Value {
        let mut body = self.details.clone();
        body.insert("amount".into(), amount::to_json(&self.amount));
        let number = self.token.card.map_or("", |card| card.number);
        let payment = json!({"provider": "adyen", "type": "scheme", "brand": brand(number), "last4": self.token.last4});
        body.insert("payment_data".into(), payment);
        body.insert(
            "risk_signals".into(),
            json!({"type": "platform_score", "score": 10, "action": "authorized"}),
        );
        body.into()
    }

    /// Uses the token up and charges its card.
    fn charge(&self, state: &AdyenState) -> Result<Payment, Refusal> {
        let now = state.pipeline.clock.now();
        let taken = lock(&state.tokens).take(&self.token.id, &self.due(now));
        let mut sessions = lock(&state.sessions);
        let session = sessions.get_mut(&self.id).ok_or_else(Refusal::not_found)?;
        if let Err(problem) = taken {
            session.progress = Progress::Open;
            return Err(Refusal::rejected(problem.code(), problem.content()).with_session(session.shown()));
        }
        let order = session
            .order()
            .and_then(|order| order.get("id"))
            .and_then(Value::as_str);
        let new = NewPayment {
            merchant_account: self.merchant.merchant_account.clone(),
            reference: order.unwrap_or(self.id.as_str()).to_owned(),
            order: order.map(str::to_owned),
            return_url: None,
            session: Some(self.id.to_string()),
            token: Some(self.token.id.clone()),
            paid_by: PaidBy::Adyen,
            last4: self.token.last4.clone(),
            manual_capture: false,
            refunds: self
                .token
                .card
                .map_or(RefundBehaviour::default(), |card| card.behaviour.refunds()),
        };
        Ok(lock(&state.ledger).pay(new, self.decision(now), now))
    }

    pub(super) fn due(&self, now: i64) -> Due<'_> {
        Due {
            session: Some(self.id.as_str()),
            accounts: [&self.merchant.company_account, &self.merchant.merchant_account],
            amount: &self.amount,
            now,
        }
    }

    /// What the card decides; this flow has no authentication of the buyer.
    fn decision(&self, now: i64) -> Decision {
        if self.token.card.map(|card| card.behaviour) == Some(Behaviour::ServerError) {
            return Decision::refused(RefusalReason::of_decline("acquirer_error"), &self.amount);
        }
        let decision = Decision::of(self.token.card, self.token.has_expired_card(now), false, &self.amount);
        match decision.result_code {
            ResultCode::ChallengeShopper => Decision::refused(RefusalReason::NOT_AUTHENTICATED, &self.amount),
            _ => decision,
        }
    }

    /// Tells the merchant what became of the payment; a pending one is told when it is decided.
    async fn finalize(&self, state: &Arc<AdyenState>, payment: &Payment) {
        if payment.result_code == ResultCode::Pending {
            return;
        }
        tell_result(state, &self.merchant, &self.id, &self.token.id, payment).await;
    }

    async fn advanced(self, state: &Arc<AdyenState>) -> Result<Completed, Refusal> {
        let mut body = self.details.clone();
        let mut payment = Map::from_iter([
            ("provider".to_owned(), json!("adyen")),
            ("token".to_owned(), json!(self.token.id)),
        ]);
        if let Some(billing) = body.remove("billing_address") {
            payment.insert("billing_address".to_owned(), billing);
        }
        body.insert("payment_data".into(), payment.into());
        body.insert("amount".into(), amount::to_json(&self.amount));
        let delivery = Delivery {
            merchant: Arc::clone(&self.merchant),
            token: self.token.id.clone(),
            what: What::Token(body.into()),
        };
        if let Some(session) = lock(&state.sessions).get_mut(&self.id) {
            session.delivery = Some(delivery);
        }
        deliver(state, &self.id).await;
        if let Some(session) = lock(&state.sessions).get_mut(&self.id)
            && let Some(refusal) = session.refusal.take()
        {
            return Err(refusal.with_session(session.shown()));
        }
        self.ended(state, true)
    }

    fn ended(&self, state: &AdyenState, sent: bool) -> Result<Completed, Refusal> {
        let mut sessions = lock(&state.sessions);
        let session = sessions.get_mut(&self.id).ok_or_else(Refusal::not_found)?;
        Ok(Completed {
            session: session.shown(),
            sent,
        })
    }
}

/// Delivers the result of a payment of the standard flow, and opens the session again where nothing was paid.
pub(super) async fn tell_result(
    state: &Arc<AdyenState>,
    merchant: &Arc<MerchantConnection>,
    id: &CheckoutSessionId,
    token: &AgenticTokenId,
    payment: &Payment,
) {
    let paid = payment.result_code.is_authorised();
    let what = What::Finalize {
        payment: payment.psp_reference.clone(),
        body: finalize_body(payment),
        paid,
    };
    if let Some(session) = lock(&state.sessions).get_mut(id) {
        session.delivery = Some(Delivery {
            merchant: Arc::clone(merchant),
            token: token.clone(),
            what,
        });
    }
    deliver(state, id).await;
    if merchant.finalize_by == FinalizeBy::Call {
        // A merchant that has a webhook is told over both ways.
        state.announce_payment(payment);
    }
    if paid {
        return;
    }
    if let Some(session) = lock(&state.sessions).get_mut(id) {
        session.progress = Progress::Open;
        session.tell("PAYMENT_DECLINED", DECLINED);
    }
}

/// The body of a finalize, with the members of the Checkout API.
fn finalize_body(payment: &Payment) -> Value {
    finalize(
        &payment.psp_reference,
        payment.result_code.as_str(),
        &payment.amount,
        Some(&payment.reference),
        payment.refusal.map(|refusal| refusal.reason),
    )
}

/// The body of a finalize, for tests that send one of their own.
pub(super) fn finalize(
    psp_reference: &PspReference,
    result_code: &str,
    amount: &Amount,
    reference: Option<&str>,
    refusal: Option<&str>,
) -> Value {
    let mut body = json!({
        "pspReference": psp_reference,
        "resultCode": result_code,
        "amount": amount::to_json(amount),
    });
    if let Some(members) = body.as_object_mut() {
        members.extend(reference.map(|reference| ("merchantReference".to_owned(), reference.into())));
        members.extend(refusal.map(|refusal| ("refusalReason".to_owned(), refusal.into())));
    }
    body
}
