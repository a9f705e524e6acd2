//! Optional payment capabilities: void, refund, cancel, list and processor webhooks. Each call is a phase of its own.

use crate::Plugins;
use crate::api::capability::Capability;
use crate::api::function::Function;
use crate::api::{from_wit, to_wit};
use crate::call::export_call::{call_export, call_with};
use crate::call::phase::PluginPhase;
use crate::guest::call_state::Traffic;
use tillhouse_checkout::authentication::ThreeDSecure;
use tillhouse_checkout::credential::CardDisplay;
use tillhouse_checkout::decision::{
    CancelOutcome, ChargeOrder, ChargePage, Operation, ProcessorCapabilities, ProcessorWebhook, RefundLookup,
    RefundOutcome, VoidLookup, VoidOutcome, WebhookReading,
};
use tillhouse_checkout::ids::{MerchantId, ProcessorReference};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::ports::{DecisionError, PhaseKind, PhaseScope};
use tillhouse_checkout::time::Timestamp;

impl Plugins {
    pub(crate) fn capabilities_of(&self, merchant: &MerchantId) -> ProcessorCapabilities {
        let routes = self.routes(merchant).ok();
        let has = |capability| routes.as_ref().is_some_and(|routes| routes.index(capability).is_some());
        ProcessorCapabilities {
            charge: has(Capability::Payments),
            void: has(Capability::PaymentsVoid),
            refund: has(Capability::PaymentsRefund),
            capture: has(Capability::PaymentsCapture),
            cancel_by_reference: has(Capability::PaymentsCancelByReference),
            list: has(Capability::PaymentsList),
            notices: has(Capability::PaymentsNotices),
            authentication: has(Capability::PaymentsAuthentication),
        }
    }

