//! Webhooks of the processor about payments that another party takes: they report the same as the party itself.

use tracing::info;

use tillhouse_checkout::caller::{Caller, Protocol};
use tillhouse_checkout::decision::{ChargeOutcome, ProcessorEvent};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, ProcessorReference, SessionId};
use tillhouse_checkout::inbox::InboxEvent;
use tillhouse_checkout::money::{Amount, Currency, Money, format_minor};
use tillhouse_checkout::outside_payment::{OutsidePayment, OutsideResult};
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::OutsidePayments;
use super::by_event::taken_by_event;
use super::report::Reported;

impl OutsidePayments {
    /// Take an event about a payment of another party, which it names by our reference of the attempt, by the order or by the session.
    /// Returns whether the event is new; `None` if it is about no such payment.
    ///
    /// A payment that was not made changes nothing: another try may come, and only the party itself ends the payment. Where it is the one
    /// that made an order, the operator has it.
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
        let Some((reference, result)) = what_became(&session, event, outcome) else {
            info!(session.id = %session.id, event.id, "a processor event says that a payment elsewhere is not made; it changes nothing");
            let unit = UnitOfWork {
                event: Some(received.clone()),
                ..UnitOfWork::default()
            };
            return self.context.keep(unit).await.map(Some);
        };
        let stated = stated_amount(event, outcome);
        let amount = stated.map(|(minor, currency)| money(minor, currency));
        let payment = OutsidePayment {
            caller: owner(&session),
            session: session.id.clone(),
            reference,
            amount: amount.flatten(),
            result,
        };
        let reported = Reported {
            payment: &payment,
            event: Some(received.clone()),
            reports_unknown: true,
        };
        if let (Some((minor, currency)), Some(None)) = (stated, amount) {
            return self.keep_unreadable(&reported, &format_minor(minor, currency)).await;
        }
        taken_by_event(Box::pin(self.take(&reported)).await).map(Some)
    }

    /// An amount that is none of any currency is not what is due.
    async fn keep_unreadable(&self, reported: &Reported<'_>, stated: &str) -> Result<Option<bool>, CheckoutError> {
        let detail = format!("{stated} was paid elsewhere, which is not an amount of money");
        match self.keep(reported, None, DiscrepancyKind::AmountDiffers, &detail).await {
            Err(CheckoutError::Conflict(CommitError::EventSeen)) => Ok(Some(false)),
            kept => kept.map(|_| Some(true)),
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

/// What an event says of a payment, with its reference; `None` where that changes nothing.
fn what_became(
    session: &Session,
    event: &ProcessorEvent,
    outcome: &ChargeOutcome,
) -> Option<(Option<ProcessorReference>, OutsideResult)> {
    match outcome {
        ChargeOutcome::Approved {
            processor_reference, ..
        } if !processor_reference.is_empty() => {
            let reference = ProcessorReference::new(processor_reference.as_str());
            Some((Some(reference), OutsideResult::Paid))
        }
        // Of the payment that made the order: it was voided, or is refused now.
        ChargeOutcome::Declined { code, .. } if session.order().is_some() => {
            let reference = event.processor_reference.as_deref()?;
            Some((
                Some(ProcessorReference::new(reference)),
                OutsideResult::Refused(code.clone()),
            ))
        }
        _ => None,
    }
}

/// The amount that was paid, in minor units of a currency.
fn stated_amount<'a>(event: &'a ProcessorEvent, outcome: &'a ChargeOutcome) -> Option<(i64, &'a str)> {
    let ChargeOutcome::Approved { minor, currency, .. } = outcome else {
        return None;
    };
    let of_event = event
        .amount
        .as_ref()
        .map(|amount| (amount.minor, amount.currency.as_str()));
    Some(of_event.unwrap_or((*minor, currency.as_str())))
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
