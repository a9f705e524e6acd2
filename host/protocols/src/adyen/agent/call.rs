//! One authenticated call of an agent.

mod payment;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode};
use tokio::time::Instant;

use super::operation::AgentOperation;
use super::requests::{BodyReader, Creation, SessionChange};
use crate::adyen::errors::{self, RefusedRequest};
use crate::adyen::session_answers::{KEYS, SessionAnswers, StoredSession};
use crate::auth;
use crate::deadline::{ShownSession, run_until};
use crate::error_response::{ErrorResponse, RequestedLines};
use crate::idempotency::{read_key, scope};
use crate::idempotent_post::{DuplicateWait, PostError, PostOutcome, run_idempotent};
use crate::json::{BodyError, JsonValue};
use crate::reading::read;
use crate::request::{parse_json, read_body, require_body};
use crate::settings::MerchantSettings;
use crate::state::AppState;
use tillhouse_checkout::caller::{Caller, Protocol};
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::{IdempotencyKey, Reply};
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::operation::{CheckoutResponse, CreateRequest, ResponseRecorder};
use tillhouse_checkout::session::{Agent, SessionState};

/// An admitted call: the merchant and the authenticated caller.
#[derive(Clone, Debug)]
pub(crate) struct AgentCall {
    state: AppState,
    answers: SessionAnswers,
    bodies: BodyReader,
    caller: Caller,
    /// Arrival of the request head, from which deadlines count.
    arrived: Instant,
    /// What an operation other than a payment shares with the edge.
    deadline: Deadline,
}

impl AgentCall {
    /// Authenticate the caller, and compare the account in the path.
    ///
    /// # Errors
    /// 404 if the merchant does not serve the dialect or has another account, 401 without a valid key, 503 if the merchant is out of
    /// service.
    pub(crate) fn admit(
        state: AppState,
        merchant: Arc<MerchantSettings>,
        account: Option<&str>,
        headers: &HeaderMap,
    ) -> Result<Self, ErrorResponse> {
        let arrived = Instant::now();
        let settings = merchant.adyen.clone().ok_or_else(ErrorResponse::route_not_found)?;
        let agent = settings.agent.as_ref().ok_or_else(ErrorResponse::route_not_found)?;
        let key = auth::bearer(headers).and_then(|token| auth::known_key(token, &agent.keys));
        let principal = key.ok_or_else(ErrorResponse::unauthorized)?.name().to_owned();
        if account != Some(&settings.company_account) {
            return Err(ErrorResponse::route_not_found());
        }
        state.ensure_in_service(&merchant)?;
        let until = arrived.checked_add(state.limits.operation_deadline);
        Ok(Self {
            caller: Caller {
                merchant: merchant.id.clone(),
                protocol: Protocol::AdyenAgent,
                principal: Some(principal),
            },
            bodies: BodyReader::of(agent),
            deadline: Deadline::answering(until.map(Instant::into_std)),
            arrived,
            answers: SessionAnswers { merchant, settings },
            state,
        })
    }

    /// Read a session. One that has expired does not exist any more.
    pub(crate) async fn retrieve(&self, id: SessionId, method: &Method) -> Result<Reply, ErrorResponse> {
        let found = read(&self.state, self.until(), &self.caller, id.clone(), method).await?;
        let found = found.and_then(|session| match session.state {
            SessionState::Expired => Err(CheckoutError::UnknownSession(id)),
            _ => Ok(session),
        });
        match found {
            Ok(session) => Ok(self.answers.shown(StatusCode::OK, &session)),
            Err(error) => Err(errors::answer(&error, &RefusedRequest::default(), None)),
        }
    }

