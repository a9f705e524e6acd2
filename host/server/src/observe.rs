//! Watching plugin calls: a thin skin around the ports that tells an observer of every call made.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use tillhouse_checkout::cart::{Cart, CartLine};
use tillhouse_checkout::credential::Credential;
use tillhouse_checkout::decision::{
    Assessment, CancelOutcome, ChargeOrder, ChargePage, Description, Finding, LineAmount, News, Notice, Offer,
    Operation, OrderEvent, OrderIdentity, Page, PricedCart, ProcessorPowers, ProcessorProfile, RefundOutcome,
    Reservation, Reserved, RiskDecision, RiskRequest, Stock, TaxRequest, VoidOutcome,
};
use tillhouse_checkout::ids::{ItemId, MerchantId, ProcessorReference, SessionId};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::ports::{
    ChargeJournal, ChargeReport, DecisionError, Decisions, Phase, PhaseEnd, PhaseScope, PluginCall, Processor,
    ReadyCharge,
};
use tillhouse_checkout::time::Timestamp;

/// Told of every call, whatever came of it: of a decision's as it returns, of a charge's when the charge is over.
pub trait Observer: Send + Sync + fmt::Debug {
    /// These calls were made for this session.
    fn called(&self, session: &SessionId, calls: &[PluginCall]);
}

/// Ports that are watched.
#[derive(Clone, Debug)]
pub struct Observed<P> {
    /// The ports.
    pub inner: P,
    /// Who is told.
    pub observer: Arc<dyn Observer>,
}

#[async_trait]
impl<P: Decisions> Decisions for Observed<P> {
    async fn open(&self, scope: PhaseScope) -> Result<Box<dyn Phase>, DecisionError> {
        let session = scope.session.clone();
        let phase = self.inner.open(scope).await?;
        Ok(Box::new(ObservedPhase {
            inner: phase,
            session,
            observer: Arc::clone(&self.observer),
            told: 0,
        }))
    }

    fn keeps_stock_here(&self, merchant: &MerchantId) -> bool {
        self.inner.keeps_stock_here(merchant)
    }

    async fn describe(
        &self,
        merchant: &MerchantId,
        items: &[ItemId],
    ) -> Result<Vec<Option<Description>>, DecisionError> {
        self.inner.describe(merchant, items).await
    }
}

#[async_trait]
impl<P: Processor> Processor for Observed<P> {
    async fn profile(&self, merchant: &MerchantId) -> Result<ProcessorProfile, DecisionError> {
        self.inner.profile(merchant).await
    }

    async fn prepare(&self, scope: PhaseScope) -> Result<Box<dyn ReadyCharge>, DecisionError> {
        let session = scope.session.clone();
        let inner = self.inner.prepare(scope).await?;
        Ok(Box::new(ObservedCharge {
            inner,
            session,
            observer: Arc::clone(&self.observer),
        }))
    }

    fn destination(&self, merchant: &MerchantId) -> Option<String> {
        self.inner.destination(merchant)
    }

    async fn lookup(&self, scope: PhaseScope, op: Operation, amount: Money) -> Result<Finding, DecisionError> {
        self.inner.lookup(scope, op, amount).await
    }

    fn powers(&self, merchant: &MerchantId) -> ProcessorPowers {
        self.inner.powers(merchant)
    }

    async fn void(
        &self,
        scope: PhaseScope,
        op: Operation,
        charge: &ProcessorReference,
    ) -> Result<VoidOutcome, DecisionError> {
        self.inner.void(scope, op, charge).await
    }

    async fn refund(
        &self,
        scope: PhaseScope,
        op: Operation,
        charge: &ProcessorReference,
        amount: Money,
    ) -> Result<RefundOutcome, DecisionError> {
        self.inner.refund(scope, op, charge, amount).await
    }

    async fn cancel_by_reference(&self, scope: PhaseScope, op: Operation) -> Result<CancelOutcome, DecisionError> {
        self.inner.cancel_by_reference(scope, op).await
    }

    async fn list_charges(
        &self,
        merchant: &MerchantId,
        op: Operation,
        since: Timestamp,
        until: Timestamp,
        cursor: Option<&str>,
    ) -> Result<ChargePage, DecisionError> {
        self.inner.list_charges(merchant, op, since, until, cursor).await
    }

