//! The Stripe simulator's ledger: tokens, the cards behind them, and payment records.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::dispute_report::{self, RecordedDispute};
use super::error::StripeError;
use super::granted_token::{DeactivatedReason, Deactivation, GrantedToken, VaultedCard};
use super::issue::Issue;
use super::order_event::OrderEvent;
use super::payment_record::{PaymentRecord, Report, ReportedOutcome};
use super::refund_report::RefundReport;
use crate::id::{RecordId, TokenId};
use crate::money::Amount;
use crate::table::Table;

/// The parameter of `report_payment` with the token.
const TOKEN_PARAMETER: &str = "payment_method_details[shared_payment_granted_token]";

#[derive(Default)]
pub(crate) struct Ledger {
    tokens: Table<TokenId, GrantedToken>,
    vault: HashMap<TokenId, VaultedCard>,
    records: Table<RecordId, PaymentRecord>,
    order_events: Vec<OrderEvent>,
}

impl Ledger {
    pub(crate) fn tokens(&self) -> &[GrantedToken] {
        self.tokens.rows()
    }

    pub(crate) fn records(&self) -> &[PaymentRecord] {
        self.records.rows()
    }

    pub(crate) fn issue(&mut self, issue: Issue, now: i64) -> Value {
        let token = GrantedToken {
            id: TokenId::generate(),
            created: now,
            currency: issue.currency,
            max_amount: issue.max_amount,
            expires_at: issue.expires_at,
            amount_captured: 0,
            deactivated: None,
            last4: issue.card.last4(),
            display: issue.card.display(),
        };
        let shown = token.to_json(now, None);
        self.vault.insert(token.id.clone(), issue.card);
        self.tokens.push(token.id.clone(), token);
        shown
    }

    pub(crate) fn token(&self, id: &TokenId) -> Result<&GrantedToken, StripeError> {
        self.tokens.get(id).ok_or_else(|| missing_token(id, "id"))
    }

    /// Resolves a token to its credentials: once, and only while it is active.
    pub(crate) fn resolve(&mut self, id: &TokenId, now: i64) -> Result<Value, StripeError> {
        let token = self.deactivate(id, DeactivatedReason::Resolved, now)?;
        Ok(token.to_json(now, self.vault.get(id)))
    }

    pub(crate) fn revoke(&mut self, id: &TokenId, now: i64) -> Result<Value, StripeError> {
        Ok(self.deactivate(id, DeactivatedReason::Revoked, now)?.to_json(now, None))
    }

    fn deactivate(&mut self, id: &TokenId, reason: DeactivatedReason, now: i64) -> Result<GrantedToken, StripeError> {
        let token = self.tokens.get_mut(id).ok_or_else(|| missing_token(id, "id"))?;
        if let Some(deactivation) = token.deactivation(now) {
            let (was, at) = (deactivation.reason.as_str(), deactivation.at);
            let message = format!("The shared payment token '{id}' was deactivated at {at}: {was}.");
            return Err(StripeError::refused(
                deactivated_code(deactivation.reason),
                "id",
                message,
            ));
        }
        token.deactivated = Some(Deactivation { at: now, reason });
        Ok(token.clone())
    }

    /// Records a payment report and counts its amount against the token's limit.
    pub(crate) fn report(&mut self, report: Report, now: i64) -> Result<Value, StripeError> {
        let token = self
            .tokens
            .get_mut(&report.token)
            .ok_or_else(|| missing_token(&report.token, TOKEN_PARAMETER))?;
        let resolved = token
            .deactivated
            .is_some_and(|d| d.reason == DeactivatedReason::Resolved);
        if !resolved {
            let message = format!(
                "The shared payment token '{}' was never resolved by this account.",
                token.id
            );
            return Err(StripeError::refused(
                "shared_payment_token_not_resolved",
                TOKEN_PARAMETER,
                message,
            ));
        }
        if report.requested.currency != token.currency {
            let message = format!(
                "The token is limited to {}, but the report is in {}.",
                token.currency, report.requested.currency
            );
            return Err(StripeError::refused(
                "currency_mismatch",
                "amount_requested[currency]",
                message,
            ));
        }
        let captured = token.amount_captured.saturating_add(report.guaranteed.value);
        if captured > token.max_amount {
            let message = format!(
                "{} minor units are captured already; {} more would exceed the token's max_amount of {}.",
                token.amount_captured, report.guaranteed.value, token.max_amount
            );
            return Err(StripeError::refused(
                "amount_too_large",
                "guaranteed[amount][value]",
                message,
            ));
        }
        token.amount_captured = captured;
        let record = report.into_record(now);
        let shown = record.to_json();
        self.records.push(record.id.clone(), record);
        Ok(shown)
    }

