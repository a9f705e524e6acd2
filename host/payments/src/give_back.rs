//! Giving back money that was taken for an order that cannot be made.

use tracing::info;

use tillhouse_checkout::attempt::{Attempt, AttemptState};
use tillhouse_checkout::decision::{RefundOutcome, VoidOutcome};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::ProcessorReference;
use tillhouse_checkout::ports::{DecisionError, PhaseKind, PhaseScope};

use super::Payments;
use super::cause::Cause;

/// How giving back went.
enum Given {
    /// No money will move, or it went back.
    Back(String),
    /// Ask again later.
    Later(String),
    /// It cannot be done from here.
    Not(String),
}

impl Payments {
    /// Void the charge, or refund it where it is too late for that; then the attempt is over and Stripe is told that the
    /// payment was canceled. Each call carries the attempt's id, so that a second one is the same operation.
    pub(super) async fn give_back(&self, attempt: Attempt) -> Result<(), CheckoutError> {
        let Some(reference) = attempt.processor_reference.clone() else {
            let detail = "money is to be given back and the processor's reference is not known";
            self.review(&attempt, "cannot_give_back", detail, Cause::default())
                .await;
            return Ok(());
        };
        match self.undo(&attempt, &reference).await {
            Ok(Given::Back(how)) => {
                info!(attempt.id = %attempt.id, how, "the money was given back");
                let session = self.still_paying(&attempt).await?;
                self.refuse(session, attempt, AttemptState::Voided, &how, Cause::default())
                    .await
            }
            Ok(Given::Later(why)) => {
                self.try_later(&attempt, &why).await;
                Ok(())
            }
            Err(error) => {
                self.try_later(&attempt, &error.to_string()).await;
                Ok(())
            }
            Ok(Given::Not(why)) => {
                self.review(&attempt, "cannot_give_back", &why, Cause::default()).await;
                Ok(())
            }
        }
    }

    async fn undo(&self, attempt: &Attempt, reference: &ProcessorReference) -> Result<Given, DecisionError> {
        let powers = self.processor.powers(&attempt.merchant);
        let now = self.checkout.clock.now();
        if powers.void {
            match self
                .processor
                .void(
                    self.payment_scope(attempt),
                    super::amendment(attempt, "void", now),
                    reference,
                )
                .await?
            {
                VoidOutcome::Voided => return Ok(Given::Back("voided".to_owned())),
                VoidOutcome::TooLate if powers.refund => {}
                VoidOutcome::TooLate => return Ok(Given::Not("too late to void, and there is no refund".to_owned())),
                VoidOutcome::Unknown => return Ok(Given::Later("the void cannot be told yet".to_owned())),
            }
        }
        if !powers.refund {
            let why = "the processor's plugin can neither void nor refund";
            return Ok(Given::Not(why.to_owned()));
        }
        let refund = self.processor.refund(
            self.payment_scope(attempt),
            super::amendment(attempt, "refund", now),
            reference,
            attempt.amount,
        );
        Ok(match refund.await? {
            RefundOutcome::Refunded(refund) => Given::Back(format!("refunded with {refund}")),
            RefundOutcome::Pending(refund) => Given::Later(format!("the refund {refund} is pending")),
            RefundOutcome::Declined(code) => Given::Not(format!("the refund was declined: {code}")),
            RefundOutcome::Unknown => Given::Later("the refund cannot be told yet".to_owned()),
        })
    }

    fn payment_scope(&self, attempt: &Attempt) -> PhaseScope {
        PhaseScope {
            merchant: attempt.merchant.clone(),
            session: attempt.session.clone(),
            kind: PhaseKind::Payment,
            now: self.checkout.clock.now(),
            currency: attempt.amount.currency,
            locale: None,
        }
    }
}