    async fn read_notice(&self, merchant: &MerchantId, notice: Notice) -> Result<Vec<News>, DecisionError> {
        self.inner.read_notice(merchant, notice).await
    }
}

struct ObservedCharge {
    inner: Box<dyn ReadyCharge>,
    session: SessionId,
    observer: Arc<dyn Observer>,
}

#[async_trait]
impl ReadyCharge for ObservedCharge {
    fn profile(&self) -> &ProcessorProfile {
        self.inner.profile()
    }

    fn destination(&self) -> String {
        self.inner.destination()
    }

    async fn charge(
        self: Box<Self>,
        op: Operation,
        order: ChargeOrder,
        credential: Credential,
        journal: Arc<dyn ChargeJournal>,
    ) -> ChargeReport {
        let report = self.inner.charge(op, order, credential, journal).await;
        self.observer.called(&self.session, &report.calls);
        report
    }
}

struct ObservedPhase {
    inner: Box<dyn Phase>,
    session: SessionId,
    observer: Arc<dyn Observer>,
    /// How many calls the observer was told of.
    told: usize,
}

impl ObservedPhase {
    fn tell(&mut self) {
        let calls = self.inner.calls();
        if let Some(new) = calls.get(self.told..).filter(|new| !new.is_empty()) {
            self.observer.called(&self.session, new);
        }
        self.told = calls.len();
    }
}

#[async_trait]
impl Phase for ObservedPhase {
    async fn check_stock(&mut self, lines: &[CartLine]) -> Result<Vec<Stock>, DecisionError> {
        let answer = self.inner.check_stock(lines).await;
        self.tell();
        answer
    }

    async fn price(&mut self, cart: &Cart) -> Result<PricedCart, DecisionError> {
        let answer = self.inner.price(cart).await;
        self.tell();
        answer
    }

    async fn offer(&mut self, cart: &Cart, amounts: &[LineAmount]) -> Result<Offer, DecisionError> {
        let answer = self.inner.offer(cart, amounts).await;
        self.tell();
        answer
    }

    async fn assess_tax(&mut self, request: &TaxRequest) -> Result<Assessment, DecisionError> {
        let answer = self.inner.assess_tax(request).await;
        self.tell();
        answer
    }

    async fn page(&mut self, cart: &Cart) -> Result<Option<Page>, DecisionError> {
        let answer = self.inner.page(cart).await;
        self.tell();
        answer
    }

    async fn assess_risk(&mut self, request: &RiskRequest) -> Result<RiskDecision, DecisionError> {
        let answer = self.inner.assess_risk(request).await;
        self.tell();
        answer
    }

    async fn identify_order(
        &mut self,
        op: &Operation,
        cart: &Cart,
        total: Money,
    ) -> Result<OrderIdentity, DecisionError> {
        let answer = self.inner.identify_order(op, cart, total).await;
        self.tell();
        answer
    }

    async fn notify_order(&mut self, op: &Operation, event: &OrderEvent) -> Result<(), DecisionError> {
        let answer = self.inner.notify_order(op, event).await;
        self.tell();
        answer
    }

    async fn reserve(&mut self, op: &Operation, reservation: &Reservation) -> Result<Reserved, DecisionError> {
        let answer = self.inner.reserve(op, reservation).await;
        self.tell();
        answer
    }

    async fn release(&mut self, op: &Operation, reservation: &Reservation) -> Result<(), DecisionError> {
        let answer = self.inner.release(op, reservation).await;
        self.tell();
        answer
    }

    async fn redeem(&mut self, op: &Operation, codes: &[String]) -> Result<(), DecisionError> {
        let answer = self.inner.redeem(op, codes).await;
        self.tell();
        answer
    }

    async fn restore(&mut self, op: &Operation, codes: &[String]) -> Result<(), DecisionError> {
        let answer = self.inner.restore(op, codes).await;
        self.tell();
        answer
    }

    fn calls(&self) -> &[PluginCall] {
        self.inner.calls()
    }

    fn finish(self: Box<Self>) -> PhaseEnd {
        self.inner.finish()
    }
}
