//! The till: the checkout and its payments behind the one face that the protocol edges know.

use std::sync::Arc;

use async_trait::async_trait;

use crate::Payments;
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::decision::Notice;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::operation::{Answer, Ask, Checkouts, Complete, Create};
use tillhouse_checkout::outage::Outages;
use tillhouse_checkout::ports::DecisionError;
use tillhouse_checkout::service::Checkout;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::{IdempotencyRecord, IdempotencyScope, InboxEvent, UnitOfWork};

/// The till.
#[derive(Clone, Debug)]
pub struct Till {
    /// Everything short of paying.
    pub checkout: Checkout,
    /// Paying.
    pub payments: Arc<Payments>,
}

#[async_trait]
impl Checkouts for Till {
    async fn create(&self, request: Create, ask: Ask) -> Result<Answer, CheckoutError> {
        self.checkout.create(request, ask).await
    }

    async fn update(
        &self,
        merchant: &MerchantId,
        id: &SessionId,
        edit: CartEdit,
        ask: Ask,
    ) -> Result<Answer, CheckoutError> {
        self.checkout.update(merchant, id, edit, ask).await
    }

    async fn retrieve(&self, merchant: &MerchantId, id: &SessionId) -> Result<Session, CheckoutError> {
        self.checkout.look(merchant, id).await
    }

    async fn unseen(&self, merchant: &MerchantId, id: &SessionId) -> Result<(), CheckoutError> {
        self.checkout.require_look(merchant, id).await
    }

    async fn complete(&self, request: Complete, ask: Ask) -> Result<Answer, CheckoutError> {
        self.payments.complete(request, ask).await
    }

    async fn cancel(&self, merchant: &MerchantId, id: &SessionId, ask: Ask) -> Result<Answer, CheckoutError> {
        self.checkout.cancel(merchant, id, ask).await
    }

    async fn recorded(&self, scope: &IdempotencyScope) -> Result<Option<IdempotencyRecord>, CheckoutError> {
        Ok(self
            .checkout
            .store
            .idempotency(scope, self.checkout.clock.now())
            .await?)
    }

    async fn record(&self, record: IdempotencyRecord) -> Result<(), CheckoutError> {
        let unit = UnitOfWork {
            idempotency: Some(record),
            ..UnitOfWork::default()
        };
        Ok(self.checkout.store.commit(unit).await?)
    }

    async fn receive(&self, event: InboxEvent) -> Result<bool, CheckoutError> {
        self.payments.keep(event).await
    }

    async fn notice(&self, merchant: &MerchantId, notice: Notice) -> Result<usize, CheckoutError> {
        if !self.payments.processor.powers(merchant).notices {
            return Err(CheckoutError::Decision(DecisionError::Unsupported {
                plugin: "processor".to_owned(),
                function: "payments-notices.read",
            }));
        }
        Box::pin(self.payments.notice(merchant, notice)).await
    }

    fn now(&self) -> Timestamp {
        self.checkout.clock.now()
    }

    fn outages(&self) -> &Outages {
        &self.checkout.outages
    }
}
