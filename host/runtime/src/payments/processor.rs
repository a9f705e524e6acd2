//! The `Processor` port. Each call is a phase of its own; the phase of a charge begins before the credential is resolved.

use std::sync::Arc;

use async_trait::async_trait;

use super::charge::ReadyPluginCharge;
use crate::Plugins;
use crate::api::capability::Capability;
use crate::api::function::Function;
use crate::api::{from_wit, to_wit};
use crate::call::export_call::call_export;
use crate::call::observer::SessionObserver;
use crate::merchant::routes::MerchantRoutes;
use tillhouse_checkout::authentication::ThreeDSecure;
use tillhouse_checkout::credential::CardDisplay;
use tillhouse_checkout::decision::{
    CancelOutcome, ChargeLookup, ChargeOrder, ChargeOutcome, ChargePage, Operation, ProcessorCapabilities,
    ProcessorProfile, ProcessorWebhook, RefundLookup, RefundOutcome, VoidLookup, VoidOutcome, WebhookReading,
};
use tillhouse_checkout::ids::{MerchantId, ProcessorReference};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::ports::{DecisionError, PhaseKind, PhaseScope, Processor, ReadyCharge};
use tillhouse_checkout::time::Timestamp;

#[async_trait]
impl Processor for Plugins {
    async fn profile(&self, merchant: &MerchantId) -> Result<ProcessorProfile, DecisionError> {
        self.profile_in(merchant, self.routes(merchant)?, None)
            .await
            .map(|profile| profile.as_ref().clone())
    }

    async fn authentication_requirements(
        &self,
        scope: PhaseScope,
        op: Operation,
        order: ChargeOrder,
        card: Option<CardDisplay>,
    ) -> Result<Option<ThreeDSecure>, DecisionError> {
        self.ask_requirements(scope, &op, &order, card).await
    }

    async fn prepare(&self, scope: PhaseScope) -> Result<Box<dyn ReadyCharge>, DecisionError> {
        let mut phase = self.observed_phase(scope)?;
        // Profile and charge come from the same release, even if the plugin is replaced in between.
        let (merchant, routes) = (phase.scope.merchant.clone(), Arc::clone(&phase.routes));
        let profile = self.profile_in(&merchant, routes, phase.observer.clone()).await?;
        phase.prepare(Function::Charge).await?;
        Ok(Box::new(ReadyPluginCharge { phase, profile }))
    }

    async fn lookup(&self, scope: PhaseScope, op: Operation, amount: Money) -> Result<ChargeLookup, DecisionError> {
        let mut phase = self.phase(scope)?;
        let (op, amount) = (to_wit::operation(&op), to_wit::money(amount));
        let guest_call = call_export!(payments.call_lookup(op, amount));
        let lookup = phase
            .call(Function::Lookup, guest_call, from_wit::charge_lookup)
            .await?;
        // Without a definite answer from the processor, "declined" and "absent" are guesses.
        let claims = is_verdict(&lookup);
        self.require_definite_answer(&phase, Function::Lookup, lookup, claims)
    }

    fn capabilities(&self, merchant: &MerchantId) -> ProcessorCapabilities {
        self.capabilities_of(merchant)
    }

    async fn void(
        &self,
        scope: PhaseScope,
        op: Operation,
        charge: &ProcessorReference,
    ) -> Result<VoidOutcome, DecisionError> {
        self.ask_void(scope, &op, charge).await
    }

    async fn lookup_void(
        &self,
        scope: PhaseScope,
        op: Operation,
        charge: &ProcessorReference,
    ) -> Result<VoidLookup, DecisionError> {
        self.look_up_void(scope, &op, charge).await
    }

    async fn refund(
        &self,
        scope: PhaseScope,
        op: Operation,
        charge: &ProcessorReference,
        amount: Money,
        reason: Option<&str>,
    ) -> Result<RefundOutcome, DecisionError> {
        self.ask_refund(scope, &op, charge, amount, reason).await
    }

    async fn lookup_refund(
        &self,
        scope: PhaseScope,
        op: Operation,
        charge: &ProcessorReference,
        amount: Money,
    ) -> Result<RefundLookup, DecisionError> {
        self.look_up_refund(scope, &op, charge, amount).await
    }

    async fn cancel_by_reference(&self, scope: PhaseScope, op: Operation) -> Result<CancelOutcome, DecisionError> {
        self.ask_cancel(scope, &op).await
    }

    async fn list_charges(
        &self,
        merchant: &MerchantId,
        op: Operation,
        since: Timestamp,
        until: Timestamp,
        cursor: Option<&str>,
    ) -> Result<ChargePage, DecisionError> {
        self.ask_list(merchant, &op, since, until, cursor).await
    }

    async fn read_webhook(
        &self,
        merchant: &MerchantId,
        notice: ProcessorWebhook,
    ) -> Result<WebhookReading, DecisionError> {
        self.ask_notice(merchant, notice).await
    }

    fn destination(&self, merchant: &MerchantId) -> Option<String> {
        let routes = self.routes(merchant).ok()?;
        routes
            .binding(Capability::Payments)
            .map(|binding| binding.destination())
    }
}

/// Whether a status check result would end the attempt as not paid.
const fn is_verdict(lookup: &ChargeLookup) -> bool {
    matches!(
        lookup,
        ChargeLookup::Absent
            | ChargeLookup::Found(ChargeOutcome::Declined { .. } | ChargeOutcome::ActionRequired { .. })
    )
}

impl Plugins {
    pub(crate) fn processor_name(&self, merchant: &MerchantId) -> String {
        let routes = self.routes(merchant).ok();
        let binding = routes.as_ref().and_then(|routes| routes.binding(Capability::Payments));
        binding.map_or_else(|| "(none)".to_owned(), |binding| binding.plugin.to_string())
    }

    /// The processor's profile, cached by component and configuration.
    async fn profile_in(
        &self,
        merchant: &MerchantId,
        routes: Arc<MerchantRoutes>,
        observer: Option<SessionObserver>,
    ) -> Result<Arc<ProcessorProfile>, DecisionError> {
        let release = routes.binding(Capability::Payments).map(|binding| binding.cache_key());
        if let Some(release) = release
            && let Some(known) = self.shared.profiles.get(&release).await
        {
            return Ok(known);
        }
        let mut phase = self.detached_phase(merchant, routes, PhaseKind::Payment);
        phase.observer = observer;
        let profile = phase
            .call(
                Function::Profile,
                call_export!(payments.call_profile()),
                from_wit::profile,
            )
            .await;
        let profile = Arc::new(profile?);
        if let Some(release) = release {
            self.shared.profiles.insert(release, Arc::clone(&profile)).await;
        }
        Ok(profile)
    }
}