    /// A plugin without the interface asks for no authentication, and neither does one that leaves the payment undecided.
    pub(crate) async fn ask_requirements(
        &self,
        scope: PhaseScope,
        op: &Operation,
        order: &ChargeOrder,
        card: Option<CardDisplay>,
    ) -> Result<Option<ThreeDSecure>, DecisionError> {
        if !self.capabilities_of(&scope.merchant).authentication {
            return Ok(None);
        }
        let mut phase = self.observed_phase(scope)?;
        let (op, order) = (to_wit::operation(op), to_wit::charge_order(order));
        let card = card.map(to_wit::card_display);
        let guest_call = call_with(move |instance| {
            Box::pin(async move {
                let (running, component) = instance.running().await?;
                let indices = component.exports.payments_authentication.as_ref();
                let indices =
                    indices.ok_or_else(|| wasmtime::format_err!("payments-authentication is not exported"))?;
                let guest = indices.load(&mut instance.store, &running)?;
                guest
                    .call_requirements(&mut instance.store, &op, &order, card.as_ref())
                    .await
            })
        });
        let asked = phase
            .call(
                Function::AuthenticationRequirements,
                guest_call,
                from_wit::authentication_requirements,
            )
            .await;
        match asked {
            Err(DecisionError::Unsupported { .. }) => Ok(None),
            other => other,
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
        let guest_call = call_export!(payments_void.call_void(op, charge));
        let outcome = phase.call(Function::Void, guest_call, from_wit::void_outcome).await?;
        let traffic = traffic(&phase);
        let is_backed = match outcome {
            VoidOutcome::Voided => traffic.definite,
            VoidOutcome::TooLate => traffic.refusal,
            VoidOutcome::Unknown => true,
        };
        self.require_answer(&phase, Function::Void, outcome, is_backed)
    }

    pub(crate) async fn look_up_void(
        &self,
        scope: PhaseScope,
        op: &Operation,
        charge: &ProcessorReference,
    ) -> Result<VoidLookup, DecisionError> {
        let mut phase = self.phase(scope)?;
        let (op, charge) = (to_wit::operation(op), charge.as_str().to_owned());
        let guest_call = call_export!(payments_void.call_lookup_void(op, charge));
        let lookup = phase
            .call(Function::LookupVoid, guest_call, from_wit::void_lookup)
            .await?;
        let claims = lookup != VoidLookup::Found(VoidOutcome::Unknown);
        self.require_definite_answer(&phase, Function::LookupVoid, lookup, claims)
    }

    pub(crate) async fn ask_refund(
        &self,
        scope: PhaseScope,
        op: &Operation,
        charge: &ProcessorReference,
        amount: Money,
        reason: Option<&str>,
    ) -> Result<RefundOutcome, DecisionError> {
        let mut phase = self.phase(scope)?;
        let (op, charge) = (to_wit::operation(op), charge.as_str().to_owned());
        let (amount, reason) = (to_wit::money(amount), reason.map(str::to_owned));
        let guest_call = call_with(move |instance| {
            Box::pin(async move {
                let (running, component) = instance.running().await?;
                let indices = component.exports.payments_refund.as_ref();
                let indices = indices.ok_or_else(|| wasmtime::format_err!("payments-refund is not exported"))?;
                let guest = indices.load(&mut instance.store, &running)?;
                guest
                    .call_refund(&mut instance.store, &op, &charge, &amount, reason.as_deref())
                    .await
            })
        });
        let outcome = phase
            .call(Function::Refund, guest_call, from_wit::refund_outcome)
            .await?;
        let traffic = traffic(&phase);
        let is_backed = match outcome {
            RefundOutcome::Refunded(_) => traffic.definite,
            RefundOutcome::Declined(_) => traffic.backs_decline(),
            // A pending refund is looked up like an unknown one.
            RefundOutcome::Pending(_) | RefundOutcome::Unknown => true,
        };
        self.require_answer(&phase, Function::Refund, outcome, is_backed)
    }

    pub(crate) async fn look_up_refund(
        &self,
        scope: PhaseScope,
        op: &Operation,
        charge: &ProcessorReference,
        amount: Money,
    ) -> Result<RefundLookup, DecisionError> {
        let mut phase = self.phase(scope)?;
        let (op, charge) = (to_wit::operation(op), charge.as_str().to_owned());
        let amount = to_wit::money(amount);
        let guest_call = call_export!(payments_refund.call_lookup_refund(op, charge, amount));
        let lookup = phase
            .call(Function::LookupRefund, guest_call, from_wit::refund_lookup)
            .await?;
        let claims = lookup != RefundLookup::Found(RefundOutcome::Unknown);
        self.require_definite_answer(&phase, Function::LookupRefund, lookup, claims)
    }

    pub(crate) async fn ask_cancel(&self, scope: PhaseScope, op: &Operation) -> Result<CancelOutcome, DecisionError> {
        let mut phase = self.phase(scope)?;
        let op = to_wit::operation(op);
        let guest_call = call_export!(payments_cancel_by_reference.call_cancel_by_reference(op));
        let outcome = phase
            .call(Function::CancelByReference, guest_call, from_wit::cancel_outcome)
            .await?;
        let claims = outcome == CancelOutcome::Canceled;
        self.require_definite_answer(&phase, Function::CancelByReference, outcome, claims)
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
        let mut phase = self.detached_phase(merchant, routes, PhaseKind::Payment);
        let (op, cursor) = (to_wit::operation(op), cursor.map(str::to_owned));
        let (since, until) = (since.millis(), until.millis());
        let guest_call = call_with(move |instance| {
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
        phase
            .call(Function::ListCharges, guest_call, from_wit::charge_page)
            .await
    }

    pub(crate) async fn ask_notice(
        &self,
        merchant: &MerchantId,
        notice: ProcessorWebhook,
    ) -> Result<WebhookReading, DecisionError> {
        let routes = self.routes(merchant)?;
        let mut phase = self.detached_phase(merchant, routes, PhaseKind::Payment);
        let notice = to_wit::notice(notice);
        let guest_call = call_export!(payments_notices.call_read(notice));
        phase
            .call(Function::ReadNotice, guest_call, from_wit::processor_events)
            .await
    }

    /// Accept an outcome that claims to know something only if the processor gave a definite answer in this phase; otherwise it is a
    /// guess.
    pub(super) fn require_definite_answer<T>(
        &self,
        phase: &PluginPhase,
        function: Function,
        outcome: T,
        claims: bool,
    ) -> Result<T, DecisionError> {
        self.require_answer(phase, function, outcome, !claims || traffic(phase).definite)
    }

    fn require_answer<T>(
        &self,
        phase: &PluginPhase,
        function: Function,
        outcome: T,
        is_backed: bool,
    ) -> Result<T, DecisionError> {
        if is_backed {
            return Ok(outcome);
        }
        Err(DecisionError::Unavailable {
            plugin: self.processor_name(&phase.scope.merchant),
            function: function.name(),
            retry_after: None,
        })
    }
}

/// What the processor answered in this phase.
fn traffic(phase: &PluginPhase) -> Traffic {
    phase
        .call_state
        .as_ref()
        .map(|call_state| call_state.traffic)
        .unwrap_or_default()
}
