//! Holding a checkout for a payment that another party takes.

use std::time::Duration;

use tracing::{error, info};

use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::device::Device;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::operation::{CheckoutResponse, ResponseRecorder};
use tillhouse_checkout::outside_payment::{AmountDifference, HoldRequest};
use tillhouse_checkout::ports::{CommitError, PhaseKind};
use tillhouse_checkout::session::Session;

use super::Paying;
use super::reserving::{Holding, InsteadOf, PaidBy, Reserving, with_billing};

/// How long a payment that was reported without a hold waits for its order, should this host stop in between.
const UNHELD: Duration = Duration::from_secs(900);

impl Paying {
    /// Hold an open session: price it again, have its risk assessed, identify its order, reserve its stock and redeem its codes, in one
    /// commit with the answer, and with the end of the hold that this one is instead of.
    ///
    /// # Errors
    /// When the session cannot be paid as it is. It then shows why, and nothing is held; where it was held before, it still is, and is as
    /// it was.
    pub(crate) async fn hold(
        &self,
        session: &Session,
        request: &HoldRequest,
        provider: &'static str,
        instead_of: InsteadOf<'_>,
        recorder: &ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let holding = Holding {
            provider,
            signals: &request.signals,
            until: self.context.now().after(request.hold_for),
            instead_of,
            recorder: Some(recorder),
        };
        let reserving = Reserving::of_hold(request, holding);
        let held = Box::pin(self.reserve(session, &reserving, &recorder.deadline)).await?;
        info!(session.id = %held.session.id, attempt.id = %held.attempt.id, amount = %held.attempt.amount, "held for a payment of another party");
        Ok(CheckoutResponse::Fresh((recorder.render)(&held.session)))
    }

    /// Begin the attempt of a payment that is reported of an open session, which nothing was held for: only the order is identified,
    /// and what the session was shown to cost is what was paid.
    ///
    /// # Errors
    /// When the order cannot be identified, or the session is not open any more.
    pub(crate) async fn hold_paid(
        &self,
        session: &Session,
        caller: &Caller,
        provider: &'static str,
    ) -> Result<(), CheckoutError> {
        error!(session.id = %session.id, "a payment is reported of a checkout that was not held for it");
        match Box::pin(self.begin_unheld(session.clone(), caller, provider)).await {
            // Another checkout has made an order of the kept identity meanwhile: the plugin is asked for a new one.
            Err(CheckoutError::Conflict(CommitError::Order)) if session.kept_order.is_some() => {
                let session = Session {
                    kept_order: None,
                    ..session.clone()
                };
                Box::pin(self.begin_unheld(session, caller, provider)).await
            }
            done => done,
        }
    }

    async fn begin_unheld(
        &self,
        session: Session,
        caller: &Caller,
        provider: &'static str,
    ) -> Result<(), CheckoutError> {
        let checkout = &self.context.checkout;
        let merchant = checkout.merchants.get(&session.merchant)?;
        let consents = session.consents.clone();
        let device = Device::default();
        let reserving = Reserving {
            caller,
            expected: None,
            tax_of_caller: None,
            difference: AmountDifference::Refuse,
            edit: CartEdit::default(),
            consents: &consents,
            attribution: None,
            device: &device,
            by: PaidBy::Elsewhere(Holding {
                provider,
                signals: &[],
                until: self.context.now().after(UNHELD),
                instead_of: InsteadOf::Nothing,
                recorder: None,
            }),
        };
        let scope = checkout.scope(&session, PhaseKind::Payment);
        let mut phase = checkout.decisions.open(scope).await?;
        let payer = reserving.payer(session.total());
        let mut attempt = self.new_attempt(phase.as_mut(), &session, &reserving, payer).await?;
        attempt.history.without_stock = true;
        let (end, without_limit) = (phase.finish(), Deadline::default());
        let begun = self.commit_reservation(session, merchant, attempt, &end, &reserving, &without_limit);
        Box::pin(begun).await.map(|_| ())
    }
}

/// Whether a held session is what this request would hold.
pub(crate) fn holds_the_same(session: &Session, request: &HoldRequest) -> bool {
    let mut again = session.cart.clone();
    if again
        .apply(with_billing(&request.edit, request.billing.as_ref()))
        .is_err()
    {
        return false;
    }
    let consents_are_same = request.consents.is_empty() || request.consents == session.consents;
    again == session.cart && consents_are_same
}
