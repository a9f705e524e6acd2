//! A completion that carries the result of a 3-D Secure authentication. No result leads to a charge. After a failed authentication
//! the payment is declined. After a successful one the host cannot pass the proof on to the processor yet, and without the proof
//! the liability would not shift to the issuer.

use tracing::info;

use tillhouse_checkout::authentication::AuthenticationResult;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

use super::Paying;
use crate::settlement::declined_message;

impl Paying {
    /// Refuse a completion that carries the result of an authentication.
    ///
    /// # Errors
    /// For every result. Nothing was charged, and neither token nor stock was touched.
    pub(super) async fn refuse_authentication(
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
        self.show_decline(session).await?;
        Err(CheckoutError::AuthenticationFailed(outcome))
    }

    /// The session shows the decline. One that was changed in the meantime is left as it is.
    async fn show_decline(&self, session: &Session) -> Result<(), CheckoutError> {
        let after = Session {
            revision: session.revision + 1,
            updated: self.context.now(),
            last_payment_error: Some(declined_message()),
            ..session.clone()
        };
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: after,
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
