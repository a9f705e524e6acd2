//! The operations on carts.

use std::sync::Arc;

use axum::http::StatusCode;

use super::CartDefinition;
use crate::acp::call::AcpCall;
use crate::acp::errors;
use crate::acp::release::Release;
use crate::acp::release_definition::RenderContext;
use crate::deadline::run_until;
use crate::error_response::{ErrorResponse, RequestedLines};
use crate::idempotent_post::PostError;
use crate::rendering::RequestKind;
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::{IdempotencyKey, Reply};
use tillhouse_checkout::ids::SavedCartId;
use tillhouse_checkout::message::{Message, Subject};
use tillhouse_checkout::operation::{CheckoutResponse, CreateCartRequest, RenderFn, ResponseRecorder};
use tillhouse_checkout::session::Session;

impl AcpCall {
    /// The carts of the release, if the merchant keeps carts.
    ///
    /// # Errors
    /// 404 if the merchant keeps none, 400 with the releases that have carts if this one has none.
    pub(crate) fn carts(&self) -> Result<&'static CartDefinition, ErrorResponse> {
        if !self.settings.services.carts {
            return Err(ErrorResponse::route_not_found());
        }
        self.release.carts().ok_or_else(|| {
            let with_carts = Release::with_carts();
            let message = format!("this release has no carts; use one of: {}", with_carts.join(", "));
            ErrorResponse {
                supported_versions: with_carts,
                ..ErrorResponse::request(StatusCode::BAD_REQUEST, "unsupported_api_version", message).not_recorded()
            }
        })
    }

    pub(crate) async fn create_cart(
        &self,
        edit: CartEdit,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let requested = RequestedLines::of(&edit);
        let request = CreateCartRequest {
            caller: self.caller.clone(),
            edit,
        };
        let recorder = self.cart_recorder(StatusCode::CREATED, key);
        let done = self.state.service.create_cart(request, recorder).await;
        done.map_err(|error| self.refused(&error, &requested))
    }

    pub(crate) async fn replace_cart(
        &self,
        id: &SavedCartId,
        edit: CartEdit,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let requested = RequestedLines::of(&edit);
        let recorder = self.cart_recorder(StatusCode::OK, key);
        let done = self.state.service.replace_cart(&self.caller, id, edit, recorder).await;
        done.map_err(|error| self.refused(&error, &requested))
    }

    pub(crate) async fn cancel_cart(
        &self,
        id: &SavedCartId,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let recorder = self.cart_recorder(StatusCode::OK, key);
        let done = self.state.service.cancel_cart(&self.caller, id, recorder).await;
        done.map_err(|error| self.refused(&error, &RequestedLines::default()))
    }

    pub(crate) async fn retrieve_cart(&self, id: SavedCartId) -> Result<Reply, ErrorResponse> {
        self.carts()?;
        let (service, caller) = (Arc::clone(&self.state.service), self.caller.clone());
        let work = async move { service.retrieve_cart(&caller, &id).await };
        match run_until(&self.state, self.until(), None, None, work).await? {
            Ok(cart) => Ok(self.render_cart(StatusCode::OK)(&cart.draft)),
            Err(error) => {
                let requested = RequestedLines::default();
                Err(errors::error_response(&error, self.release, &requested))
            }
        }
    }

    fn refused(&self, error: &CheckoutError, requested: &RequestedLines) -> PostError {
        PostError::Domain(errors::error_response(error, self.release, requested))
    }

    fn cart_recorder(&self, status: StatusCode, key: Option<IdempotencyKey>) -> ResponseRecorder {
        ResponseRecorder::new(key, self.render_cart(status), self.deadline.clone())
    }

    fn render_cart(&self, status: StatusCode) -> RenderFn {
        let (release, merchant, settings) = (self.release, self.merchant.clone(), self.settings.clone());
        Arc::new(move |draft| {
            let context = RenderContext {
                merchant: &merchant,
                settings: &settings,
                request_kind: RequestKind::Other,
            };
            let session = release.render(&shown(draft), context);
            Reply {
                status: status.as_u16(),
                body: release.carts().map_or_else(Vec::new, |carts| (carts.render)(&session)),
            }
        })
    }
}

/// The draft of a cart without the messages about what only a checkout asks for.
fn shown(draft: &Session) -> Session {
    let mut draft = draft.clone();
    draft.quote.messages.retain(is_about_a_cart);
    draft
}

fn is_about_a_cart(message: &Message) -> bool {
    match message.about {
        Subject::Session
        | Subject::Currency
        | Subject::Lines
        | Subject::Line(_)
        | Subject::Quantity(_)
        | Subject::Code(_)
        | Subject::Discount(_) => true,
        Subject::Buyer(_) => message.code.as_deref() != Some("missing"),
        Subject::Address(_)
        | Subject::GroupAddress(..)
        | Subject::Choice
        | Subject::Option(_)
        | Subject::Consent(_)
        | Subject::Payment => false,
    }
}
