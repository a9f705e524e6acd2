//! `order cancel`: what has not left the merchant is not sent, and what was paid for it goes back.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::making::{Asked, change_id, optional_text};
use super::{ChangedOrderView, OrderView};
use crate::operator::refunds::RefundView;
use crate::operator::{Operator, OperatorError, OperatorRequest, evidence_note};
use crate::{AskRefundError, ChangedOrder, RefundRequest};
use tillhouse_checkout::audit::AuditAction;
use tillhouse_checkout::decision::{Adjustment, LineUnits};
use tillhouse_checkout::ids::{MerchantId, OrderId, RefundId};
use tillhouse_checkout::order::OrderChangeKind;
use tillhouse_checkout::refund::Refund;

/// `order cancel`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CancelOrder {
    /// Merchant that sold the order; needed only if several have an order with this id.
    pub merchant: Option<MerchantId>,
    /// Id of the order.
    pub order: OrderId,
    /// Id of the change, and the name of the refund; derived from the request if left out. The same change is made once.
    pub id: Option<String>,
    /// Units to cancel; empty for everything that has not left the merchant.
    pub lines: Vec<LineUnits>,
    /// Reason, as text for the buyer.
    pub reason: Option<String>,
    /// Code of the reason: `out_of_stock`, `changed_mind` …
    pub code: Option<String>,
    /// Whether what was paid for the units goes back.
    pub refund: bool,
    /// Name of the operator, for the audit log.
    pub actor: String,
}

/// An order after a cancellation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CanceledOrder {
    /// The order as it is now.
    #[serde(flatten)]
    pub changed: ChangedOrderView,
    /// The refund of what was paid for the units; `None` if nothing goes back, or the refund was not accepted.
    pub refund: Option<RefundView>,
    /// Why the refund was not accepted. The cancellation stands; repeat the command once the cause is gone, or refund manually.
    pub refund_error: Option<String>,
}

impl OperatorRequest for CancelOrder {
    const NAME: &'static str = "orders/cancel";
    type Answer = CanceledOrder;

    async fn answer(self, operator: &Operator) -> Result<CanceledOrder, OperatorError> {
        let asked = Asked {
            order: &self.order,
            what: (&self.lines, &self.reason, &self.code),
        };
        let id = change_id(self.id.as_deref(), "cancel", &asked)?;
        let reason = self.reason.as_deref().map(evidence_note::reason).transpose()?;
        let code = optional_text("code", self.code.as_ref())?;
        let order = operator.order_of(self.merchant.as_ref(), &self.order).await?;
        let cancellation = Adjustment {
            id: id.clone(),
            kind: "cancellation".to_owned(),
            status: "completed".to_owned(),
            lines: self.lines,
            amount: None,
            reason,
            code,
            at: operator.now(),
        };
        let what = OrderChangeKind::Adjusted(Box::new(cancellation));
        let changed = operator.change_order(&order, &id, &self.actor, what).await?;
        let refund = if self.refund {
            operator.refund_canceled(&changed, &id, &self.actor).await?
        } else {
            Ok(None)
        };
        // The refund may have changed the order as well.
        let now = operator.order_of(Some(&order.merchant), &order.id).await?;
        let (refund, refund_error) = match refund {
            Ok(refund) => (refund.map(RefundView::from), None),
            Err(problem) => (None, Some(problem)),
        };
        Ok(CanceledOrder {
            changed: ChangedOrderView {
                order: OrderView::from(&now),
                ..changed.into()
            },
            refund,
            refund_error,
        })
    }
}

impl Operator {
    /// Ask for the refund of what was paid for canceled units. It has the name of the cancellation, so that it is asked for once.
    async fn refund_canceled(
        &self,
        changed: &ChangedOrder,
        id: &str,
        actor: &str,
    ) -> Result<Result<Option<Refund>, String>, OperatorError> {
        let order = &changed.order;
        let refund = RefundId::of(&order.attempt, id);
        let known = self.payments.refunding().refunds_of(order).await?;
        let known = known.into_iter().find(|it| it.id == refund);
        let Some(cancellation) = order.progress.adjustments.iter().find(|it| it.id == id) else {
            return Ok(Ok(None));
        };
        if let Some(known) = known {
            let of_another =
                format!("{id} is the name of another refund of the order; refund these units under another name");
            return Ok((known.lines == cancellation.lines)
                .then_some(Some(known))
                .ok_or(of_another));
        }
        let amount = order.paid_for(&changed.session.quote, cancellation);
        if amount.amount.is_zero() {
            return Ok(Ok(None));
        }
        let request = RefundRequest {
            merchant: order.merchant.clone(),
            order: order.id.clone(),
            name: id.to_owned(),
            amount: Some(amount),
            lines: cancellation.lines.clone(),
            reason: cancellation.reason.clone(),
            code: cancellation.code.clone(),
        };
        let entry = |refund: &Refund| {
            let detail = json!({
                "order": refund.order,
                "name": refund.name,
                "attempt": refund.attempt,
                "amount": refund.amount.amount.minor(),
                "currency": refund.amount.currency.lower(),
                "cancellation": id,
            });
            self.entry(actor, AuditAction::AskRefund, refund.id.as_str(), &detail)
        };
        match Box::pin(self.payments.refunding().ask(request, entry)).await {
            Ok(asked) => Ok(Ok(Some(asked.refund))),
            Err(AskRefundError::Checkout(error)) => Err(error.into()),
            Err(refused) => Ok(Err(refused.to_string())),
        }
    }
}
