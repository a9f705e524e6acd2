//! The Checkout API: payments and their modifications.

mod error;
mod request;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

pub(super) use self::error::{CheckoutDialect, CheckoutError};
use self::request::{PaidWith, PaymentRequest};
use super::Operation;
use super::amount;
use super::ledger::{ModificationProblem, NewModification, NewPayment};
use super::payment::{Decision, Modification, ModificationKind, PaidBy, Payment, RefusalReason, ResultCode};
use super::psp_reference::PspReference;
use super::state::AdyenState;
use super::token::{Due, TokenProblem};
use crate::answer::{JsonAnswer, Outcome};
use crate::authentication::ProofCheck;
use crate::card::{Behaviour, RefundBehaviour, TestCard};
use crate::clock::year_and_month;
use crate::incoming_request::IncomingRequest;
use crate::sync::lock;

type Shared = State<Arc<AdyenState>>;

pub(super) async fn pay(State(state): Shared, incoming: IncomingRequest) -> Response {
    let shared = Arc::clone(&state);
    let work = |body: Value| async move {
        let request = match PaymentRequest::read(&body, &shared.config.token_field) {
            Ok(request) => request,
            Err(error) => return error.into(),
        };
        make_payment(&shared, request).await
    };
    write(state, Operation::Pay, incoming, work).await
}

async fn make_payment(state: &Arc<AdyenState>, request: PaymentRequest) -> Outcome {
    let prepared = match prepare(state, &request) {
        Ok(prepared) => prepared,
        Err(error) => return error.into(),
    };
    let behaviour = prepared.card.map(|card| card.behaviour);
    if behaviour == Some(Behaviour::ApproveSlowly) {
        state.slow_card().await;
    }
    if behaviour == Some(Behaviour::ServerError) {
        return CheckoutError::internal().into();
    }
    let payment = match enter(state, request, prepared) {
        Ok(payment) => payment,
        Err(error) => return error.into(),
    };
    state.announce_payment(&payment);
    let answer = JsonAnswer::ok(payment_body(&payment));
    if behaviour == Some(Behaviour::LoseAnswer) {
        return Outcome::dropped(answer);
    }
    Outcome::stored(answer)
}

/// The card behind a payment, which is not made yet.
struct Prepared {
    card: Option<&'static TestCard>,
    card_expired: bool,
    last4: String,
    session: Option<String>,
}

fn prepare(state: &AdyenState, request: &PaymentRequest) -> Result<Prepared, CheckoutError> {
    let now = state.pipeline.clock.now();
    if !state.is_account(&request.merchant_account) {
        return Err(CheckoutError::invalid_account());
    }
    match &request.paid_with {
        PaidWith::Token(id) => {
            let company = state.company_of(&request.merchant_account);
            let token = lock(&state.tokens)
                .check(id, &due(&company, request, now))
                .map_err(refused_token)?;
            Ok(Prepared {
                card: token.card,
                card_expired: token.has_expired_card(now),
                last4: token.last4,
                session: Some(token.checkout_session_id),
            })
        }
        PaidWith::Card {
            card,
            last4,
            good_through,
        } => Ok(Prepared {
            card: *card,
            card_expired: good_through.is_some_and(|month| month < year_and_month(now)),
            last4: last4.clone(),
            session: None,
        }),
    }
}

fn due<'a>(company: &'a str, request: &'a PaymentRequest, now: i64) -> Due<'a> {
    Due {
        session: None,
        accounts: [company, &request.merchant_account],
        amount: &request.amount,
        now,
    }
}

fn refused_token(problem: TokenProblem) -> CheckoutError {
    match problem {
        TokenProblem::Invalid | TokenProblem::Expired => CheckoutError::token(),
        TokenProblem::Currency | TokenProblem::Amount => CheckoutError::validation("137", problem.content()),
    }
}

/// Uses the token up and enters the payment.
fn enter(state: &AdyenState, request: PaymentRequest, prepared: Prepared) -> Result<Payment, CheckoutError> {
    let now = state.pipeline.clock.now();
    let token = match &request.paid_with {
        PaidWith::Token(id) => {
            let company = state.company_of(&request.merchant_account);
            let taken = lock(&state.tokens).take(id, &due(&company, &request, now));
            Some(taken.map_err(refused_token)?.id)
        }
        PaidWith::Card { .. } => None,
    };
    let proof = state.authentications.check(request.proof.as_ref());
    let mut decision = Decision::of(
        prepared.card,
        prepared.card_expired,
        proof == ProofCheck::Valid,
        &request.amount,
    );
    if proof == ProofCheck::Invalid {
        decision = Decision::refused(RefusalReason::NOT_AUTHENTICATED, &request.amount);
    }
    let refunds = prepared
        .card
        .map_or(RefundBehaviour::default(), |card| card.behaviour.refunds());
    let new = NewPayment {
        merchant_account: request.merchant_account,
        reference: request.reference,
        order: request.order,
        return_url: Some(request.return_url),
        session: prepared.session,
        token,
        paid_by: PaidBy::Merchant,
        last4: prepared.last4,
        manual_capture: request.manual_capture,
        refunds,
    };
    Ok(lock(&state.ledger).pay(new, decision, now))
}

