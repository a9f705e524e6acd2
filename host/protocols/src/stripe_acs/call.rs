//! One authenticated call of Stripe to a hook.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use super::{errors, from_wire, to_wire};
use crate::auth;
use crate::deadline::{ShownSession, run_until};
use crate::error_response::{ErrorResponse, ErrorType, RequestedLines};
use crate::idempotency::{KeyRules, read_key, scope};
use crate::idempotent_post::{DuplicateWait, PostError, PostOutcome, run_idempotent};
use crate::json::{BodyError, BodyErrorKind, JsonValue};
use crate::request::{parse_json, read_body, require_body};
use crate::settings::{MerchantSettings, StripeAcsAuth};
use crate::signature;
use crate::state::AppState;
use tillhouse_checkout::caller::{Caller, Protocol};
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::idempotency::IdempotencyKey;
use tillhouse_checkout::idempotency::Reply;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::operation::{CheckoutResponse, CompleteRequest, CreateRequest, RenderFn, ResponseRecorder};

/// Rules for idempotency keys: optional, because the guide does not show any. A key reused with another body gets 400, as in
/// Stripe's own API.
const KEYS: KeyRules = KeyRules {
    required: false,
    conflict: StatusCode::BAD_REQUEST,
    conflict_kind: ErrorType::InvalidRequest,
};

/// An operation that creates or changes a checkout, with the session's id.
#[derive(Clone, Debug)]
pub(crate) enum StripeOperation {
    Create,
    Update(SessionId),
    Confirm(SessionId),
}

/// An admitted call: the merchant and the authenticated caller.
#[derive(Clone, Debug)]
pub(crate) struct StripeCall {
    pub(crate) state: AppState,
    pub(crate) merchant: Arc<MerchantSettings>,
    /// Without a principal if the call is signed with the secret that Stripe uses for every agent.
    pub(crate) caller: Caller,
    /// Arrival of the request head, from which deadlines count.
    arrived: Instant,
    /// What an operation other than a payment shares with the edge.
    deadline: Deadline,
    committing: &'static str,
}