    /// Records a refund of a payment: with a reference that no other refund has, and no more than is left of the payment.
    pub(crate) fn report_refund(
        &mut self,
        id: &RecordId,
        report: RefundReport,
        now: i64,
    ) -> Result<Value, StripeError> {
        let name = "processor_details[custom][refund_reference]";
        let reference = &report.refund_reference;
        let mut known = self.records.rows().iter().flat_map(|record| &record.refunds);
        if known.any(|refund| refund.refund_reference == *reference) {
            let message = format!("{name} must be unique, and another refund has '{reference}'.");
            return Err(StripeError::refused("refund_reference_in_use", name, message));
        }
        let record = self
            .records
            .get_mut(id)
            .ok_or_else(|| StripeError::missing("payment_record", id.as_str(), "id"))?;
        if record.outcome != ReportedOutcome::Guaranteed {
            let message = format!("The payment of '{id}' was not guaranteed, so it cannot be refunded.");
            return Err(StripeError::refused("payment_record_not_refundable", "id", message));
        }
        let left = Amount {
            value: record.amount_guaranteed.value - record.amount_refunded(),
            ..record.amount_guaranteed.clone()
        };
        let amount = report.amount.clone().unwrap_or_else(|| left.clone());
        if amount.currency != left.currency {
            let message = format!(
                "The payment is in {}, but the refund in {}.",
                left.currency, amount.currency
            );
            return Err(StripeError::refused("currency_mismatch", "amount[currency]", message));
        }
        if (amount.value > left.value && !report.has_failed()) || amount.value == 0 {
            let message = format!(
                "{} is not within the unrefunded amount of {}.",
                amount.value, left.value
            );
            return Err(StripeError::refused("amount_too_large", "amount[value]", message));
        }
        record.refunds.push(report.into_refund(amount, now));
        Ok(record.to_json())
    }

    /// Records a dispute of a payment, or what became of one that is known by its reference.
    pub(crate) fn report_dispute(&mut self, id: &RecordId, report: RecordedDispute) -> Result<Value, StripeError> {
        let reference = &report.dispute_reference;
        let mut others = self.records.rows().iter().filter(|record| record.id != *id);
        if others.any(|record| record.disputes.iter().any(|it| it.dispute_reference == *reference)) {
            let name = dispute_report::REFERENCE;
            let message = format!("{name} must be unique, and another dispute has '{reference}'.");
            return Err(StripeError::refused("dispute_reference_in_use", name, message));
        }
        let record = self
            .records
            .get_mut(id)
            .ok_or_else(|| StripeError::missing("payment_record", id.as_str(), "id"))?;
        if record.outcome != ReportedOutcome::Guaranteed {
            let message = format!("The payment of '{id}' was not guaranteed, so it cannot be disputed.");
            return Err(StripeError::refused("payment_record_not_disputable", "id", message));
        }
        let paid = &record.amount_guaranteed;
        if report.amount.currency != paid.currency || report.amount.value > paid.value {
            let message = format!(
                "A payment of {} {} cannot be disputed over more.",
                paid.value, paid.currency
            );
            return Err(StripeError::refused("amount_too_large", "amount[value]", message));
        }
        match record.disputes.iter_mut().find(|it| it.dispute_reference == *reference) {
            Some(known) => {
                let reports = known.reports + 1;
                *known = RecordedDispute { reports, ..report };
            }
            None => record.disputes.push(report),
        }
        Ok(record.to_json())
    }

    pub(crate) fn order_events(&self) -> &[OrderEvent] {
        &self.order_events
    }

    pub(crate) fn take_order_event(&mut self, event: OrderEvent, now: i64) -> Value {
        let shown = event.to_json(now);
        self.order_events.push(event);
        shown
    }

    pub(crate) fn record(&self, id: &RecordId) -> Result<Value, StripeError> {
        let record = self
            .records
            .get(id)
            .ok_or_else(|| StripeError::missing("payment_record", id.as_str(), "id"))?;
        Ok(record.to_json())
    }

    /// Newest first, like every list of Stripe.
    pub(crate) fn list_records(&self, reference: Option<&str>, after: Option<&str>, limit: usize) -> Value {
        let wanted = |record: &&PaymentRecord| reference.is_none_or(|reference| record.payment_reference == reference);
        let newest_first = self.records.rows().iter().rev();
        let mut reached = after.is_none();
        let after_cursor = newest_first.filter(|record| {
            let is_after = reached;
            reached |= after == Some(record.id.as_str());
            is_after
        });
        let mut found = after_cursor.filter(wanted);
        let data: Vec<Value> = found.by_ref().take(limit).map(PaymentRecord::to_json).collect();
        json!({"object": "list", "url": "/v1/payment_records", "has_more": found.next().is_some(), "data": data})
    }

    /// The whole ledger without card numbers.
    pub(crate) fn to_json(&self, now: i64) -> Value {
        let tokens: Vec<Value> = self.tokens().iter().map(|token| token.to_json(now, None)).collect();
        let records: Vec<Value> = self.records().iter().map(PaymentRecord::to_json).collect();
        json!({"tokens": tokens, "payment_records": records, "order_events": self.order_events})
    }
}

fn missing_token(id: &TokenId, param: &str) -> StripeError {
    StripeError::missing("shared payment token", id.as_str(), param)
}

fn deactivated_code(reason: DeactivatedReason) -> &'static str {
    match reason {
        DeactivatedReason::Resolved => "shared_payment_token_already_resolved",
        DeactivatedReason::Expired => "shared_payment_token_expired",
        DeactivatedReason::Revoked => "shared_payment_token_revoked",
    }
}
