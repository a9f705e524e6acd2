//! One call of an authenticated agent, in the release of its `API-Version` header.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use super::errors;
use super::release::Release;
use super::release_definition::RenderContext;
use crate::auth;
use crate::deadline::{ShownSession, run_until};
use crate::error_response::{ErrorResponse, RequestedLines};
use crate::idempotency::{read_key, scope};
use crate::idempotent_post::{DuplicateWait, PostError, PostOutcome, run_idempotent};
use crate::json::{BodyError, JsonValue};
use crate::rendering::RequestKind;
use crate::request::{parse_json, read_body, require_body};
use crate::request_signature::{self, SignedRequest, VerifiedSignature};
use crate::settings::{AcpSettings, MerchantSettings, RequestSigning};
use crate::state::AppState;
use tillhouse_checkout::caller::{Caller, Protocol};
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::idempotency::IdempotencyKey;
use tillhouse_checkout::idempotency::{IdempotencyScope, Reply};
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::operation::{CheckoutResponse, CompleteRequest, CreateRequest, RenderFn, ResponseRecorder};
use tillhouse_checkout::session::Agent;

/// An operation that creates or changes a session, with the session's id.
#[derive(Clone, Debug)]
pub(crate) enum AcpOperation {
    Create,
    Update(SessionId),
    Complete(SessionId),
    Cancel(SessionId),
}

/// An admitted call: the merchant, the release and the authenticated caller.
#[derive(Clone, Debug)]
pub(crate) struct AcpCall {
    pub(crate) state: AppState,
    pub(crate) merchant: Arc<MerchantSettings>,
    pub(crate) release: Release,
    settings: Arc<AcpSettings>,
    pub(crate) caller: Caller,
    /// Arrival of the request head, from which deadlines count.
    arrived: Instant,
    /// What an operation other than a payment shares with the edge.
    deadline: Deadline,
    signing: Option<Arc<RequestSigning>>,
    /// Whether the request had a valid signature of the caller.
    is_signed: bool,
}

/// The body of a POST, with what its headers say.
struct ReceivedRequest {
    scope: Option<IdempotencyScope>,
    body: Option<JsonValue>,
    is_signed: bool,
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
    ) -> Result<Self, ErrorResponse> {
        let arrived = Instant::now();
        let settings = merchant.acp.clone().ok_or_else(ErrorResponse::route_not_found)?;
        let known = auth::bearer(headers).and_then(|token| auth::known_key(token, &settings.keys));
        let known = known.ok_or_else(ErrorResponse::unauthorized)?;
        let caller = Caller {
            merchant: merchant.id.clone(),
            protocol: Protocol::Acp,
            principal: Some(known.name().to_owned()),
        };
        let signing = known.signing().cloned();
        let release = Release::of(headers)?;
        state.ensure_in_service(&merchant)?;
        let until = arrived.checked_add(state.limits.operation_deadline);
        let deadline = Deadline::answering(until.map(Instant::into_std));
        Ok(Self {
            deadline,
            state,
            merchant,
            release,
            settings,
            caller,
            arrived,
            signing,
            is_signed: false,
        })
    }

    /// Run a POST, once per idempotency key.
    pub(crate) async fn post(
        &self,
        operation: AcpOperation,
        path: &str,
        headers: &HeaderMap,
        body: Body,
    ) -> PostOutcome {
        let ReceivedRequest { scope, body, is_signed } = match self.receive(path, headers, body).await {
            Ok(received) => received,
            Err(error_response) => return PostOutcome::Refused(error_response),
        };
        // A payment enforces its own deadline.
        let until = match operation {
            AcpOperation::Complete(_) => None,
            AcpOperation::Create | AcpOperation::Update(_) | AcpOperation::Cancel(_) => self.until(),
        };
        let shown_session = match &operation {
            AcpOperation::Update(session) => Some(ShownSession {
                caller: self.caller.clone(),
                session: session.clone(),
            }),
            _ => None,
        };
        let limits = &self.state.limits;
        let wait = match operation {
            AcpOperation::Complete(_) => DuplicateWait::PaymentUntil(self.arrived + limits.complete_deadline),
            _ => DuplicateWait::Until(self.arrived + limits.operation_deadline),
        };
        let call = Self {
            is_signed,
            ..self.clone()
        };
        let work = async move {
            let body = body.as_ref();
            let work = |key| call.run(operation, body, key);
            run_idempotent(&call.state, call.release.key_rules(), scope, body, wait, work).await
        };
        run_until(&self.state, until, Some(&self.deadline), shown_session, work)
            .await
            .unwrap_or_else(PostOutcome::Refused)
    }

    /// Deadline of every operation except a payment.
    pub(crate) fn until(&self) -> Option<Instant> {
        self.arrived.checked_add(self.state.limits.operation_deadline)
    }

    async fn receive(&self, path: &str, headers: &HeaderMap, body: Body) -> Result<ReceivedRequest, ErrorResponse> {
        let key = read_key(headers, self.release.key_rules())?;
        let bytes = read_body(body, &self.state.limits).await?;
        let signature = self.verify_signature(headers, &bytes)?;
        if let Some(signature) = &signature {
            let request = SignedRequest {
                caller: &self.caller,
                path,
                key: key.as_deref(),
            };
            request_signature::remember(&self.state, signature, request).await?;
        }
        let release = Some(self.release.date());
        Ok(ReceivedRequest {
            scope: key.map(|key| scope(&self.caller, path, release, key)),
            body: parse_json(headers, &bytes)?,
            is_signed: signature.is_some(),
        })
    }

    /// Verify the signature of a request with this body; empty for a GET. `None` if it has none and needs none.
    ///
    /// # Errors
    /// 401 when the signature is missing though it is demanded, or not valid.
    pub(crate) fn verify_signature(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Option<VerifiedSignature>, ErrorResponse> {
        let Some(signing) = &self.signing else {
            return Ok(None);
        };
        Ok(request_signature::verify(
            headers,
            body,
            signing,
            self.state.service.now(),
        )?)
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
                self.release.read_cancel(body).map_err(invalid_body)?;
                self.cancel(&id, key).await
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
        let request = CreateRequest {
            caller: self.caller.clone(),
            currency: creation.currency.or(Some(self.merchant.currency)),
            edit: creation.edit,
            agent: Agent {
                proven: self.is_signed,
                ..creation.agent
            },
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
            authentication: completion.authentication,
            billing: completion.billing,
            edit: completion.edit,
            device: completion.device,
            signals: Vec::new(),
            consents: completion.consents,
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

    async fn cancel(&self, id: &SessionId, key: Option<IdempotencyKey>) -> Result<CheckoutResponse, PostError> {
        let recorder = self.recorder(StatusCode::OK, RequestKind::Other, key);
        let done = self.state.service.cancel(&self.caller, id, recorder).await;
        done.map_err(|error| PostError::Domain(errors::cancel_error_response(&error, self.release)))
    }

    fn recorder(&self, status: StatusCode, request_kind: RequestKind, key: Option<IdempotencyKey>) -> ResponseRecorder {
        ResponseRecorder {
            key,
            render: self.render(status, request_kind),
            deadline: self.deadline.clone(),
        }
    }

    /// A function that renders a session as the response.
    pub(crate) fn render(&self, status: StatusCode, request_kind: RequestKind) -> RenderFn {
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
