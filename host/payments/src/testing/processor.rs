//! A processor whose plugin answers as the test says, and which keeps what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use async_trait::async_trait;

use super::merchant;
use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_checkout::authentication::ThreeDSecure;
use tillhouse_checkout::credential::{CardDisplay, Credential, CredentialForm};
use tillhouse_checkout::decision::{
    CancelOutcome, ChargeLookup, ChargeOrder, ChargeOutcome, ChargePage, Operation, ProcessorCapabilities,
    ProcessorIdempotency, ProcessorProfile, ProcessorWebhook, RefundLookup, RefundOutcome, VoidLookup, VoidOutcome,
    WebhookReading,
};
use tillhouse_checkout::ids::{MerchantId, ProcessorReference};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::ports::{ChargeJournal, ChargeReport, DecisionError, PhaseScope, Processor, ReadyCharge};
use tillhouse_checkout::time::Timestamp;

/// Where charges go: the plugin and its upstream.
const DESTINATION: &str = "acme-processor api=https://api.processor.example";

/// The answers that a test has prepared, in their order, and the calls that were made.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) capabilities: ProcessorCapabilities,
    pub(crate) profile: Option<ProcessorProfile>,
    pub(crate) charges: VecDeque<(ChargeOutcome, WireEvidence)>,
    pub(crate) requirements: VecDeque<Result<Option<ThreeDSecure>, DecisionError>>,
    /// The orders of the charges about which it was asked whether they need an authentication.
    pub(crate) asked_for_authentication: Vec<String>,
    pub(crate) lookups: VecDeque<ChargeLookup>,
    /// Each lookup and cancellation of a charge: its name, and the id of its operation.
    pub(crate) status_calls: Vec<(&'static str, String)>,
    pub(crate) voids: VecDeque<Result<VoidOutcome, DecisionError>>,
    pub(crate) void_lookups: VecDeque<Result<VoidLookup, DecisionError>>,
    pub(crate) refunds: VecDeque<Result<RefundOutcome, DecisionError>>,
    pub(crate) refund_lookups: VecDeque<Result<RefundLookup, DecisionError>>,
    pub(crate) readings: VecDeque<WebhookReading>,
    /// The forms of a card that the plugin takes.
    pub(crate) forms: Vec<CredentialForm>,
    /// The authentication value of each charge.
    pub(crate) cryptograms: Vec<Option<String>>,
    /// The token of the processor itself of each charge.
    pub(crate) processor_tokens: Vec<Option<String>>,
    /// Each charge, with everything that its bytes are made of.
    pub(crate) orders: Vec<String>,
    /// Each call of a reversal: its name, and the id and the key of its operation.
    pub(crate) reversals: Vec<(&'static str, String, String)>,
    /// Until when each void or refund may be made.
    pub(crate) deadlines: Vec<Option<Instant>>,
    /// Where charges go, if not to the usual processor.
    pub(crate) destination: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct ScriptedProcessor(Arc<Mutex<Script>>);

impl ScriptedProcessor {
    pub(crate) fn set(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.0.lock().unwrap());
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&Script) -> T) -> T {
        read(&self.0.lock().unwrap())
    }

    /// The names of the reversal calls so far, in their order.
    pub(crate) fn reversals(&self) -> Vec<&'static str> {
        self.read(|script| script.reversals.iter().map(|(name, ..)| *name).collect())
    }

    fn reversal<T>(
        &self,
        name: &'static str,
        op: Operation,
        answers: impl FnOnce(&mut Script) -> &mut VecDeque<Result<T, DecisionError>>,
    ) -> Result<T, DecisionError> {
        let mut script = self.0.lock().unwrap();
        script.reversals.push((name, op.id, op.idempotency_key));
        let answer = answers(&mut script).pop_front();
        answer.unwrap_or_else(|| panic!("{name} was called once too often"))
    }
}

/// The answer of a plugin that does not implement a function.
pub(crate) fn unsupported() -> DecisionError {
    DecisionError::Unsupported {
        plugin: "acme-processor".into(),
        function: "payments-refund.lookup-refund",
    }
}

/// The answer of a plugin whose processor does not answer.
pub(crate) fn unavailable() -> DecisionError {
    DecisionError::Unavailable {
        plugin: "acme-processor".into(),
        function: "payments-refund.lookup-refund",
        retry_after: None,
    }
}

pub(crate) fn profile() -> ProcessorProfile {
    ProcessorProfile {
        processor: "Acme Acquirer".into(),
        idempotency: Some(ProcessorIdempotency {
            header: "idempotency-key".into(),
            key_life_s: 24 * 3600,
            replays_errors: false,
        }),
        visibility_delay_s: 60,
        currencies: Vec::new(),
    }
}

/// A processor without idempotency: a charge is never sent again.
pub(crate) fn profile_without_key() -> ProcessorProfile {
    ProcessorProfile {
        idempotency: None,
        ..profile()
    }
}

#[async_trait]
impl Processor for ScriptedProcessor {
    async fn profile(&self, _: &MerchantId) -> Result<ProcessorProfile, DecisionError> {
        self.read(|script| script.profile.clone()).ok_or_else(unavailable)
    }

    async fn authentication_requirements(
        &self,
        _: PhaseScope,
        _: Operation,
        order: ChargeOrder,
        _: Option<CardDisplay>,
    ) -> Result<Option<ThreeDSecure>, DecisionError> {
        let mut script = self.0.lock().unwrap();
        script.asked_for_authentication.push(order.order);
        script.requirements.pop_front().unwrap_or(Ok(None))
    }

