//! The checkout API: the checkout and its payments behind the one interface that the protocol edges call.

#[cfg(test)]
mod tests;

use async_trait::async_trait;

use crate::Payments;
use crate::refreshing::Refreshing;
use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::decision::ProcessorWebhook;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::{IdempotencyRecord, IdempotencyScope};
use tillhouse_checkout::ids::{MerchantId, SavedCartId, SessionId};
use tillhouse_checkout::inbox::{InboxEvent, TokenDeactivation};
use tillhouse_checkout::intent_trace::IntentTrace;
use tillhouse_checkout::operation::{
    CheckoutOperations, CheckoutResponse, CompleteRequest, CreateCartRequest, CreateRequest, HandledWebhook,
    ResponseRecorder,
};
use tillhouse_checkout::outage::Outages;
use tillhouse_checkout::outside_payment::{HoldRequest, OutsidePayment, OutsideReport, OutsideResult};
use tillhouse_checkout::ports::DecisionError;
use tillhouse_checkout::saved_cart::SavedCart;
use tillhouse_checkout::service::CheckoutService;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;

/// Everything that the protocol edges can ask for. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CheckoutApi {
    checkout: CheckoutService,
    payments: Payments,
    refreshing: Refreshing,
}

impl CheckoutApi {
    /// The API over a checkout service and the payment services of the same host.
    #[must_use]
    pub fn new(checkout: CheckoutService, payments: Payments) -> Self {
        Self {
            checkout,
            payments,
            refreshing: Refreshing::default(),
        }
    }

    /// The checkout service: everything but paying.
    #[must_use]
    pub const fn checkout(&self) -> &CheckoutService {
        &self.checkout
    }

    /// Paying, and the workers behind it.
    #[must_use]
    pub const fn payments(&self) -> &Payments {
        &self.payments
    }
}

#[async_trait]
impl CheckoutOperations for CheckoutApi {
    async fn create(
        &self,
        request: CreateRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        Box::pin(self.checkout.create(request, recorder)).await
    }

    async fn update(
        &self,
        caller: &Caller,
        id: &SessionId,
        edit: CartEdit,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        self.checkout.update(caller, id, edit, recorder).await
    }

    async fn retrieve(&self, caller: &Caller, id: &SessionId) -> Result<Session, CheckoutError> {
        self.refreshing.refresh(&self.checkout, caller, id).await;
        self.checkout.retrieve_as_shown(caller, id).await
    }

    async fn peek(&self, caller: &Caller, id: &SessionId) -> Result<Session, CheckoutError> {
        self.checkout.retrieve(caller, id).await
    }

    async fn mark_not_shown(&self, caller: &Caller, id: &SessionId) -> Result<(), CheckoutError> {
        self.checkout.mark_not_shown(caller, id).await
    }

    async fn complete(
        &self,
        request: CompleteRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        self.payments.paying().complete(request, recorder).await
    }

    async fn cancel(
        &self,
        caller: &Caller,
        id: &SessionId,
        trace: Option<IntentTrace>,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let paying = self.payments.paying();
        if let Some(canceled) = paying.cancel_waiting(caller, id, trace.as_ref(), &recorder).await? {
            return Ok(canceled);
        }
        self.checkout.cancel(caller, id, trace, recorder).await
    }

    async fn upsert(
        &self,
        request: CreateRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        Box::pin(self.payments.outside().upsert(request, recorder)).await
    }

    async fn hold(&self, request: HoldRequest, recorder: ResponseRecorder) -> Result<CheckoutResponse, CheckoutError> {
        Box::pin(self.payments.outside().hold(request, recorder)).await
    }

    async fn finalize(&self, report: OutsidePayment) -> Result<(), CheckoutError> {
        Box::pin(self.payments.outside().finalize(report)).await
    }

    async fn take_outside_report(&self, event: InboxEvent, report: OutsideReport) -> Result<bool, CheckoutError> {
        match report {
            OutsideReport::Payment {
                payment,
                reports_unknown,
            } => {
                let outside = self.payments.outside();
                let is_new = Box::pin(outside.finalize_by_event(event, &payment, reports_unknown)).await?;
                // Also for a repeated event: the host may have crashed in between.
                if let (OutsideResult::Paid, Some(reference)) = (&payment.result, &payment.reference) {
                    let merchant = &payment.caller.merchant;
                    let ordering = self.payments.ordering();
                    Box::pin(ordering.take_kept_reports(merchant, reference)).await?;
                }
                Ok(is_new)
            }
            OutsideReport::Adjustments(reports) => {
                Box::pin(self.payments.ordering().take_payer_reports(event, &reports)).await
            }
        }
    }

    async fn quote(&self, request: CreateRequest, deadline: Deadline) -> Result<Session, CheckoutError> {
        Box::pin(self.payments.outside().quote(request, &deadline)).await
    }

    async fn release(
        &self,
        caller: &Caller,
        id: &SessionId,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        Box::pin(self.payments.outside().release(caller, id, recorder)).await
    }

    async fn create_cart(
        &self,
        request: CreateCartRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        self.checkout.create_cart(request, recorder).await
    }

    async fn replace_cart(
        &self,
        caller: &Caller,
        id: &SavedCartId,
        edit: CartEdit,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        self.checkout.replace_cart(caller, id, edit, recorder).await
    }

    async fn retrieve_cart(&self, caller: &Caller, id: &SavedCartId) -> Result<SavedCart, CheckoutError> {
        self.checkout.retrieve_cart(caller, id).await
    }

    async fn cancel_cart(
        &self,
        caller: &Caller,
        id: &SavedCartId,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        self.checkout.cancel_cart(caller, id, recorder).await
    }

    async fn recorded_response(&self, scope: &IdempotencyScope) -> Result<Option<IdempotencyRecord>, CheckoutError> {
        Ok(self
            .checkout
            .store
            .idempotency(scope, self.checkout.clock.now())
            .await?)
    }

    async fn record_response(&self, record: IdempotencyRecord) -> Result<(), CheckoutError> {
        let unit = UnitOfWork {
            idempotency: Some(record),
            ..UnitOfWork::default()
        };
        Ok(self.checkout.store.commit(unit).await?)
    }

    async fn store_event(&self, event: InboxEvent) -> Result<bool, CheckoutError> {
        self.payments.recovery().keep_event(event).await
    }

    async fn deactivate_token(&self, event: &InboxEvent, token: &TokenDeactivation) -> Result<bool, CheckoutError> {
        self.payments.recovery().keep_deactivation(event, token).await
    }

    async fn handle_webhook(
        &self,
        merchant: &MerchantId,
        webhook: ProcessorWebhook,
    ) -> Result<HandledWebhook, CheckoutError> {
        let recovery = self.payments.recovery();
        if !recovery.reads_webhooks(merchant) {
            return Err(CheckoutError::Decision(DecisionError::Unsupported {
                plugin: "processor".to_owned(),
                function: "payments-notices.read",
            }));
        }
        Box::pin(recovery.handle_webhook(merchant, webhook)).await
    }

    async fn handle_order_notice(
        &self,
        merchant: &MerchantId,
        notice: ProcessorWebhook,
    ) -> Result<HandledWebhook, CheckoutError> {
        Box::pin(self.payments.ordering().handle_notice(merchant, notice)).await
    }

    fn now(&self) -> Timestamp {
        self.checkout.clock.now()
    }

    fn outages(&self) -> &Outages {
        &self.checkout.outages
    }
}
