//! One authenticated call of Adyen.

mod payment;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use super::body::AdyenBody;
use super::operation::MerchantOperation;
use crate::adyen::auth::read_authenticated;
use crate::adyen::errors::{self, RefusedRequest};
use crate::adyen::refusals;
use crate::adyen::shape::message::Message;
use crate::adyen::shape::session::{Session, SessionContext};
use crate::deadline::{LAST_COMMIT, ShownSession, run_until};
use crate::error_response::{ErrorResponse, ErrorType, RequestedLines};
use crate::idempotency::{KeyRules, read_key, scope};
use crate::idempotent_post::{DuplicateWait, PostError, PostOutcome, run_idempotent};
use crate::json::BodyError;
use crate::request::parse_json;
use crate::settings::{AdyenMember, AdyenMerchantSettings, AdyenSettings, MerchantSettings};
use crate::state::AppState;
use tillhouse_checkout::caller::{Caller, Protocol};
use tillhouse_checkout::cart::CartError;
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::{IdempotencyKey, Reply};
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::operation::{CheckoutResponse, CreateRequest, RefusalFn, RenderFn, ResponseRecorder};
use tillhouse_checkout::session::{self, Agent};

/// Of Adyen's budget, what the network takes in both directions.
const NETWORK: Duration = Duration::from_millis(250);

/// Rules for idempotency keys, which Adyen does not say that it sends. Without one, a repeated call gets the same answer by what it does.
const KEYS: KeyRules = KeyRules {
    required: false,
    conflict: StatusCode::UNPROCESSABLE_ENTITY,
    conflict_kind: ErrorType::InvalidRequest,
};

/// An admitted call: the merchant that is called. The caller is Adyen.
#[derive(Clone, Debug)]
pub(crate) struct MerchantCall {
    state: AppState,
    merchant: Arc<MerchantSettings>,
    account: Arc<AdyenSettings>,
    settings: Arc<AdyenMerchantSettings>,
    /// Without a principal: all sessions are Adyen's, whatever key it has.
    caller: Caller,
    /// When the answer is to be given, early enough for Adyen's budget.
    until: Instant,
    /// What an operation shares with the edge that gives up.
    deadline: Deadline,
}