    /// Run a POST, once per idempotency key.
    pub(crate) async fn post(
        &self,
        operation: AgentOperation,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<PostOutcome, ErrorResponse> {
        let key = read_key(headers, KEYS)?;
        let bytes = read_body(body, &self.state.limits).await?;
        let body = parse_json(headers, &bytes)?;
        let path = format!("/adyen/checkout_sessions{}", operation.path());
        let scope = key.map(|key| scope(&self.caller, &path, None, key));
        // A payment enforces its own deadline, and answers a duplicate itself.
        let (until, wait) = if operation.is_payment() {
            let wait = self.arrived + self.state.limits.complete_deadline;
            (None, DuplicateWait::PaymentUntil(wait))
        } else {
            (self.until(), DuplicateWait::Until(self.arrived))
        };
        let shown_session = match &operation {
            AgentOperation::Update(session) => Some(ShownSession {
                caller: self.caller.clone(),
                session: session.clone(),
            }),
            _ => None,
        };
        let call = self.clone();
        let work = async move {
            let body = body.as_ref();
            let work = |key| call.run(operation, body, key);
            Box::pin(run_idempotent(&call.state, KEYS, scope, body, wait, work)).await
        };
        run_until(&self.state, until, Some(&self.deadline), shown_session, work).await
    }

    /// Deadline of every operation except a payment.
    fn until(&self) -> Option<Instant> {
        self.arrived.checked_add(self.state.limits.operation_deadline)
    }

    async fn run(
        &self,
        operation: AgentOperation,
        body: Option<&JsonValue>,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let invalid_body = |error: BodyError| PostError::InvalidBody(errors::of_body(error));
        let required = || require_body(body).map_err(invalid_body);
        match &operation {
            AgentOperation::Create => {
                let creation = self.bodies.create(required()?).map_err(invalid_body)?;
                self.create(creation, key).await
            }
            AgentOperation::Update(id) => {
                let change = self.bodies.update(required()?).map_err(invalid_body)?;
                self.update(id, change, key).await
            }
            AgentOperation::Complete(id) => {
                let completion = self.bodies.complete(required()?).map_err(invalid_body)?;
                self.complete(id, completion, key).await
            }
            AgentOperation::Cancel(id) => {
                self.bodies.cancel(body).map_err(invalid_body)?;
                self.cancel(id, key).await
            }
        }
    }

    async fn create(&self, creation: Creation, key: Option<IdempotencyKey>) -> Result<CheckoutResponse, PostError> {
        let lines = RequestedLines::of(&creation.edit);
        let recorder = self
            .recorder(StatusCode::CREATED, key)
            .refusing(self.answers.refusal(&lines));
        let request = CreateRequest {
            caller: self.caller.clone(),
            id: None,
            currency: Some(creation.currency),
            edit: creation.edit,
            agent: Agent::default(),
            attribution: creation.attribution,
            saved_cart: None,
        };
        match self.state.service.create(request, recorder).await {
            Ok(response) => Ok(response),
            Err(error) => Err(self.refused(&error, None, lines.into()).await),
        }
    }

    async fn update(
        &self,
        id: &SessionId,
        change: SessionChange,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let lines = RequestedLines::of(&change.edit);
        if let Some(currency) = change.currency {
            let stored = self.state.service.peek(&self.caller, id).await;
            match stored {
                Ok(session) if session.currency != currency && session.state == SessionState::Open => {
                    return Err(PostError::Domain(errors::currency_mismatch(
                        &session,
                        self.answers.context(),
                    )));
                }
                Ok(_) => {}
                Err(error) => return Err(self.refused(&error, Some(id), lines.into()).await),
            }
        }
        let recorder = self
            .recorder(StatusCode::OK, key)
            .refusing(self.answers.refusal(&lines));
        match self.state.service.update(&self.caller, id, change.edit, recorder).await {
            Ok(response) => Ok(response),
            Err(error) => Err(self.refused(&error, Some(id), lines.into()).await),
        }
    }

    /// Cancel a session. One that is canceled already is answered as it is.
    async fn cancel(&self, id: &SessionId, key: Option<IdempotencyKey>) -> Result<CheckoutResponse, PostError> {
        let recorder = self.recorder(StatusCode::OK, key);
        let render = Arc::clone(&recorder.render);
        let error = match self.state.service.cancel(&self.caller, id, None, recorder).await {
            Ok(response) => return Ok(response),
            Err(error) => error,
        };
        if matches!(error, CheckoutError::InvalidState { .. })
            && let Ok(session) = self.state.service.peek(&self.caller, id).await
            && session.state == SessionState::Canceled
        {
            return Ok(CheckoutResponse::Fresh(render(&session)));
        }
        Err(self.refused(&error, Some(id), RefusedRequest::default()).await)
    }

    /// The answer to a request that the domain has refused, with the session as it is.
    async fn refused(&self, error: &CheckoutError, id: Option<&SessionId>, request: RefusedRequest) -> PostError {
        let stored = StoredSession {
            state: &self.state,
            caller: &self.caller,
            id,
        };
        PostError::Domain(self.answers.refused(error, &request, stored).await)
    }

    fn recorder(&self, status: StatusCode, key: Option<IdempotencyKey>) -> ResponseRecorder {
        ResponseRecorder::new(key, self.answers.render(status), self.deadline.clone())
    }
}
