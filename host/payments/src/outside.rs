//! Payments that another party takes: it has the checkout held before, and reports what became of the payment.

use std::sync::Arc;

use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::operation::{CheckoutResponse, CreateRequest, ResponseRecorder};
use tillhouse_checkout::outside_payment::{HoldRequest, OutsidePayment};

use crate::context::PaymentContext;

/// Checkouts that another party is paid for.
#[derive(Clone, Debug)]
pub struct OutsidePayments {
    context: Arc<PaymentContext>,
}

impl OutsidePayments {
    pub(crate) const fn new(context: Arc<PaymentContext>) -> Self {
        Self { context }
    }

    /// Create or change a session.
    pub async fn upsert(
        &self,
        request: CreateRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        self.context.checkout.create(request, recorder).await
    }

    /// Hold a session.
    pub async fn hold(&self, request: HoldRequest, _: ResponseRecorder) -> Result<CheckoutResponse, CheckoutError> {
        Err(CheckoutError::UnknownSession(request.session))
    }

    /// Settle a session.
    pub async fn finalize(&self, report: OutsidePayment) -> Result<(), CheckoutError> {
        Err(CheckoutError::UnknownSession(report.session))
    }

    /// Cancel a session.
    pub async fn release(
        &self,
        caller: &Caller,
        id: &SessionId,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        self.context.checkout.cancel(caller, id, None, recorder).await
    }
}