impl MerchantCall {
    /// Authenticate the call, and read its body.
    ///
    /// # Errors
    /// 404 if the merchant is not called by Adyen, 401 without valid credentials, 503 if the merchant is out of service, and the errors of
    /// reading the body.
    pub(crate) async fn admit(
        state: AppState,
        merchant: Arc<MerchantSettings>,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<(Self, Vec<u8>), ErrorResponse> {
        let arrived = Instant::now();
        let account = merchant.adyen.clone().ok_or_else(ErrorResponse::route_not_found)?;
        let settings = account.merchant.clone().ok_or_else(ErrorResponse::route_not_found)?;
        let body = read_authenticated(&settings.auth, headers, body, &state.limits).await?;
        state.ensure_in_service(&merchant)?;
        let until = arrived + settings.budget.saturating_sub(LAST_COMMIT + NETWORK);
        let call = Self {
            caller: Caller {
                merchant: merchant.id.clone(),
                protocol: Protocol::AdyenMerchant,
                principal: None,
            },
            deadline: Deadline::answering(Some(until.into_std())),
            until,
            state,
            merchant,
            account,
            settings,
        };
        Ok((call, body))
    }

    /// Run an operation, named by the last part of the path, once per idempotency key.
    pub(crate) async fn post(
        &self,
        id: SessionId,
        last_part: Option<&str>,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<PostOutcome, ErrorResponse> {
        let operation = MerchantOperation::of(last_part, &self.settings);
        let operation = operation.ok_or_else(ErrorResponse::route_not_found)?;
        self.check_flow(operation)?;
        let key = read_key(headers, KEYS)?;
        let body = AdyenBody::of(parse_json(headers, body)?.as_ref(), &self.settings.names).map_err(errors::of_body)?;
        let path = format!("/agentic/sessions/{}/{id}", operation.name());
        let scope = key.map(|key| scope(&self.caller, &path, None, key));
        // A payment with a token enforces its own deadline, and answers a duplicate itself.
        let (until, wait) = match operation {
            MerchantOperation::Charge => (None, DuplicateWait::PaymentUntil(self.until)),
            _ => (Some(self.until), DuplicateWait::Until(self.until)),
        };
        let shown_session = (operation == MerchantOperation::Upsert).then(|| ShownSession {
            caller: self.caller.clone(),
            session: id.clone(),
        });
        let call = self.clone();
        let work = async move {
            let kept = body.to_json();
            let work = |key| call.run(operation, &id, &body, key);
            run_idempotent(&call.state, KEYS, scope, Some(&kept), wait, work).await
        };
        run_until(&self.state, until, Some(&self.deadline), shown_session, work).await
    }

    /// Whether the operation is one of the merchant's flow. What became of a payment is always taken.
    fn check_flow(&self, operation: MerchantOperation) -> Result<(), ErrorResponse> {
        let flow = self.settings.flow;
        let message = match operation {
            MerchantOperation::Charge if !flow.has_token() => {
                "this merchant takes no payment token: Adyen charges (the standard flow)"
            }
            MerchantOperation::Commit if !flow.has_commit() => {
                "this merchant holds nothing for a payment of Adyen: it charges the token that is delivered (the advanced flow)"
            }
            _ => return Ok(()),
        };
        Err(ErrorResponse::request(StatusCode::CONFLICT, "flow_not_enabled", message).not_recorded())
    }

    async fn run(
        &self,
        operation: MerchantOperation,
        id: &SessionId,
        body: &AdyenBody,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        match operation {
            MerchantOperation::Upsert => self.upsert(id, body, key).await,
            MerchantOperation::Commit => self.commit(id, body, key).await,
            MerchantOperation::Finalize => self.finalize(id, body, key).await,
            MerchantOperation::Cancel => self.cancel(id, key).await,
            MerchantOperation::Charge => self.charge(id, body, key).await,
        }
    }

    async fn upsert(
        &self,
        id: &SessionId,
        body: &AdyenBody,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let body = body.session().map_err(invalid_body)?;
        let lines = RequestedLines::of(&body.edit);
        let recorder = self.recorder(key).refusing(self.refusal(&lines));
        let request = CreateRequest {
            caller: self.caller.clone(),
            id: Some(id.clone()),
            currency: body.currency,
            edit: body.edit,
            agent: Agent::default(),
            attribution: body.attribution,
            saved_cart: None,
        };
        match self.state.service.upsert(request, recorder).await {
            Ok(response) => Ok(response),
            Err(error) => Err(self.refused(&error, id, lines.into()).await),
        }
    }

    async fn cancel(&self, id: &SessionId, key: Option<IdempotencyKey>) -> Result<CheckoutResponse, PostError> {
        match self.state.service.release(&self.caller, id, self.recorder(key)).await {
            Ok(response) => Ok(response),
            Err(error) => Err(self.refused(&error, id, RefusedRequest::default()).await),
        }
    }

    /// The answer to a call that the domain has refused, with the session as it is.
    async fn refused(&self, error: &CheckoutError, id: &SessionId, request: RefusedRequest) -> PostError {
        let stored = self.state.service.peek(&self.caller, id).await.ok();
        let shown = stored.as_ref().map(|session| (session, self.context()));
        PostError::Domain(match error {
            CheckoutError::Cart(CartError::Empty) => {
                let name = self.settings.names.first(AdyenMember::Items).to_owned();
                let text = format!("{name}: at least one item is required");
                errors::unprocessable(vec![Message::error("MISSING_FIELD", text, Some(name))], shown)
            }
            error => errors::answer(error, &request, shown),
        })
    }

    fn context(&self) -> SessionContext<'_> {
        SessionContext {
            merchant: &self.merchant,
            settings: &self.account,
        }
    }

    fn recorder(&self, key: Option<IdempotencyKey>) -> ResponseRecorder {
        let call = self.clone();
        let render: RenderFn = Arc::new(move |session| call.shown(StatusCode::OK, session));
        ResponseRecorder::new(key, render, self.deadline.clone())
    }

    fn shown(&self, status: StatusCode, session: &session::Session) -> Reply {
        Reply {
            status: status.as_u16(),
            body: Session::of(session, self.context()).to_json(),
        }
    }

    /// A function that refuses what cannot be bought or delivered.
    fn refusal(&self, lines: &RequestedLines) -> RefusalFn {
        let (call, lines) = (self.clone(), lines.clone());
        Arc::new(move |proposed, before| {
            let refused = refusals::of(proposed, &lines);
            let shown = before.map(|session| (session, call.context()));
            (!refused.is_empty()).then(|| errors::unprocessable(refused, shown).reply())
        })
    }
}

fn invalid_body(error: BodyError) -> PostError {
    PostError::InvalidBody(errors::of_body(error))
}