impl StripeCall {
    /// Read the body and authenticate the call. A signature covers the raw body, so the body is read first.
    ///
    /// # Errors
    /// 404 if the merchant does not serve these hooks, 401 without a valid key or signature, 503 if the merchant is out of
    /// service, and the errors of reading the body.
    pub(crate) async fn admit(
        state: AppState,
        merchant: Arc<MerchantSettings>,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<(Self, Vec<u8>), ErrorResponse> {
        let arrived = Instant::now();
        let settings = merchant
            .stripe_acs
            .as_ref()
            .ok_or_else(ErrorResponse::route_not_found)?;
        let committing = settings.committing;
        let (principal, body) = match &settings.auth {
            StripeAcsAuth::Bearer(keys) => {
                let known = auth::bearer(headers).and_then(|token| auth::known_key(token, keys));
                let principal = known.ok_or_else(ErrorResponse::unauthorized)?.name().to_owned();
                (Some(principal), read_body(body, &state.limits).await?)
            }
            StripeAcsAuth::Signature(secrets) => {
                let header = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
                let body = read_body(body, &state.limits).await?;
                signature::verify(header.unwrap_or_default(), &body, secrets, state.service.now())
                    .map_err(|error| ErrorResponse::bad_signature(error.to_string()))?;
                (None, body)
            }
        };
        state.ensure_in_service(&merchant)?;
        let caller = Caller {
            merchant: merchant.id.clone(),
            protocol: Protocol::StripeAcs,
            principal,
        };
        let until = arrived.checked_add(state.limits.confirm_deadline);
        let deadline = Deadline::answering(until.map(Instant::into_std));
        let call = Self {
            deadline,
            state,
            merchant,
            caller,
            arrived,
            committing,
        };
        Ok((call, body))
    }

    /// Run a POST, once per idempotency key.
    pub(crate) async fn post(
        &self,
        operation: StripeOperation,
        path: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> PostOutcome {
        let received = read_key(headers, KEYS).and_then(|key| Ok((key, parse_json(headers, body)?)));
        let (key, body) = match received {
            Ok(received) => received,
            Err(error_response) => return PostOutcome::Refused(error_response),
        };
        let scope = key.map(|key| scope(&self.caller, path, None, key));
        // A payment enforces its own deadline.
        let until = match operation {
            StripeOperation::Confirm(_) => None,
            StripeOperation::Create | StripeOperation::Update(_) => self.until(),
        };
        let shown_session = match &operation {
            StripeOperation::Update(session) => Some(ShownSession {
                caller: self.caller.clone(),
                session: session.clone(),
            }),
            _ => None,
        };
        let limits = &self.state.limits;
        let wait = match operation {
            StripeOperation::Confirm(_) => DuplicateWait::PaymentUntil(self.arrived + limits.confirm_deadline),
            _ => DuplicateWait::Until(self.arrived + limits.confirm_deadline),
        };
        let call = self.clone();
        let work = async move {
            let body = body.as_ref();
            let work = |key| call.run(operation, body, key);
            Box::pin(run_idempotent(&call.state, KEYS, scope, body, wait, work)).await
        };
        run_until(&self.state, until, Some(&self.deadline), shown_session, work)
            .await
            .unwrap_or_else(PostOutcome::Refused)
    }

    /// Deadline of every operation except a payment.
    pub(crate) fn until(&self) -> Option<Instant> {
        self.arrived.checked_add(self.state.limits.confirm_deadline)
    }

    async fn run(
        &self,
        operation: StripeOperation,
        body: Option<&JsonValue>,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let invalid_body = |error: BodyError| PostError::InvalidBody(error.into());
        let body = require_body(body).map_err(invalid_body)?;
        match operation {
            StripeOperation::Create => {
                let creation = from_wire::create(body).map_err(invalid_body)?;
                self.single_item(&creation.edit).map_err(invalid_body)?;
                self.create(creation, key).await
            }
            StripeOperation::Update(id) => {
                let edit = from_wire::update(body, self.merchant.currency).map_err(invalid_body)?;
                self.single_item(&edit).map_err(invalid_body)?;
                self.update(&id, edit, key).await
            }
            StripeOperation::Confirm(id) => {
                self.confirm(id, from_wire::confirm(body).map_err(invalid_body)?, key)
                    .await
            }
        }
    }

    /// Enforce the limit in the guide, "currently limited to single item checkouts", if the merchant has switched it on.
    fn single_item(&self, edit: &CartEdit) -> Result<(), BodyError> {
        let settings = self.merchant.stripe_acs.as_ref();
        let limited = settings.is_some_and(|settings| settings.single_item);
        if limited && edit.items.as_ref().is_some_and(|items| items.len() > 1) {
            let error = BodyError::new(
                BodyErrorKind::Unsupported,
                "must contain a single item: this merchant supports one item per checkout",
            );
            return Err(error.in_field("line_items"));
        }
        Ok(())
    }

    async fn create(
        &self,
        creation: from_wire::Creation,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let requested = RequestedLines::of(&creation.edit);
        let request = CreateRequest {
            caller: self.caller.clone(),
            id: None,
            currency: Some(creation.currency),
            edit: creation.edit,
            agent: creation.agent,
            attribution: None,
            saved_cart: None,
        };
        let recorder = ResponseRecorder::new(key, self.checkout(), self.deadline.clone());
        let done = self.state.service.create(request, recorder).await;
        done.map_err(|error| PostError::Domain(errors::error_response(&error, &requested)))
    }

    async fn update(
        &self,
        id: &SessionId,
        edit: CartEdit,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let requested = RequestedLines::of(&edit);
        let recorder = ResponseRecorder::new(key, self.checkout(), self.deadline.clone());
        let done = self.state.service.update(&self.caller, id, edit, recorder).await;
        done.map_err(|error| PostError::Domain(errors::error_response(&error, &requested)))
    }

    async fn confirm(
        &self,
        session: SessionId,
        confirmation: from_wire::Confirmation,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let request = CompleteRequest {
            caller: self.caller.clone(),
            session,
            token: confirmation.token,
            expected: None,
            authentication: None,
            billing: confirmation.billing,
            edit: CartEdit::default(),
            device: confirmation.device,
            signals: Vec::new(),
            consents: Vec::new(),
            attribution: None,
            deadline: Some(
                self.state
                    .limits
                    .confirm_deadline
                    .saturating_sub(self.arrived.elapsed()),
            ),
        };
        let render: RenderFn = Arc::new(|session| Reply {
            status: 200,
            body: serde_json::to_vec(&to_wire::confirmation(session)).unwrap_or_default(),
        });
        let done = self
            .state
            .service
            .complete(request, ResponseRecorder::new(key, render, self.deadline.clone()))
            .await;
        done.map_err(|error| PostError::Domain(errors::error_response(&error, &RequestedLines::default())))
    }

    /// A function that renders a session as the checkout of the response.
    pub(crate) fn checkout(&self) -> RenderFn {
        let committing = self.committing;
        Arc::new(move |session| Reply {
            status: 200,
            body: serde_json::to_vec(&to_wire::checkout(session, committing)).unwrap_or_default(),
        })
    }
}
