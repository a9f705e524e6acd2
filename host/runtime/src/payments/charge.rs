//! A charge: prepared before the credential is resolved, and reported with the host's own wire evidence.

use std::sync::Arc;

use async_trait::async_trait;
use wasmtime::component::Resource;

use crate::api::bindings::CredentialHandle;
use crate::api::capability::Capability;
use crate::api::function::Function;
use crate::api::{from_wit, to_wit};
use crate::call::export_call::call_with;
use crate::call::phase::PluginPhase;
use crate::guest::charge_guard::ChargeGuard;
use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_checkout::credential::{Credential, CredentialForm};
use tillhouse_checkout::decision::{ChargeOrder, ChargeOutcome, Operation, ProcessorProfile};
use tillhouse_checkout::ports::{ChargeJournal, ChargeReport, DecisionError, ReadyCharge};

/// A payment phase that holds its permit and its instance, but no credential yet.
pub(super) struct ReadyPluginCharge {
    pub(super) phase: PluginPhase,
    pub(super) profile: Arc<ProcessorProfile>,
}

#[async_trait]
impl ReadyCharge for ReadyPluginCharge {
    fn profile(&self) -> &ProcessorProfile {
        &self.profile
    }

    fn destination(&self) -> String {
        let binding = self.phase.routes.binding(Capability::Payments);
        binding.map_or_else(String::new, |binding| binding.destination())
    }

    fn forms(&self) -> Vec<CredentialForm> {
        let binding = self.phase.routes.binding(Capability::Payments);
        binding.map(|binding| binding.credential_forms()).unwrap_or_default()
    }

    async fn charge(
        self: Box<Self>,
        op: Operation,
        order: ChargeOrder,
        credential: Credential,
        journal: Arc<dyn ChargeJournal>,
    ) -> ChargeReport {
        let Self { mut phase, profile } = *self;
        let idempotency = profile.idempotency.clone();
        if let Some(call_state) = &mut phase.call_state {
            call_state.credential = Some(Arc::new(credential));
            call_state.charge = Some(ChargeGuard::new(journal, idempotency, op.idempotency_key.clone()));
        }
        let answer = ask_charge(&mut phase, &op, &order).await;
        // If the guard did not come back, it was lost together with a request in flight.
        let guard = phase
            .call_state
            .as_ref()
            .and_then(|call_state| call_state.charge.as_ref());
        let wire = guard.map_or(WireEvidence::SomeBytesWritten, ChargeGuard::wire);
        let unanswered_send = guard.is_none_or(ChargeGuard::unanswered_send);
        ChargeReport {
            answer,
            wire,
            unanswered_send,
        }
    }
}

async fn ask_charge(
    phase: &mut PluginPhase,
    op: &Operation,
    order: &ChargeOrder,
) -> Result<ChargeOutcome, DecisionError> {
    let (op, order) = (to_wit::operation(op), to_wit::charge_order(order));
    let guest_call = call_with(move |instance| {
        Box::pin(async move {
            let (running, component) = instance.running().await?;
            let indices = component.exports.payments.as_ref();
            let indices = indices.ok_or_else(|| wasmtime::format_err!("payments is not exported"))?;
            let guest = indices.load(&mut instance.store, &running)?;
            let credential = Resource::<CredentialHandle>::new_borrow(0);
            guest.call_charge(&mut instance.store, &op, &order, credential).await
        })
    });
    phase.call(Function::Charge, guest_call, from_wit::charge_outcome).await
}
