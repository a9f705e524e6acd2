//! Webhooks of the processor about payments that another party takes: they report the same as the party itself.

use tracing::info;

use tillhouse_checkout::caller::{Caller, Protocol};
use tillhouse_checkout::decision::{ChargeOutcome, ProcessorEvent};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, ProcessorReference, SessionId};
use tillhouse_checkout::inbox::InboxEvent;
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::outside_payment::{OutsidePayment, OutsideResult};
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::OutsidePayments;
use super::report::Reported;

impl OutsidePayments {
    /// Take an event about a payment of another party, which it names by our reference of the attempt, by the order or by the session.
    /// Returns whether the event is new; `None` if it is about no such payment.
    ///
    /// A payment that was not made changes nothing: another try may come, and only the party itself ends the payment.
    ///
    /// # Errors
    /// When the event has to come again.
    pub(crate) async fn handle_event(
        &self,
        merchant: &MerchantId,
        event: &ProcessorEvent,
        reference: &str,
        outcome: &ChargeOutcome,
        received: &InboxEvent,
    ) -> Result<Option<bool>, CheckoutError> {
        let Some(session) = self.session_named(merchant, reference).await? else {
            return Ok(None);
        };
        let Some(charge) = made(outcome) else {
            info!(session.id = %session.id, event.id, "a processor event says that a payment elsewhere is not made; it changes nothing");
            let unit = UnitOfWork {
                event: Some(received.clone()),
                ..UnitOfWork::default()
            };
            return self.context.keep(unit).await.map(Some);
        };
        let payment = OutsidePayment {
            caller: owner(&session),
            session: session.id.clone(),
            reference: Some(charge.reference),
            amount: amount_of(event).or(charge.amount),
            result: OutsideResult::Paid,
        };
        let reported = Reported {
            payment: &payment,
            event: Some(received.clone()),
        };
        match Box::pin(self.take(&reported)).await {
            Err(CheckoutError::Conflict(CommitError::EventSeen)) => Ok(Some(false)),
            Ok(())
            // The operator has it.
            | Err(
                CheckoutError::PaidAfterEnd { .. }
                | CheckoutError::PaidAmountDiffers { .. }
                | CheckoutError::PaymentOfAnother,
            ) => Ok(Some(true)),
            Err(error) => Err(error),
        }
    }

    /// The session that another party is to be paid for, and that an event names.
    async fn session_named(&self, merchant: &MerchantId, reference: &str) -> Result<Option<Session>, CheckoutError> {
        let store = self.context.store();
        let by_reference = store.attempt_by_reference(merchant, reference).await?;
        let attempt = match by_reference {
            Some(attempt) => Some(attempt),
            None => store.attempt_by_order(merchant, reference).await?,
        };
        let id = match attempt {
            Some(attempt) if !attempt.payer.is_elsewhere() => return Ok(None),
            Some(attempt) => attempt.session,
            None => SessionId::new(reference),
        };
        let session = store.session(merchant, &id).await?;
        Ok(session.filter(|session| session.protocol.as_ref().and_then(Protocol::outside_payer).is_some()))
    }
}

/// A payment that was made, as an event says.
struct Made {
    reference: ProcessorReference,
    amount: Option<Money>,
}

fn made(outcome: &ChargeOutcome) -> Option<Made> {
    match outcome {
        ChargeOutcome::Approved {
            processor_reference,
            minor,
            currency,
            ..
        } if !processor_reference.is_empty() => Some(Made {
            reference: ProcessorReference::new(processor_reference.as_str()),
            amount: money(*minor, currency),
        }),
        _ => None,
    }
}

fn amount_of(event: &ProcessorEvent) -> Option<Money> {
    let amount = event.amount.as_ref()?;
    money(amount.minor, &amount.currency)
}

fn money(minor: i64, currency: &str) -> Option<Money> {
    Some(Money {
        amount: Amount::new(minor).ok()?,
        currency: Currency::new(currency).ok()?,
    })
}

fn owner(session: &Session) -> Caller {
    Caller {
        merchant: session.merchant.clone(),
        protocol: session.protocol.clone().unwrap_or(Protocol::AdyenMerchant),
        principal: session.agent.principal.clone(),
    }
}
