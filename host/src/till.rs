//! The till: the checkout and its payments behind the one face that the protocol edges know.

use std::sync::Arc;

use async_trait::async_trait;

use crate::checkout::cart::CartEdit;
use crate::checkout::decision::Notice;
use crate::checkout::error::CheckoutError;
use crate::checkout::ids::{MerchantId, SessionId};
use crate::checkout::operation::{Answer, Ask, Checkouts, Complete, Create};
use crate::checkout::outage::Outages;
use crate::checkout::ports::DecisionError;
use crate::checkout::service::Checkout;
use crate::checkout::session::Session;
use crate::checkout::time::Timestamp;
use crate::checkout::unit::{IdempotencyRecord, IdempotencyScope, InboxEvent, UnitOfWork};
use crate::payments::Payments;

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
