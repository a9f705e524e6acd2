//! A completion that carries the result of a 3-D Secure authentication that the host did not ask for. One that permits a
//! charge is passed on to the processor with its proof; after any other the payment is declined, and nothing was begun.

use tracing::info;

use tillhouse_checkout::authentication::AuthenticationResult;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::message::Message;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

use super::Paying;
use crate::settlement::authentication_failed_message;

/// What the agent reads beside the outcome.
const NOTHING_BEGUN: &str = "Nothing was charged, and the payment token was not consumed; use another payment method.";

impl Paying {
    /// Refuse a completion whose authentication permits no charge.
    ///
    /// # Errors
    /// For such a result. Nothing was charged, and neither token nor stock was touched.
    pub(super) async fn refuse_failed_authentication(
        &self,
        session: &Session,
        result: Option<&AuthenticationResult>,
    ) -> Result<(), CheckoutError> {
        let Some(outcome) = result.map(|result| result.outcome) else {
            return Ok(());
        };
        if outcome.permits_a_charge() {
            return Ok(());
        }
        info!(session.id = %session.id, outcome = outcome.name(), "payment declined: the buyer was not authenticated");
        self.show_decline(session, authentication_failed_message(outcome, NOTHING_BEGUN))
            .await?;
        Err(CheckoutError::AuthenticationFailed(outcome))
    }

    /// The session shows the decline. One that was changed in the meantime is left as it is.
    async fn show_decline(&self, session: &Session, message: Message) -> Result<(), CheckoutError> {
        let after = Session {
            revision: session.revision + 1,
            updated: self.context.now(),
            last_payment_error: Some(message),
            ..session.clone()
        };
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: Box::new(after),
                replaces: Some(session.revision),
            }),
            ..UnitOfWork::default()
        };
        match self.context.store().commit(unit).await {
            Ok(()) | Err(CommitError::Session) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