fn payment_body(payment: &Payment) -> Value {
    let mut body = json!({
        "pspReference": payment.psp_reference,
        "resultCode": payment.result_code,
        "amount": amount::to_json(&payment.amount),
        "merchantReference": payment.reference,
    });
    if let Some(members) = body.as_object_mut() {
        if let Some(refusal) = payment.refusal {
            members.insert("refusalReason".into(), refusal.reason.into());
            members.insert("refusalReasonCode".into(), refusal.code.into());
        }
        if payment.result_code == ResultCode::ChallengeShopper {
            let action = json!({"type": "threeDS2", "subtype": "challenge", "paymentMethodType": "scheme"});
            members.insert("action".into(), action);
        }
    }
    body
}

pub(super) async fn capture(state: Shared, id: Path<String>, incoming: IncomingRequest) -> Response {
    modify(state, id, ModificationKind::Capture, incoming).await
}

pub(super) async fn cancel(state: Shared, id: Path<String>, incoming: IncomingRequest) -> Response {
    modify(state, id, ModificationKind::Cancel, incoming).await
}

pub(super) async fn refund(state: Shared, id: Path<String>, incoming: IncomingRequest) -> Response {
    modify(state, id, ModificationKind::Refund, incoming).await
}

pub(super) async fn reverse(state: Shared, id: Path<String>, incoming: IncomingRequest) -> Response {
    modify(state, id, ModificationKind::Reversal, incoming).await
}

async fn modify(
    State(state): Shared,
    Path(id): Path<String>,
    kind: ModificationKind,
    incoming: IncomingRequest,
) -> Response {
    let (shared, id) = (Arc::clone(&state), PspReference::from(id));
    let operation = match kind {
        ModificationKind::Capture => Operation::Capture,
        ModificationKind::Cancel => Operation::CancelPayment,
        ModificationKind::Refund => Operation::Refund,
        ModificationKind::Reversal => Operation::Reverse,
    };
    let work = |body: Value| async move {
        let has_amount = matches!(kind, ModificationKind::Capture | ModificationKind::Refund);
        let taken = request::modification(&body, has_amount)
            .and_then(|(account, new)| take_modification(&shared, &id, &account, kind, new));
        match taken {
            Ok((payment, modification)) => {
                shared.announce_modification(&modification);
                let answer = JsonAnswer::new(StatusCode::CREATED, modification_body(&payment, &modification));
                if kind == ModificationKind::Refund && payment.refunds == RefundBehaviour::LoseAnswer {
                    return Outcome::dropped(answer);
                }
                Outcome::stored(answer)
            }
            Err(error) => error.into(),
        }
    };
    write(state, operation, incoming, work).await
}

fn take_modification(
    state: &AdyenState,
    id: &PspReference,
    account: &str,
    kind: ModificationKind,
    new: NewModification,
) -> Result<(Payment, Modification), CheckoutError> {
    let mut ledger = lock(&state.ledger);
    let is_own = ledger
        .payment(id)
        .is_some_and(|payment| payment.merchant_account == account);
    if !is_own {
        return Err(CheckoutError::unknown_payment());
    }
    let taken = ledger.modify(id, kind, new, state.pipeline.clock.now());
    let modification = taken.map_err(|problem| match problem {
        ModificationProblem::UnknownPayment => CheckoutError::unknown_payment(),
        ModificationProblem::NotAllowed(why) => CheckoutError::validation("137", format!("Invalid amount: {why}")),
    })?;
    let payment = ledger.payment(id).cloned().ok_or_else(CheckoutError::unknown_payment)?;
    Ok((payment, modification))
}

fn modification_body(payment: &Payment, modification: &Modification) -> Value {
    let mut body = json!({
        "merchantAccount": payment.merchant_account,
        "paymentPspReference": payment.psp_reference,
        "pspReference": modification.psp_reference,
        "status": "received",
    });
    if let Some(members) = body.as_object_mut() {
        if let Some(amount) = &modification.amount {
            members.insert("amount".into(), amount::to_json(amount));
        }
        if let Some(reference) = &modification.reference {
            members.insert("reference".into(), reference.as_str().into());
        }
    }
    body
}

/// Checks key and body, and runs the work under its idempotency key, which is optional.
async fn write<F, W>(state: Arc<AdyenState>, operation: Operation, incoming: IncomingRequest, work: F) -> Response
where
    F: FnOnce(Value) -> W,
    W: Future<Output = Outcome> + Send + 'static,
{
    if incoming.header("x-api-key") != Some(state.config.checkout_key.reveal()) {
        return CheckoutError::unauthorized().into_response();
    }
    if incoming
        .idempotency_key()
        .is_some_and(|key| key.len() > error::MAX_KEY_LENGTH)
    {
        return <CheckoutDialect as crate::pipeline::Dialect>::key_too_long().into_response();
    }
    let body = serde_json::from_slice(&incoming.body).ok().filter(Value::is_object);
    let Some(body) = body else {
        return CheckoutError::malformed().into_response();
    };
    let fingerprint = body.to_string();
    Arc::clone(&state.pipeline)
        .write::<CheckoutDialect, _>(operation, incoming, fingerprint, work(body))
        .await
}
