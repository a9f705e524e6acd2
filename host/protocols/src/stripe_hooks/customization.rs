//! Checkout customization: how an order can be delivered, and at which rates it is taxed. Nothing is stored of it but the answer.

use super::answer::ok;
use super::call::HookCall;
use super::{errors, from_wire, to_wire};
use crate::error_response::RequestedLines;
use crate::idempotent_post::PostError;
use crate::request_observer::HookAnswer;
use tillhouse_checkout::idempotency::IdempotencyKey;
use tillhouse_checkout::operation::{CheckoutResponse, CreateRequest};

impl HookCall {
    pub(super) async fn customize(&self, key: Option<IdempotencyKey>) -> Result<CheckoutResponse, PostError> {
        let asked = from_wire::customization(&self.hook.data).map_err(|error| PostError::InvalidBody(error.into()))?;
        if asked.lines.is_empty() {
            tracing::info!(
                hook.id = self.hook.id,
                "a hook asks to customize a checkout without lines: nothing is customized"
            );
            self.observe(HookAnswer::Answered);
            return self.record(key, ok(&to_wire::not_customized())).await;
        }
        let request = CreateRequest {
            id: Some(self.session_of(asked.session.as_ref())),
            currency: Some(asked.currency),
            edit: asked.edit.clone(),
            ..self.creation()
        };
        let session = self.quoted(request).await.map_err(|error| {
            let refused = errors::of_domain(&error, &RequestedLines::of(&asked.edit));
            PostError::Domain(refused.not_recorded())
        })?;
        let answer = to_wire::customization(&asked, &session, self.state.service.now());
        self.observe(HookAnswer::Answered);
        self.record(key, ok(&answer)).await
    }
}