    async fn prepare(&self, _: PhaseScope) -> Result<Box<dyn ReadyCharge>, DecisionError> {
        Ok(Box::new(ScriptedCharge {
            script: Arc::clone(&self.0),
            profile: profile(),
        }))
    }

    fn destination(&self, of: &MerchantId) -> Option<String> {
        let other = self.read(|script| script.destination.clone());
        (*of == merchant()).then(|| other.unwrap_or_else(|| DESTINATION.to_owned()))
    }

    async fn lookup(&self, _: PhaseScope, op: Operation, _: Money) -> Result<ChargeLookup, DecisionError> {
        let mut script = self.0.lock().unwrap();
        script.status_calls.push(("lookup", op.id));
        Ok(script.lookups.pop_front().unwrap_or(ChargeLookup::Absent))
    }

    fn capabilities(&self, _: &MerchantId) -> ProcessorCapabilities {
        self.read(|script| script.capabilities)
    }

    async fn void(
        &self,
        scope: PhaseScope,
        op: Operation,
        _: &ProcessorReference,
    ) -> Result<VoidOutcome, DecisionError> {
        self.set(|script| script.deadlines.push(scope.deadline));
        self.reversal("void", op, |script| &mut script.voids)
    }

    async fn lookup_void(
        &self,
        _: PhaseScope,
        op: Operation,
        _: &ProcessorReference,
    ) -> Result<VoidLookup, DecisionError> {
        self.reversal("lookup-void", op, |script| &mut script.void_lookups)
    }

    async fn refund(
        &self,
        scope: PhaseScope,
        op: Operation,
        _: &ProcessorReference,
        _: Money,
        _: Option<&str>,
    ) -> Result<RefundOutcome, DecisionError> {
        self.set(|script| script.deadlines.push(scope.deadline));
        self.reversal("refund", op, |script| &mut script.refunds)
    }

    async fn lookup_refund(
        &self,
        _: PhaseScope,
        op: Operation,
        _: &ProcessorReference,
        _: Money,
    ) -> Result<RefundLookup, DecisionError> {
        self.reversal("lookup-refund", op, |script| &mut script.refund_lookups)
    }

    async fn cancel_by_reference(&self, _: PhaseScope, op: Operation) -> Result<CancelOutcome, DecisionError> {
        self.set(|script| script.status_calls.push(("cancel-by-reference", op.id)));
        Ok(CancelOutcome::Unknown)
    }

    async fn list_charges(
        &self,
        _: &MerchantId,
        _: Operation,
        _: Timestamp,
        _: Timestamp,
        _: Option<&str>,
    ) -> Result<ChargePage, DecisionError> {
        Ok(ChargePage::default())
    }

    async fn read_webhook(&self, _: &MerchantId, _: ProcessorWebhook) -> Result<WebhookReading, DecisionError> {
        let mut script = self.0.lock().unwrap();
        Ok(script.readings.pop_front().expect("a webhook was prepared"))
    }
}

struct ScriptedCharge {
    script: Arc<Mutex<Script>>,
    profile: ProcessorProfile,
}

#[async_trait]
impl ReadyCharge for ScriptedCharge {
    fn profile(&self) -> &ProcessorProfile {
        &self.profile
    }

    fn destination(&self) -> String {
        DESTINATION.to_owned()
    }

    fn forms(&self) -> Vec<CredentialForm> {
        self.script.lock().unwrap().forms.clone()
    }

    /// The bytes of the request are everything that the plugin is given, and so is their digest.
    async fn charge(
        self: Box<Self>,
        op: Operation,
        order: ChargeOrder,
        credential: Credential,
        journal: Arc<dyn ChargeJournal>,
    ) -> ChargeReport {
        let request = format!("{op:?} {order:?}");
        if let Err(error) = journal.charging(&request).await {
            return ChargeReport {
                answer: Ok(ChargeOutcome::Unknown(Some(error.to_string()))),
                wire: WireEvidence::NothingSent,
                unanswered_send: false,
            };
        }
        let mut script = self.script.lock().unwrap();
        script.orders.push(request);
        let slot = |name| credential.slot(name).map(|value| value.reveal().to_owned());
        script.cryptograms.push(slot("cryptogram"));
        script.processor_tokens.push(slot("psp-token"));
        let (outcome, wire) = script
            .charges
            .pop_front()
            .unwrap_or((approved(order.amount), WireEvidence::Answered));
        ChargeReport {
            answer: Ok(outcome),
            wire,
            unanswered_send: false,
        }
    }
}

/// What the processor needs for an authentication.
pub(crate) fn three_d_secure() -> ThreeDSecure {
    ThreeDSecure {
        acquirer_bin: "411111".into(),
        acquirer_country: "US".into(),
        merchant_id: "m_1".into(),
        merchant_name: "Acme".into(),
        requestor_id: None,
        directory_server: "visa".into(),
        flow: Some("challenge".into()),
    }
}

/// The answer to a charge before which the buyer has to act.
pub(crate) fn action_required(kind: &str) -> ChargeOutcome {
    ChargeOutcome::ActionRequired {
        kind: kind.into(),
        url: None,
        processor_reference: None,
        three_d_secure: (kind == "three_d_secure").then(|| Box::new(three_d_secure())),
    }
}

pub(crate) fn approved(amount: Money) -> ChargeOutcome {
    ChargeOutcome::Approved {
        processor_reference: "ch_1".into(),
        minor: amount.amount.minor(),
        currency: amount.currency.lower(),
        captured: true,
    }
}
