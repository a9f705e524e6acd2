//! One call of an authenticated agent, in the release of its `API-Version` header.

use std::sync::Arc;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use tokio::time::Instant;

use super::agent::AcpAgent;
use super::errors;
use super::operation::AcpOperation;
use super::release::Release;
use super::release_definition::RenderContext;
use crate::deadline::{ShownSession, run_until};
use crate::error_response::{ErrorResponse, RequestedLines};
use crate::idempotency::{KeyRules, read_key, scope};
use crate::idempotent_post::{DuplicateWait, PostError, PostOutcome, run_idempotent};
use crate::json::{BodyError, BodyErrorKind, JsonValue};
use crate::reading::read;
use crate::rendering::RequestKind;
use crate::request::{parse_json, read_body, require_body};
use crate::request_signature::SignedRequest;
use crate::settings::{AcpSettings, MerchantSettings};
use crate::state::AppState;
use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::idempotency::{IdempotencyKey, Reply};
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::intent_trace::IntentTrace;
use tillhouse_checkout::operation::{CheckoutResponse, CompleteRequest, CreateRequest, RenderFn, ResponseRecorder};
use tillhouse_checkout::session::Agent;

/// An admitted call: the merchant, the release and the authenticated caller.
#[derive(Clone, Debug)]
pub(crate) struct AcpCall {
    pub(crate) state: AppState,
    pub(crate) merchant: Arc<MerchantSettings>,
    pub(crate) release: Release,
    pub(crate) settings: Arc<AcpSettings>,
    pub(crate) caller: Caller,
    arrived: Instant,
    /// What an operation other than a payment shares with the edge.
    pub(crate) deadline: Deadline,
    key_rules: KeyRules,
    /// Whether the request had a valid signature of the caller.
    is_signed: bool,
}

/// A request that was received: what it is to be run once for, and its body.
#[derive(Debug)]
pub(crate) struct ReceivedRequest {
    /// The idempotency key as the agent sent it.
    pub(crate) key: Option<String>,
    pub(crate) body: Option<JsonValue>,
    /// Whether the request had a valid signature of the caller.
    pub(crate) is_signed: bool,
}

impl AcpCall {
    /// Authenticate the caller, then read the release.
    ///
    /// # Errors
    /// 404 if the merchant does not serve ACP, 401 without a valid key, 400 without a supported release, 503 if the merchant is
    /// out of service.
    pub(crate) fn admit(
        state: AppState,
        merchant: Arc<MerchantSettings>,
        headers: &HeaderMap,
    ) -> Result<(AcpAgent, Self), ErrorResponse> {
        let agent = AcpAgent::authenticate(state, merchant, headers)?;
        let call = Self::of(&agent, Release::of(headers)?)?;
        Ok((agent, call))
    }

    /// A call of this agent in this release.
    ///
    /// # Errors
    /// 503 if the merchant is out of service.
    pub(crate) fn of(agent: &AcpAgent, release: Release) -> Result<Self, ErrorResponse> {
        agent.state.ensure_in_service(&agent.merchant)?;
        let until = agent.arrived.checked_add(agent.state.limits.operation_deadline);
        Ok(Self {
            state: agent.state.clone(),
            merchant: agent.merchant.clone(),
            release,
            settings: agent.settings.clone(),
            caller: agent.caller.clone(),
            arrived: agent.arrived,
            deadline: Deadline::answering(until.map(Instant::into_std)),
            key_rules: release.key_rules(),
            is_signed: false,
        })
    }

    /// The same call over a binding that does not require an idempotency key, whatever the release does over HTTP.
    pub(crate) const fn without_required_key(mut self) -> Self {
        self.key_rules.required = false;
        self
    }

    /// The idempotency key in these headers.
    ///
    /// # Errors
    /// When it is required and missing, or cannot be a key.
    pub(crate) fn key(&self, headers: &HeaderMap) -> Result<Option<String>, ErrorResponse> {
        read_key(headers, self.key_rules)
    }

