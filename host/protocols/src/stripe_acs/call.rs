//! One authenticated call of Stripe to a hook.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use super::{errors, from_wire, to_wire};
use crate::auth;
use crate::deadline::{Shows, within};
use crate::exchange::{Answered, Failure, exchange};
use crate::idempotency::{KeyRules, key_of, scope};
use crate::json::{Fault, FaultKind, Node};
use crate::problem::{Kind, Problem};
use crate::request::{body_of, json_of, required};
use crate::settings::{MerchantEdge, StripeAcsAuth};
use crate::signature;
use crate::state::Edges;
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::idempotency::IdempotencyKey;
use tillhouse_checkout::operation::{Answer, Complete, Create, Render, ResponseRecorder};
use tillhouse_checkout::idempotency::Reply;

/// Rules for idempotency keys: optional, because the guide does not show any. A key reused with another body gets 400, as in
/// Stripe's own API.
const KEYS: KeyRules = KeyRules {
    required: false,
    conflict: StatusCode::BAD_REQUEST,
    conflict_kind: Kind::InvalidRequest,
};

/// An operation that creates or changes a checkout, with the session's id.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Create,
    Update(SessionId),
    Confirm(SessionId),
}

/// An admitted call: the merchant and the authenticated principal.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) edges: Edges,
    pub(crate) merchant: Arc<MerchantEdge>,
    principal: String,
    /// Arrival of the request head, from which deadlines count.
    arrived: Instant,
    committing: &'static str,
}

impl Call {
    /// Read the body and authenticate the call. A signature covers the raw body, so the body is read first.
    ///
    /// # Errors
    /// 404 if the merchant does not serve these hooks, 401 without a valid key or signature, 503 if the merchant is out of
    /// service, and the errors of reading the body.
    pub(crate) async fn admit(
        edges: Edges,
        merchant: Arc<MerchantEdge>,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<(Self, Vec<u8>), Problem> {
        let arrived = Instant::now();
        let settings = merchant.stripe_acs.as_ref().ok_or_else(Problem::nothing_here)?;
        let committing = settings.committing;
        let (principal, body) = match &settings.auth {
            StripeAcsAuth::Bearer(keys) => {
                let known = auth::bearer(headers).and_then(|token| auth::principal(token, keys));
                let principal = known.ok_or_else(Problem::unauthorized)?.to_owned();
                (principal, body_of(body, &edges.limits).await?)
            }
            StripeAcsAuth::Signature(secrets) => {
                let header = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
                let body = body_of(body, &edges.limits).await?;
                signature::verify(header.unwrap_or_default(), &body, secrets, edges.service.now())
                    .map_err(|error| Problem::unsigned(error.to_string()))?;
                ("stripe".to_owned(), body)
            }
        };
        edges.in_service(&merchant)?;
        let call = Self {
            edges,
            merchant,
            principal,
            arrived,
            committing,
        };
        Ok((call, body))
    }

    /// Run a POST, once per idempotency key.
    pub(crate) async fn post(&self, operation: Operation, path: &str, headers: &HeaderMap, body: &[u8]) -> Answered {
        let received = key_of(headers, KEYS).and_then(|key| Ok((key, json_of(headers, body)?)));
        let (key, body) = match received {
            Ok(received) => received,
            Err(problem) => return Answered::Refused(problem),
        };
        let scope = key.map(|key| scope(&self.merchant.id, &self.principal, path, None, key));
        // A payment enforces its own deadline.
        let until = match operation {
            Operation::Confirm(_) => None,
            Operation::Create | Operation::Update(_) => self.until(),
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
            exchange(&call.edges, KEYS, scope, body, work).await
        };
        within(&self.edges, until, shows, work)
            .await
            .unwrap_or_else(Answered::Refused)
    }

    /// Deadline of every operation except a payment.
    pub(crate) fn until(&self) -> Option<Instant> {
        self.arrived.checked_add(self.edges.limits.confirm_time)
    }

    async fn run(&self, operation: Operation, body: Option<&Node>, key: Option<IdempotencyKey>) -> Result<Answer, Failure> {
        let unread = |fault: Fault| Failure::Unread(fault.into());
        let body = required(body).map_err(unread)?;
        match operation {
            Operation::Create => {
                let creation = from_wire::create(body).map_err(unread)?;
                self.single_item(&creation.edit).map_err(unread)?;
                self.create(creation, key).await
            }
            Operation::Update(id) => {
                let edit = from_wire::update(body, self.merchant.currency).map_err(unread)?;
                self.single_item(&edit).map_err(unread)?;
                self.update(&id, edit, key).await
            }
            Operation::Confirm(id) => self.confirm(id, from_wire::confirm(body).map_err(unread)?, key).await,
        }
    }

    /// Enforce the limit in the guide, "currently limited to single item checkouts", if the merchant has switched it on.
    fn single_item(&self, edit: &CartEdit) -> Result<(), Fault> {
        let settings = self.merchant.stripe_acs.as_ref();
        let limited = settings.is_some_and(|settings| settings.single_item);
        if limited && edit.items.as_ref().is_some_and(|items| items.len() > 1) {
            let fault = Fault::new(
                FaultKind::Unsupported,
                "must contain a single item: this merchant supports one item per checkout",
            );
            return Err(fault.under("line_items"));
        }
        Ok(())
    }

    async fn create(&self, creation: from_wire::Creation, key: Option<IdempotencyKey>) -> Result<Answer, Failure> {
        let items = creation.edit.items.clone().unwrap_or_default();
        let request = Create {
            merchant: self.merchant.id.clone(),
            currency: Some(creation.currency),
            edit: creation.edit,
            agent: creation.agent,
        };
        let recorder = ResponseRecorder {
            key,
            render: self.checkout(),
        };
        let done = self.edges.service.create(request, recorder).await;
        done.map_err(|error| Failure::Refused(errors::problem(&error, &items)))
    }

    async fn update(&self, id: &SessionId, edit: CartEdit, key: Option<IdempotencyKey>) -> Result<Answer, Failure> {
        let items = edit.items.clone().unwrap_or_default();
        let recorder = ResponseRecorder {
            key,
            render: self.checkout(),
        };
        let done = self.edges.service.update(&self.merchant.id, id, edit, recorder).await;
        done.map_err(|error| Failure::Refused(errors::problem(&error, &items)))
    }

    async fn confirm(
        &self,
        session: SessionId,
        confirmation: from_wire::Confirmation,
        key: Option<IdempotencyKey>,
    ) -> Result<Answer, Failure> {
        let request = Complete {
            merchant: self.merchant.id.clone(),
            session,
            token: confirmation.token,
            provider: confirmation.provider.to_owned(),
            authentication: None,
            billing: confirmation.billing,
            edit: CartEdit::default(),
            signals: confirmation.signals,
            deadline: Some(self.edges.limits.confirm_time.saturating_sub(self.arrived.elapsed())),
        };
        let render: Render = Arc::new(|session| Reply {
            status: 200,
            body: serde_json::to_vec(&to_wire::confirmation(session)).unwrap_or_default(),
        });
        let done = self.edges.service.complete(request, ResponseRecorder { key, render }).await;
        done.map_err(|error| Failure::Refused(errors::problem(&error, &[])))
    }

    /// A function that renders a session as the checkout of the response.
    pub(crate) fn checkout(&self) -> Render {
        let committing = self.committing;
        Arc::new(move |session| Reply {
            status: 200,
            body: serde_json::to_vec(&to_wire::checkout(session, committing)).unwrap_or_default(),
        })
    }
}
