//! Reservations that are refused: the session shows what prevents its payment, unless it is held and stays so.

use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::merchant::Merchant;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

use super::reserving::Reserving;
use super::{Paying, shortage};

impl Paying {
    /// Store what a refused completion found, so that the session shows what prevents it now. Where another request has changed
    /// the session in the meantime, that change stays, and the caller has to retrieve it.
    pub(super) async fn keep_refused(
        &self,
        mut session: Session,
        merchant: &Merchant,
        request: &Reserving<'_>,
    ) -> Result<(), CheckoutError> {
        if request.replaced().is_some() {
            return Ok(());
        }
        let id = session.id.clone();
        let replaces = self.context.checkout.bump_revision(&mut session, merchant);
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: Box::new(session),
                replaces: Some(replaces),
            }),
            ..UnitOfWork::default()
        };
        match self.context.store().commit(unit).await {
            Ok(()) => Ok(()),
            Err(CommitError::Session) => self.context.checkout.mark_not_shown(request.caller, &id).await,
            Err(other) => Err(other.into()),
        }
    }

    /// A counter of a plugin fell short: stock, or the uses of a code, or anything else that a plugin counts. The quote shows which.
    pub(super) async fn ran_out(
        &self,
        mut session: Session,
        applied: &[String],
        merchant: &Merchant,
        request: &Reserving<'_>,
        deadline: &Deadline,
    ) -> CheckoutError {
        if let Err(error) = self
            .context
            .checkout
            .requote(&mut session, false, deadline.until())
            .await
        {
            return error;
        }
        let missing = shortage::of(&session, applied);
        let shown = self.keep_refused(session, merchant, request).await;
        shown.err().unwrap_or(missing)
    }

    pub(super) async fn sold_out(
        &self,
        mut session: Session,
        merchant: &Merchant,
        request: &Reserving<'_>,
        deadline: &Deadline,
    ) -> CheckoutError {
        if request.replaced().is_some() {
            return CheckoutError::OutOfStock;
        }
        let shown = match self
            .context
            .checkout
            .requote(&mut session, false, deadline.until())
            .await
        {
            Ok(_) => self.keep_refused(session, merchant, request).await,
            Err(error) => Err(error),
        };
        shown.err().unwrap_or(CheckoutError::OutOfStock)
    }
}
