//! One verified hook of a merchant: answered once per id, and in time.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tokio::time::Instant;

use super::envelope::{self, Hook, HookKind};
use super::errors;
use crate::deadline::run_until;
use crate::error_response::{ErrorResponse, ErrorType, RequestedLines};
use crate::idempotency::{KeyRules, scope};
use crate::idempotent_post::{DuplicateWait, PostError, PostOutcome, run_idempotent};
use crate::json::JsonValue;
use crate::request::{parse_json, require_body};
use crate::request_observer::{HookAnswer, ObservedHook};
use crate::respond;
use crate::settings::{MerchantSettings, StripeHookSettings};
use crate::state::AppState;
use tillhouse_checkout::caller::{Caller, Protocol};
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::{IdempotencyKey, Reply};
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::operation::{CheckoutResponse, CreateRequest};
use tillhouse_checkout::session::{Agent, Session};

/// The id of a hook is its idempotency key.
const KEYS: KeyRules = KeyRules {
    required: true,
    conflict: StatusCode::CONFLICT,
    conflict_kind: ErrorType::InvalidRequest,
};

/// What the ids of hooks are unique within.
const SCOPE: &str = "/webhooks/stripe#hooks";

/// A hook that is answered.
#[derive(Clone, Debug)]
pub(super) struct HookCall {
    pub(super) state: AppState,
    pub(super) merchant: Arc<MerchantSettings>,
    pub(super) settings: Arc<StripeHookSettings>,
    /// Without a principal: all sessions are Stripe's.
    pub(super) caller: Caller,
    pub(super) hook: Hook,
    /// When the answer is to be given, early enough for Stripe's four seconds.
    pub(super) until: Instant,
    /// What an operation shares with the edge that gives up.
    pub(super) deadline: Deadline,
}

/// Answer a hook whose signature is verified. `arrived` is when its head was there.
pub(crate) async fn answer(
    state: &AppState,
    merchant: &Arc<MerchantSettings>,
    settings: &Arc<StripeHookSettings>,
    headers: &HeaderMap,
    body: &[u8],
    arrived: Instant,
) -> Response {
    let read = async {
        let body = parse_json(headers, body)?;
        let body = require_body(body.as_ref()).map_err(ErrorResponse::from)?;
        let hook = envelope::read(body, settings.livemode)?;
        Ok::<_, ErrorResponse>((hook, body.clone()))
    };
    let (hook, body) = match read.await {
        Ok(read) => read,
        Err(refused) => {
            tracing::warn!(
                code = refused.code,
                message = refused.message,
                "refused a hook of Stripe"
            );
            return respond::from_error(&refused);
        }
    };
    let until = arrived + state.limits.confirm_deadline;
    let call = HookCall {
        state: state.clone(),
        settings: Arc::clone(settings),
        caller: Caller {
            merchant: merchant.id.clone(),
            protocol: Protocol::StripeHooks,
            principal: None,
        },
        merchant: Arc::clone(merchant),
        hook,
        until,
        deadline: Deadline::answering(Some(until.into_std())),
    };
    let outcome = call.outcome(body).await;
    respond::from_post_outcome(headers, outcome)
}

impl HookCall {
    async fn outcome(&self, body: JsonValue) -> PostOutcome {
        let key = scope(&self.caller, SCOPE, None, self.hook.id.clone());
        let call = self.clone();
        let work = async move {
            let wait = DuplicateWait::Until(call.until);
            let work = |key| call.run(key);
            let done = Box::pin(run_idempotent(&call.state, KEYS, Some(key), Some(&body), wait, work)).await;
            call.stands(done).await
        };
        let outcome = run_until(&self.state, Some(self.until), Some(&self.deadline), None, work).await;
        match outcome.unwrap_or_else(PostOutcome::Refused) {
            PostOutcome::Refused(refused) => {
                let refused = if refused.code == "idempotency_conflict" {
                    errors::other_body()
                } else {
                    refused
                };
                tracing::warn!(
                    hook = self.hook.kind.name(),
                    hook.id = self.hook.id,
                    code = refused.code,
                    "did not answer a hook of Stripe"
                );
                self.observe(HookAnswer::Failed);
                PostOutcome::Refused(refused)
            }
            answered => answered,
        }
    }

    async fn run(&self, key: Option<IdempotencyKey>) -> Result<CheckoutResponse, PostError> {
        match self.hook.kind {
            HookKind::Approval => Box::pin(self.approve(key)).await,
            HookKind::Customization => self.customize(key).await,
            HookKind::PriceAvailability => self.price_and_availability(key).await,
        }
    }

    /// A recorded answer, unless it is an approval whose hold is over: the order is decided anew then, and the answer is not recorded.
    async fn stands(&self, done: PostOutcome) -> PostOutcome {
        let PostOutcome::Replayed(reply) = done else {
            return done;
        };
        if self.hook.kind != HookKind::Approval || self.still_approves(&reply).await {
            return PostOutcome::Replayed(reply);
        }
        match Box::pin(self.approve(None)).await {
            Ok(CheckoutResponse::Fresh(reply) | CheckoutResponse::InProgress(reply)) => PostOutcome::Fresh(reply),
            Ok(CheckoutResponse::Replay(record)) => PostOutcome::Replayed(record.reply),
            Err(PostError::InvalidBody(refused) | PostError::Domain(refused)) => PostOutcome::Refused(refused),
        }
    }

    /// The session of a checkout: Stripe's checkout session, or where the hook names none, the hook itself.
    pub(super) fn session_of(&self, named: Option<&SessionId>) -> SessionId {
        named.cloned().unwrap_or_else(|| SessionId::new(self.hook.id.as_str()))
    }

    /// Have a cart quoted, and commit nothing.
    pub(super) async fn quoted(&self, request: CreateRequest) -> Result<Session, CheckoutError> {
        self.state.service.quote(request, self.deadline.clone()).await
    }

    /// A request that names no agent: Stripe does not say who asks.
    pub(super) fn creation(&self) -> CreateRequest {
        CreateRequest {
            caller: self.caller.clone(),
            id: None,
            currency: None,
            edit: Default::default(),
            agent: Agent::default(),
            attribution: None,
            saved_cart: None,
        }
    }

    /// Record an answer that no commit brought.
    pub(super) async fn record(
        &self,
        key: Option<IdempotencyKey>,
        reply: Reply,
    ) -> Result<CheckoutResponse, PostError> {
        let Some(key) = key else {
            return Ok(CheckoutResponse::Fresh(reply));
        };
        let failed = |error: CheckoutError| {
            let refused = errors::of_domain(&error, &RequestedLines::default());
            PostError::Domain(refused.not_recorded())
        };
        let permit = self.deadline.begin_commit().map_err(|error| failed(error.into()))?;
        self.state
            .service
            .record_response(key.record(reply.clone()))
            .await
            .map_err(failed)?;
        permit.done();
        Ok(CheckoutResponse::Fresh(reply))
    }

    pub(super) fn observe(&self, answer: HookAnswer) {
        let hook = self.hook.kind.name();
        tracing::info!(
            hook,
            hook.id = self.hook.id,
            answer = answer.name(),
            "a hook of Stripe is decided"
        );
        if let Some(observer) = &self.state.observer {
            let merchant = &self.merchant.id;
            observer.on_hook(&ObservedHook { merchant, hook, answer });
        }
    }
}
