//! Reports of payments that made no order here yet. Events come in any order: a refund may be known before its payment, and a charge before
//! the intent that it is of.
//!
//! A report is kept in the inbox under each name of its payment. Reports that share a name are of one payment.

use tracing::warn;

use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, ProcessorReference, SessionId};
use tillhouse_checkout::inbox::{EventSource, InboxEvent};
use tillhouse_checkout::outside_payment::{AdjustmentReport, OutsideAdjustment};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Ordering;

/// Type of a kept report in the inbox.
const KIND: &str = "payment.report";
/// How many kept reports of one name are read, the oldest first.
const MAX_REPORTS: usize = 100;
/// How many names of one payment are followed: of its intent, and of the charges that were tried.
const MAX_NAMES: usize = 16;

/// What a payment has made here.
pub(super) enum Made {
    /// Not known here, or its order is not made yet.
    NothingYet,
    /// The host charged it, so that the merchant's processor reports what becomes of it.
    ByHost,
    /// The order of this session.
    OrderOf(SessionId),
}

/// A payment of another party, as far as it is known here.
pub(super) struct KnownPayment {
    pub(super) made: Made,
    /// What was kept of it, the oldest first.
    pub(super) reports: Vec<OutsideAdjustment>,
}

impl Ordering {
    /// The payment with one of these names, or with a name that a kept report puts beside one of them.
    pub(super) async fn payment_named(
        &self,
        merchant: &MerchantId,
        names: &[ProcessorReference],
    ) -> Result<KnownPayment, CheckoutError> {
        let mut names = names.to_vec();
        let (mut made, mut kept) = (Made::NothingYet, Vec::new());
        let mut next = 0;
        while let Some(name) = names.get(next).cloned().filter(|_| next < MAX_NAMES) {
            next += 1;
            if let Made::NothingYet = made {
                made = self.made_by(merchant, &name).await?;
            }
            let source = EventSource::Payment(merchant.clone(), name);
            for (number, event) in self.context.store().list_events(&source, 0, MAX_REPORTS).await? {
                let Ok(report) = serde_json::from_str::<OutsideAdjustment>(&event.payload) else {
                    warn!(event.id, "a kept report of a payment cannot be read");
                    continue;
                };
                for other in &report.names {
                    if !names.contains(other) {
                        names.push(other.clone());
                    }
                }
                kept.push((number, report));
            }
        }
        kept.sort_by_key(|(number, _)| *number);
        let mut reports: Vec<_> = kept.into_iter().map(|(_, report)| report).collect();
        // One report is kept under each of its names.
        reports.dedup();
        Ok(KnownPayment { made, reports })
    }

    async fn made_by(&self, merchant: &MerchantId, name: &ProcessorReference) -> Result<Made, CheckoutError> {
        let store = self.context.store();
        let Some(attempt) = store.attempt_by_charge(merchant, name).await? else {
            return Ok(Made::NothingYet);
        };
        if !attempt.payer.is_elsewhere() {
            return Ok(Made::ByHost);
        }
        let order = store.order(merchant, &attempt.session).await?;
        Ok(order.map_or(Made::NothingYet, |order| Made::OrderOf(order.session)))
    }

    /// Keep a report under each name of its payment. The number tells apart what one event reports.
    pub(super) async fn keep_report(
        &self,
        event: &InboxEvent,
        number: usize,
        report: &OutsideAdjustment,
    ) -> Result<(), CheckoutError> {
        let id = format!("{}#{number}", event.id);
        for name in &report.names {
            self.keep_under(name, id.clone(), event, report).await?;
        }
        Ok(())
    }

    /// Keep that the names of a payment belong together, so that a later report with one of them finds its order.
    pub(super) async fn keep_names(&self, event: &InboxEvent, report: &OutsideAdjustment) -> Result<(), CheckoutError> {
        let Some((first, others)) = report.names.split_first() else {
            return Ok(());
        };
        let named = OutsideAdjustment {
            what: AdjustmentReport::Named,
            ..report.clone()
        };
        for name in others {
            self.keep_under(name, first.to_string(), event, &named).await?;
        }
        Ok(())
    }

    async fn keep_under(
        &self,
        name: &ProcessorReference,
        id: String,
        event: &InboxEvent,
        report: &OutsideAdjustment,
    ) -> Result<(), CheckoutError> {
        let unit = UnitOfWork {
            event: Some(InboxEvent {
                source: EventSource::Payment(report.merchant.clone(), name.clone()),
                id,
                merchant: report.merchant.clone(),
                kind: KIND.to_owned(),
                payload: serde_json::to_string(report).unwrap_or_default(),
                received: event.received,
            }),
            ..UnitOfWork::default()
        };
        // One that is repeated is kept already.
        self.context.keep(unit).await.map(|_| ())
    }
}
