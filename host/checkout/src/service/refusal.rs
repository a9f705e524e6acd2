//! Sessions that a protocol refuses to have stored.

use super::CheckoutService;
use crate::error::CheckoutError;
use crate::operation::{CheckoutResponse, ResponseRecorder};
use crate::session::Session;
use crate::unit_of_work::UnitOfWork;

impl CheckoutService {
    /// The refusal of a session that is about to be stored, recorded under the key of the request; `None` where it may be stored.
    ///
    /// # Errors
    /// If the refusal cannot be recorded. Nothing is stored then either.
    pub async fn refuse(
        &self,
        proposed: &Session,
        before: Option<&Session>,
        recorder: &ResponseRecorder,
    ) -> Result<Option<CheckoutResponse>, CheckoutError> {
        let refusal = recorder.refusal.as_ref().and_then(|refusal| refusal(proposed, before));
        match (refusal, &recorder.key) {
            (None, _) => Ok(None),
            (Some(reply), None) => Ok(Some(CheckoutResponse::Fresh(reply))),
            (Some(reply), Some(_)) => self.commit_unit(UnitOfWork::default(), reply, recorder).await.map(Some),
        }
    }
}
