//! One call of an authenticated agent, in the release of its `API-Version` header.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use super::errors;
use super::release::Release;
use crate::auth;
use crate::deadline::{Shows, within};
use crate::exchange::{Answered, Failure, exchange};
use crate::idempotency::{key_of, scope};
use crate::json::{Fault, Node};
use crate::problem::Problem;
use crate::project::Occasion;
use crate::request::{body_of, json_of, required};
use crate::settings::{AcpSettings, MerchantEdge};
use crate::state::Edges;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::idempotency::IdempotencyKey;
use tillhouse_checkout::operation::{Answer, Complete, Create, Render, ResponseRecorder};
use tillhouse_checkout::idempotency::{IdempotencyScope, Reply};

/// An operation that creates or changes a session, with the session's id.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Create,
    Update(SessionId),
    Complete(SessionId),
    Cancel(SessionId),
}

/// An admitted call: the merchant, the release and the authenticated principal.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) edges: Edges,
    pub(crate) merchant: Arc<MerchantEdge>,
    pub(crate) release: Release,
    settings: Arc<AcpSettings>,
    principal: String,
    /// Arrival of the request head, from which deadlines count.
    arrived: Instant,
}

impl Call {
    /// Authenticate the caller, then read the release.
    ///
    /// # Errors
    /// 404 if the merchant does not serve ACP, 401 without a valid key, 400 without a supported release, 503 if the merchant is
    /// out of service.
    pub(crate) fn admit(edges: Edges, merchant: Arc<MerchantEdge>, headers: &HeaderMap) -> Result<Self, Problem> {
        let arrived = Instant::now();
        let settings = merchant.acp.clone().ok_or_else(Problem::nothing_here)?;
        let known = auth::bearer(headers).and_then(|token| auth::principal(token, &settings.keys));
        let principal = known.ok_or_else(Problem::unauthorized)?.to_owned();
        let release = Release::of(headers)?;
        edges.in_service(&merchant)?;
        Ok(Self {
            edges,
            merchant,
            release,
            settings,
            principal,
            arrived,
        })
    }

    /// Run a POST, once per idempotency key.
    pub(crate) async fn post(&self, operation: Operation, path: &str, headers: &HeaderMap, body: Body) -> Answered {
        let (scope, body) = match self.receive(path, headers, body).await {
            Ok(received) => received,
            Err(problem) => return Answered::Refused(problem),
        };
        // A payment enforces its own deadline.
        let until = match operation {
            Operation::Complete(_) => None,
            Operation::Create | Operation::Update(_) | Operation::Cancel(_) => self.until(),
        };
        let shows = match &operation {
            Operation::Update(session) => Some(Shows {
                merchant: self.merchant.id.clone(),
                session: session.clone(),
            }),
            _ => None,
        };
        let call = self.clone();
        let work = async move {
            let body = body.as_ref();
            let work = |key| call.run(operation, body, key);
            exchange(&call.edges, call.release.key_rules(), scope, body, work).await
        };
        within(&self.edges, until, shows, work)
            .await
            .unwrap_or_else(Answered::Refused)
    }

    /// Deadline of every operation except a payment.
    pub(crate) fn until(&self) -> Option<Instant> {
        self.arrived.checked_add(self.edges.limits.operation_time)
    }

    async fn receive(
        &self,
        path: &str,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<(Option<IdempotencyScope>, Option<Node>), Problem> {
        let key = key_of(headers, self.release.key_rules())?;
        let bytes = body_of(body, &self.edges.limits).await?;
        let release = Some(self.release.date());
        let scope = key.map(|key| scope(&self.merchant.id, &self.principal, path, release, key));
        Ok((scope, json_of(headers, &bytes)?))
    }

    async fn run(&self, operation: Operation, body: Option<&Node>, key: Option<IdempotencyKey>) -> Result<Answer, Failure> {
        let unread = |fault: Fault| Failure::Unread(fault.into());
        match operation {
            Operation::Cancel(id) => {
                self.release.read_cancel(body).map_err(unread)?;
                self.cancel(&id, key).await
            }
            Operation::Create => {
                let body = required(body).map_err(unread)?;
                self.create(self.release.read_create(body).map_err(unread)?, key)
                    .await
            }
            Operation::Update(id) => {
                let body = required(body).map_err(unread)?;
                let edit = self.release.read_update(body).map_err(unread)?;
                self.update(&id, edit, key).await
            }
            Operation::Complete(id) => {
                let body = required(body).map_err(unread)?;
                let completion = self.release.read_complete(body, &self.settings).map_err(unread)?;
                self.complete(id, completion, key).await
            }
        }
    }

    async fn create(&self, creation: super::Creation, key: Option<IdempotencyKey>) -> Result<Answer, Failure> {
        let items = creation.edit.items.clone().unwrap_or_default();
        let request = Create {
            merchant: self.merchant.id.clone(),
            currency: creation.currency.or(Some(self.merchant.currency)),
            edit: creation.edit,
            agent: creation.agent,
        };
        let done = self
            .edges
            .service
            .create(request, self.recorder(StatusCode::CREATED, Occasion::Look, key))
            .await;
        done.map_err(|error| Failure::Refused(errors::problem(&error, self.release, &items)))
    }

    async fn update(
        &self,
        id: &SessionId,
        edit: tillhouse_checkout::cart::CartEdit,
        key: Option<IdempotencyKey>,
    ) -> Result<Answer, Failure> {
        let items = edit.items.clone().unwrap_or_default();
        let recorder = self.recorder(StatusCode::OK, Occasion::Look, key);
        let done = self.edges.service.update(&self.merchant.id, id, edit, recorder).await;
        done.map_err(|error| Failure::Refused(errors::problem(&error, self.release, &items)))
    }

    async fn complete(
        &self,
        session: SessionId,
        completion: super::Completion,
        key: Option<IdempotencyKey>,
    ) -> Result<Answer, Failure> {
        let request = Complete {
            merchant: self.merchant.id.clone(),
            session,
            token: completion.token,
            provider: completion.provider,
            authentication: completion.authentication,
            billing: completion.billing,
            edit: completion.edit,
            signals: completion.signals,
            deadline: Some(self.edges.limits.complete_time.saturating_sub(self.arrived.elapsed())),
        };
        let done = self
            .edges
            .service
            .complete(request, self.recorder(StatusCode::OK, Occasion::Payment, key))
            .await;
        done.map_err(|error| Failure::Refused(errors::problem(&error, self.release, &[])))
    }

    async fn cancel(&self, id: &SessionId, key: Option<IdempotencyKey>) -> Result<Answer, Failure> {
        let recorder = self.recorder(StatusCode::OK, Occasion::Look, key);
        let done = self.edges.service.cancel(&self.merchant.id, id, recorder).await;
        done.map_err(|error| Failure::Refused(errors::cancel_problem(&error, self.release)))
    }

    fn recorder(&self, status: StatusCode, occasion: Occasion, key: Option<IdempotencyKey>) -> ResponseRecorder {
        ResponseRecorder {
            key,
            render: self.render(status, occasion),
        }
    }

    /// A function that renders a session as the response.
    pub(crate) fn render(&self, status: StatusCode, occasion: Occasion) -> Render {
        let (release, merchant, settings) = (self.release, self.merchant.clone(), self.settings.clone());
        Arc::new(move |session| Reply {
            status: status.as_u16(),
            body: release.render(session, &merchant, &settings, occasion),
        })
    }
}
