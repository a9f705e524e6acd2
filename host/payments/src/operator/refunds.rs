//! Refunds of orders: asking for one, and settling those that the host cannot.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::timestamp;
use super::{Operator, OperatorError, OperatorRequest, evidence_note};
use crate::RefundRequest;
use crate::manual_refund_settlement::KnownRefund;
use tillhouse_checkout::audit::AuditAction;
use tillhouse_checkout::decision::LineUnits;
use tillhouse_checkout::ids::{MerchantId, OrderId, RefundId};
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::order::Order;
use tillhouse_checkout::refund::{Refund, RefundBalance, RefundStatus};

/// A refund as operators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundView {
    /// What the operator calls it.
    pub id: String,
    /// Id and reference of the refund at the processor, `re_…`.
    pub reference: String,
    /// Merchant whose money it is.
    pub merchant: MerchantId,
    /// Order whose payment is refunded.
    pub order: OrderId,
    /// Amount in minor units of the currency, tax included.
    pub amount: i64,
    /// ISO 4217, lower case.
    pub currency: String,
    /// Lines that it is about; empty for the order as a whole.
    pub lines: Vec<LineUnits>,
    /// Reason, as text for the buyer.
    pub reason: Option<String>,
    /// Code of the reason.
    pub code: Option<String>,
    /// Status of the refund.
    pub state: RefundStatus,
    /// Why it is there: a decline code, or a sentence.
    pub detail: Option<String>,
    /// The processor's reference of the refund, once it is known.
    pub processor_reference: Option<String>,
    /// When it was asked for (RFC 3339).
    pub asked: String,
    /// When the call was made last (RFC 3339).
    pub sent: Option<String>,
    /// When its outcome was committed (RFC 3339).
    pub settled: Option<String>,
    /// Answers so far that decided nothing.
    pub tries: u32,
    /// When the processor is asked again (RFC 3339).
    pub next_try: Option<String>,
}

impl From<Refund> for RefundView {
    fn from(refund: Refund) -> Self {
        Self {
            amount: refund.amount.amount.minor(),
            currency: refund.amount.currency.lower(),
            state: refund.status(),
            detail: refund.state.reason().map(str::to_owned),
            processor_reference: refund.state.reference().map(str::to_owned),
            asked: timestamp::text(refund.asked),
            sent: refund.state.sent().map(|sent| timestamp::text(sent.last)),
            settled: refund.state.settled().map(timestamp::text),
            tries: refund.retry.tries,
            next_try: refund.retry.next.map(timestamp::text),
            id: refund.name,
            reference: refund.id.to_string(),
            merchant: refund.merchant,
            order: refund.order,
            lines: refund.lines,
            reason: refund.reason,
            code: refund.code,
        }
    }
}

/// The refunds of an order, and what is left to refund.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderRefunds {
    /// Every refund that was asked for, oldest first.
    pub refunds: Vec<RefundView>,
    /// What went back, in minor units.
    pub refunded: i64,
    /// What may go back: refunds that are not over.
    pub open: i64,
    /// What can still be refunded.
    pub left: i64,
}

impl Operator {
    /// The refunds of an order.
    pub(crate) async fn order_refunds(&self, order: &Order) -> Result<OrderRefunds, OperatorError> {
        let refunds = self.payments.refunding().refunds_of(order).await?;
        let balance = RefundBalance::of_order(order, &refunds);
        let balance = balance.map_err(|error| OperatorError::conflict(error.to_string()))?;
        Ok(OrderRefunds {
            refunded: balance.refunded.minor(),
            open: balance.open.minor(),
            left: balance.left().amount.minor(),
            refunds: refunds.into_iter().map(RefundView::from).collect(),
        })
    }
}

/// `order refund`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RefundOrder {
    /// Merchant that sold the order; may be left out where only one is configured.
    pub merchant: Option<MerchantId>,
    /// The order to refund.
    pub order: OrderId,
    /// What the operator calls the refund: the same name never refunds twice.
    pub id: String,
    /// Amount in the currency of the order, as a decimal number: `12.00`. `None` for all that is left.
    pub amount: Option<String>,
    /// Lines that it is about; empty for the order as a whole.
    pub lines: Vec<LineUnits>,
    /// Reason, as text for the buyer.
    pub reason: Option<String>,
    /// Code of the reason: `damaged`, `not_received` …
    pub code: Option<String>,
    /// Name of the operator, for the audit log.
    pub actor: String,
}

/// A refund that was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AskedRefund {
    /// The refund as it is stored.
    pub refund: RefundView,
    /// Whether it was asked for now; `false` for one that was asked for before.
    pub is_new: bool,
}

impl OperatorRequest for RefundOrder {
    const NAME: &'static str = "orders/refund";
    type Answer = AskedRefund;