    /// Receive the body of a POST or PUT.
    ///
    /// # Errors
    /// When the idempotency key, the signature or the body cannot be accepted.
    pub(crate) async fn receive(
        &self,
        agent: &AcpAgent,
        operation: &AcpOperation,
        head: &Parts,
        body: Body,
    ) -> Result<ReceivedRequest, ErrorResponse> {
        let headers = &head.headers;
        let key = self.key(headers)?;
        let bytes = read_body(body, &self.state.limits).await?;
        let request = SignedRequest {
            method: &head.method,
            path: &operation.path(),
            release: Some(self.release.date()),
            key: key.as_deref(),
        };
        let is_signed = agent.verify_signature(headers, &bytes, request).await?;
        Ok(ReceivedRequest {
            key,
            body: parse_json(headers, &bytes)?,
            is_signed,
        })
    }

    /// Run an operation, once per idempotency key.
    pub(crate) async fn run_once(&self, operation: AcpOperation, received: ReceivedRequest) -> PostOutcome {
        let until = if operation.is_payment() { None } else { self.until() };
        let shown_session = match &operation {
            AcpOperation::Update(session) => Some(ShownSession {
                caller: self.caller.clone(),
                session: session.clone(),
            }),
            _ => None,
        };
        let limits = &self.state.limits;
        let wait = if operation.is_payment() {
            DuplicateWait::PaymentUntil(self.arrived + limits.complete_deadline)
        } else {
            DuplicateWait::Until(self.arrived + limits.operation_deadline)
        };
        let ReceivedRequest { key, body, is_signed } = received;
        let release = Some(self.release.date());
        let scope = key.map(|key| scope(&self.caller, &operation.path(), release, key));
        let call = Self {
            is_signed,
            ..self.clone()
        };
        let work = async move {
            let body = body.as_ref();
            let work = |key| call.run(operation, body, key);
            Box::pin(run_idempotent(&call.state, call.key_rules, scope, body, wait, work)).await
        };
        run_until(&self.state, until, Some(&self.deadline), shown_session, work)
            .await
            .unwrap_or_else(PostOutcome::Refused)
    }

    /// Read a session for the answer to a request with this method: a HEAD does not show it.
    pub(crate) async fn retrieve(&self, id: SessionId, method: &Method) -> Result<Reply, ErrorResponse> {
        match read(&self.state, self.until(), &self.caller, id, method).await? {
            Ok(session) => Ok(self.render(StatusCode::OK, RequestKind::Other)(&session)),
            Err(error) => {
                let requested = RequestedLines::default();
                Err(errors::error_response(&error, self.release, &requested))
            }
        }
    }

    /// Deadline of every operation except a payment.
    pub(crate) fn until(&self) -> Option<Instant> {
        self.arrived.checked_add(self.state.limits.operation_deadline)
    }

    async fn run(
        &self,
        operation: AcpOperation,
        body: Option<&JsonValue>,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let invalid_body = |error: BodyError| PostError::InvalidBody(error.into());
        match operation {
            AcpOperation::Cancel(id) => {
                let trace = self.release.read_cancel(body).map_err(invalid_body)?;
                self.cancel(&id, trace, key).await
            }
            AcpOperation::Create => {
                let body = require_body(body).map_err(invalid_body)?;
                self.create(self.release.read_create(body).map_err(invalid_body)?, key)
                    .await
            }
            AcpOperation::Update(id) => {
                let body = require_body(body).map_err(invalid_body)?;
                let edit = self.release.read_update(body).map_err(invalid_body)?;
                self.update(&id, edit, key).await
            }
            AcpOperation::CreateCart => {
                let carts = self.carts().map_err(PostError::InvalidBody)?;
                let body = require_body(body).map_err(invalid_body)?;
                let edit = (carts.read_create)(body).map_err(invalid_body)?;
                self.create_cart(edit, key).await
            }
            AcpOperation::ReplaceCart(id) => {
                let carts = self.carts().map_err(PostError::InvalidBody)?;
                let body = require_body(body).map_err(invalid_body)?;
                let edit = (carts.read_replace)(body).map_err(invalid_body)?;
                self.replace_cart(&id, edit, key).await
            }
            AcpOperation::CancelCart(id) => {
                self.carts().map_err(PostError::InvalidBody)?;
                self.cancel_cart(&id, key).await
            }
            AcpOperation::Complete(id) => {
                let body = require_body(body).map_err(invalid_body)?;
                let completion = self.release.read_complete(body, &self.settings).map_err(invalid_body)?;
                self.complete(id, completion, key).await
            }
        }
    }

