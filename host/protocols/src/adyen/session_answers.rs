//! What both edges of the dialect answer of a session, and the rules of idempotency keys that they share.

use std::sync::Arc;

use axum::http::StatusCode;

use super::errors::{self, RefusedRequest};
use super::refusals;
use super::shape::session::{Session, SessionContext};
use crate::error_response::{ErrorResponse, ErrorType, RequestedLines};
use crate::idempotency::KeyRules;
use crate::idempotent_post::PostError;
use crate::settings::{AdyenSettings, MerchantSettings};
use crate::state::AppState;
use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};
use tillhouse_checkout::idempotency::Reply;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::operation::{RefusalFn, RenderFn};
use tillhouse_checkout::session;
use tillhouse_checkout::token_has_card_number;

/// Rules for idempotency keys: optional. The document shows the header, and says neither what a key is unique within nor what happens to
/// another body; here it is that of the other protocols.
pub(super) const KEYS: KeyRules = KeyRules {
    required: false,
    conflict: StatusCode::UNPROCESSABLE_ENTITY,
    conflict_kind: ErrorType::InvalidRequest,
};

/// Answers of one merchant.
#[derive(Clone, Debug)]
pub(super) struct SessionAnswers {
    pub(super) merchant: Arc<MerchantSettings>,
    pub(super) settings: Arc<AdyenSettings>,
}

impl SessionAnswers {
    pub(super) fn context(&self) -> SessionContext<'_> {
        SessionContext {
            merchant: &self.merchant,
            settings: &self.settings,
        }
    }

    /// The session in the dialect.
    pub(super) fn shape<'a>(&'a self, session: &'a session::Session) -> Session<'a> {
        Session::of(session, self.context())
    }

    pub(super) fn shown(&self, status: StatusCode, session: &session::Session) -> Reply {
        Reply {
            status: status.as_u16(),
            body: self.shape(session).to_json(),
        }
    }

    /// The session that is open again after a payment was declined.
    pub(super) fn declined(&self, status: StatusCode, session: &session::Session) -> Reply {
        Reply {
            status: status.as_u16(),
            body: self.shape(session).after_decline().to_json(),
        }
    }

    /// A function that renders a session as the response.
    pub(super) fn render(&self, status: StatusCode) -> RenderFn {
        let answers = self.clone();
        Arc::new(move |session| answers.shown(status, session))
    }

    /// A function that renders the session of a declined payment as the response.
    pub(super) fn render_declined(&self, status: StatusCode) -> RenderFn {
        let answers = self.clone();
        Arc::new(move |session| answers.declined(status, session))
    }

    /// A function that refuses what cannot be bought or delivered.
    pub(super) fn refusal(&self, lines: &RequestedLines) -> RefusalFn {
        let (answers, lines) = (self.clone(), lines.clone());
        Arc::new(move |proposed, before| {
            let refused = refusals::of(proposed, &lines);
            let shown = before.map(|session| (session, answers.context()));
            (!refused.is_empty()).then(|| errors::unprocessable(refused, shown).reply())
        })
    }

    /// The answer to a request that the domain has refused, with the session as it is stored.
    pub(super) async fn refused(
        &self,
        error: &CheckoutError,
        request: &RefusedRequest,
        stored: StoredSession<'_>,
    ) -> ErrorResponse {
        let session = stored.peek().await;
        let shown = session.as_ref().map(|session| (session, self.context()));
        errors::answer(error, request, shown)
    }
}

/// Where the session of a refused request is.
pub(super) struct StoredSession<'a> {
    pub(super) state: &'a AppState,
    pub(super) caller: &'a Caller,
    /// `None` for a request without a session.
    pub(super) id: Option<&'a SessionId>,
}

impl StoredSession<'_> {
    pub(super) async fn peek(&self) -> Option<session::Session> {
        self.state.service.peek(self.caller, self.id?).await.ok()
    }
}

/// Refuse a card number in place of a token. Nothing of such a request is kept, its fingerprint included.
pub(super) fn refuse_card_number(token: &str, request: &RefusedRequest) -> Result<(), PostError> {
    if !token_has_card_number(token) {
        return Ok(());
    }
    let unknown = CheckoutError::Token(PaymentTokenError::Unknown);
    let refused = errors::answer(&unknown, request, None);
    Err(PostError::InvalidBody(refused.not_recorded()))
}