    async fn answer(self, operator: &Operator) -> Result<AskedRefund, OperatorError> {
        let actor = evidence_note::actor(&self.actor)?;
        let order = operator.order_of(self.merchant.as_ref(), &self.order).await?;
        let currency = order.total.currency;
        let amount = self.amount.as_deref().map(|text| decimal(text, currency)).transpose()?;
        let request = RefundRequest {
            merchant: order.merchant,
            order: order.id,
            name: self.id,
            amount,
            lines: self.lines,
            reason: self.reason.as_deref().map(evidence_note::reason).transpose()?,
            code: self.code,
        };
        let entry = |refund: &Refund| {
            let detail = json!({
                "order": refund.order,
                "name": refund.name,
                "attempt": refund.attempt,
                "amount": refund.amount.amount.minor(),
                "currency": refund.amount.currency.lower(),
            });
            operator.entry(&actor, AuditAction::AskRefund, refund.id.as_str(), &detail)
        };
        let asked = Box::pin(operator.payments.refunding().ask(request, entry)).await?;
        Ok(AskedRefund {
            refund: asked.refund.into(),
            is_new: asked.is_new,
        })
    }
}

/// `order settle-refund`: what the operator knows, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SettleRefund {
    /// Merchant that sold the order; may be left out where only one is configured.
    pub merchant: Option<MerchantId>,
    /// Order whose payment is refunded.
    pub order: OrderId,
    /// What the operator calls the refund.
    pub id: String,
    /// The processor's reference of the refund; `None` to say that there is none.
    pub refunded: Option<String>,
    /// How the operator knows: 1 to 1000 characters, no card data.
    pub evidence: String,
    /// Name of the operator, for the audit log.
    pub actor: String,
}

/// A refund that was settled.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SettledRefund {
    /// The refund after the settlement.
    pub refund: RefundView,
    /// Its state before the settlement.
    pub was: RefundStatus,
}

impl OperatorRequest for SettleRefund {
    const NAME: &'static str = "orders/settle-refund";
    type Answer = SettledRefund;

    async fn answer(self, operator: &Operator) -> Result<SettledRefund, OperatorError> {
        let evidence = evidence_note::evidence(&self.evidence)?;
        let actor = evidence_note::actor(&self.actor)?;
        let reference = self.refunded.as_deref().map(evidence_note::reference).transpose()?;
        let order = operator.order_of(self.merchant.as_ref(), &self.order).await?;
        let id = RefundId::of(&order.attempt, &self.id);
        let mut was = None;
        let entry = |refund: &Refund| {
            was = Some(refund.status());
            let detail = json!({
                "verdict": if reference.is_some() { "refunded" } else { "not_refunded" },
                "processor_reference": reference,
                "order": refund.order,
                "name": refund.name,
                "was": refund.status(),
                "amount": refund.amount.amount.minor(),
                "currency": refund.amount.currency.lower(),
                "evidence": evidence,
            });
            operator.entry(&actor, AuditAction::SettleRefund, refund.id.as_str(), &detail)
        };
        let known = match &reference {
            Some(reference) => KnownRefund::Refunded(reference.clone()),
            None => KnownRefund::NotRefunded,
        };
        let settled = Box::pin(operator.payments.refunding().settle_manually(&id, known, entry)).await?;
        Ok(SettledRefund {
            was: was.unwrap_or(settled.status()),
            refund: settled.into(),
        })
    }
}

/// An amount as an operator writes it: `12`, `12.5` or `12.50`, with no more decimals than the currency has.
fn decimal(text: &str, currency: Currency) -> Result<Money, OperatorError> {
    let exponent = usize::try_from(currency.exponent()).unwrap_or(2);
    let wrong = || {
        let example = if exponent == 0 { "1200" } else { "12.00" };
        OperatorError::invalid(format!(
            "amount: {text:?} is not an amount in {currency}; write it like {example}, with at most {exponent} decimals"
        ))
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let has_fraction = text.contains('.');
    if !is_number(whole) || has_fraction && (!is_number(fraction) || fraction.len() > exponent) {
        return Err(wrong());
    }
    let minor: i64 = format!("{whole}{fraction:0<exponent$}").parse().map_err(|_| wrong())?;
    let amount = Amount::new(minor).map_err(|error| OperatorError::invalid(format!("amount: {error}")))?;
    Ok(Money { amount, currency })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn an_amount_is_a_decimal_number_of_the_currency() {
        let minor = |text, code| decimal(text, Currency::new(code).unwrap()).map(|money| money.amount.minor());
        for (text, code, expected) in [
            ("12.00", "USD", 1200),
            ("12.5", "USD", 1250),
            ("12", "USD", 1200),
            ("0.01", "USD", 1),
            ("1200", "JPY", 1200),
            ("1.234", "KWD", 1234),
        ] {
            assert_eq!(minor(text, code).unwrap(), expected, "{text} {code}");
        }
        for (text, code) in [
            ("12.001", "USD"),
            ("12.0", "JPY"),
            ("12.", "USD"),
            (".5", "USD"),
            ("-1", "USD"),
            ("1e3", "USD"),
            ("1,000", "USD"),
            ("", "USD"),
            ("99999999999999999999", "USD"),
        ] {
            assert!(minor(text, code).is_err(), "{text} {code}");
        }
    }
}
