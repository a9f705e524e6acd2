//! What a processor's plugin may do beside charging: the optional interfaces of the contract, each call a phase of its own.

use crate::Plugins;
use crate::api::capability::Capability;
use crate::api::function::Function;
use crate::api::{from_wit, to_wit};
use crate::call::ask::ask;
use crate::call::phase::PluginPhase;
use tillhouse_checkout::decision::{
    CancelOutcome, ChargePage, News, Notice, Operation, ProcessorPowers, RefundOutcome, VoidOutcome,
};
use tillhouse_checkout::ids::{MerchantId, ProcessorReference};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::ports::{DecisionError, PhaseKind, PhaseScope};
use tillhouse_checkout::time::Timestamp;

impl Plugins {
    pub(crate) fn powers_of(&self, merchant: &MerchantId) -> ProcessorPowers {
        let routes = self.routes(merchant).ok();
        let has = |capability| routes.as_ref().is_some_and(|routes| routes.index(capability).is_some());
        ProcessorPowers {
            void: has(Capability::PaymentsVoid),
            refund: has(Capability::PaymentsRefund),
            cancel_by_reference: has(Capability::PaymentsCancelByReference),
            list: has(Capability::PaymentsList),
            notices: has(Capability::PaymentsNotices),
        }
    }

    pub(crate) async fn ask_void(
        &self,
        scope: PhaseScope,
        op: &Operation,
        charge: &ProcessorReference,
    ) -> Result<VoidOutcome, DecisionError> {
        let mut phase = self.phase(scope)?;
        let (op, charge) = (to_wit::operation(op), charge.as_str().to_owned());
        let ask = ask!(payments_void.call_void(op, charge));
        let outcome = phase.call(Function::Void, ask, from_wit::void_outcome).await?;
        self.proven(&phase, Function::Void, outcome, outcome == VoidOutcome::Voided)
    }

    pub(crate) async fn ask_refund(
        &self,
        scope: PhaseScope,
        op: &Operation,
        charge: &ProcessorReference,
        amount: Money,
    ) -> Result<RefundOutcome, DecisionError> {
        let mut phase = self.phase(scope)?;
        let (op, charge) = (to_wit::operation(op), charge.as_str().to_owned());
        let amount = to_wit::money(amount);
        let ask = ask!(payments_refund.call_refund(op, charge, amount));
        let outcome = phase.call(Function::Refund, ask, from_wit::refund_outcome).await?;
        let claims = matches!(outcome, RefundOutcome::Refunded(_));
        self.proven(&phase, Function::Refund, outcome, claims)
    }

    pub(crate) async fn ask_cancel(&self, scope: PhaseScope, op: &Operation) -> Result<CancelOutcome, DecisionError> {
        let mut phase = self.phase(scope)?;
        let op = to_wit::operation(op);
        let ask = ask!(payments_cancel_by_reference.call_cancel_by_reference(op));
        let outcome = phase
            .call(Function::CancelByReference, ask, from_wit::cancel_outcome)
            .await?;
        let claims = outcome == CancelOutcome::Canceled;
        self.proven(&phase, Function::CancelByReference, outcome, claims)
    }

    pub(crate) async fn ask_list(
        &self,
        merchant: &MerchantId,
        op: &Operation,
        since: Timestamp,
        until: Timestamp,
        cursor: Option<&str>,
    ) -> Result<ChargePage, DecisionError> {
        let routes = self.routes(merchant)?;
        let mut phase = self.aside(merchant, routes, PhaseKind::Payment);
        let (op, cursor) = (to_wit::operation(op), cursor.map(str::to_owned));
        let (since, until) = (since.millis(), until.millis());
        let ask = crate::call::ask::asking(move |instance| {
            Box::pin(async move {
                let (running, component) = instance.running().await?;
                let indices = component.exports.payments_list.as_ref();
                let indices = indices.ok_or_else(|| wasmtime::format_err!("payments-list is not exported"))?;
                let guest = indices.load(&mut instance.store, &running)?;
                guest
                    .call_list_charges(&mut instance.store, &op, since, until, cursor.as_deref())
                    .await
            })
        });
        phase.call(Function::ListCharges, ask, from_wit::charge_page).await
    }

    pub(crate) async fn ask_notice(&self, merchant: &MerchantId, notice: Notice) -> Result<Vec<News>, DecisionError> {
        let routes = self.routes(merchant)?;
        let mut phase = self.aside(merchant, routes, PhaseKind::Payment);
        let notice = to_wit::notice(notice);
        let ask = ask!(payments_notices.call_read(notice));
        phase.call(Function::ReadNotice, ask, from_wit::news).await
    }

    /// An outcome that claims something, only where the processor gave a definite answer: the rest are guesses.
    fn proven<T>(&self, phase: &PluginPhase, function: Function, outcome: T, claims: bool) -> Result<T, DecisionError> {
        let definite = phase.lent.as_ref().is_some_and(|lent| lent.traffic.definite);
        if definite || !claims {
            return Ok(outcome);
        }
        Err(DecisionError::Unavailable {
            plugin: self.processor_name(&phase.scope.merchant),
            function: function.name(),
            retry_after: None,
        })
    }
}