    async fn create(
        &self,
        creation: super::Creation,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let requested = RequestedLines::of(&creation.edit);
        if creation.saved_cart.is_some() && !self.settings.services.carts {
            let error = BodyError::new(
                BodyErrorKind::Unsupported,
                "this merchant keeps no carts; send line_items",
            );
            return Err(PostError::InvalidBody(error.in_field("cart_id").into()));
        }
        let request = CreateRequest {
            caller: self.caller.clone(),
            id: None,
            currency: creation.currency.or(Some(self.merchant.currency)),
            edit: creation.edit,
            agent: Agent {
                proven: self.is_signed,
                ..creation.agent
            },
            attribution: creation.attribution,
            saved_cart: creation.saved_cart,
        };
        let done = self
            .state
            .service
            .create(request, self.recorder(StatusCode::CREATED, RequestKind::Other, key))
            .await;
        done.map_err(|error| PostError::Domain(errors::error_response(&error, self.release, &requested)))
    }

    async fn update(
        &self,
        id: &SessionId,
        edit: tillhouse_checkout::cart::CartEdit,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let requested = RequestedLines::of(&edit);
        let recorder = self.recorder(StatusCode::OK, RequestKind::Other, key);
        let done = self.state.service.update(&self.caller, id, edit, recorder).await;
        done.map_err(|error| PostError::Domain(errors::error_response(&error, self.release, &requested)))
    }

    async fn complete(
        &self,
        session: SessionId,
        completion: super::Completion,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let request = CompleteRequest {
            caller: self.caller.clone(),
            session,
            token: completion.token,
            expected: None,
            authentication: completion.authentication,
            billing: completion.billing,
            edit: completion.edit,
            device: completion.device,
            signals: Vec::new(),
            consents: completion.consents,
            attribution: completion.attribution,
            deadline: Some(
                self.state
                    .limits
                    .complete_deadline
                    .saturating_sub(self.arrived.elapsed()),
            ),
        };
        let done = self
            .state
            .service
            .complete(request, self.recorder(StatusCode::OK, RequestKind::Payment, key))
            .await;
        done.map_err(|error| {
            PostError::Domain(errors::error_response(&error, self.release, &RequestedLines::default()))
        })
    }

    async fn cancel(
        &self,
        id: &SessionId,
        trace: Option<IntentTrace>,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let recorder = self.recorder(StatusCode::OK, RequestKind::Other, key);
        let done = self.state.service.cancel(&self.caller, id, trace, recorder).await;
        done.map_err(|error| PostError::Domain(errors::cancel_error_response(&error, self.release)))
    }

    fn recorder(&self, status: StatusCode, request_kind: RequestKind, key: Option<IdempotencyKey>) -> ResponseRecorder {
        ResponseRecorder::new(key, self.render(status, request_kind), self.deadline.clone())
    }

    /// A function that renders a session as the response.
    fn render(&self, status: StatusCode, request_kind: RequestKind) -> RenderFn {
        let (release, merchant, settings) = (self.release, self.merchant.clone(), self.settings.clone());
        Arc::new(move |session| Reply {
            status: status.as_u16(),
            body: release.render(
                session,
                RenderContext {
                    merchant: &merchant,
                    settings: &settings,
                    request_kind,
                },
            ),
        })
    }
}
