//! Making a charge: prepare it, send it once, and classify what came back.

use std::sync::Arc;

use async_trait::async_trait;
use tracing::error;

use tillhouse_checkout::attempt::{Attempt, AttemptStatus};
use tillhouse_checkout::authentication::ThreeDSecure;
use tillhouse_checkout::credential::{CardDisplay, Credential, CredentialForm};
use tillhouse_checkout::decision::{ChargeOrder, Operation};
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};
use tillhouse_checkout::ports::{ChargeJournal, PhaseKind, PhaseScope, ReadyCharge, Store, StoreError};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Clock;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use crate::classify::{ClassifiedCharge, classify};
use crate::context::PaymentContext;
use crate::operation::{amendment, charge_operation};
use crate::settlement::PaymentOutcome;

/// Who initiates every charge: the buyer is not present when an agent pays.
const INITIATOR: &str = "agent";

/// Makes the charges of attempts.
#[derive(Clone, Debug)]
pub(crate) struct Charging {
    context: Arc<PaymentContext>,
}

impl Charging {
    pub(crate) const fn new(context: Arc<PaymentContext>) -> Self {
        Self { context }
    }

    /// Everything that the charge needs of the host. Done before the token is resolved: a processor that cannot take the payment,
    /// now or at all, must not cost the buyer a token. `forms` are those in which the token is known to have the card; empty
    /// before that is known.
    ///
    /// # Errors
    /// When the plugin is busy or out of service, or takes neither the currency nor any of the forms.
    pub(crate) async fn prepare(
        &self,
        session: &Session,
        attempt: &Attempt,
        forms: &[CredentialForm],
    ) -> Result<Box<dyn ReadyCharge>, CheckoutError> {
        let scope = self.scope(session, attempt);
        let ready = self.context.processor.prepare(scope).await?;
        let (profile, currency) = (ready.profile(), attempt.amount.currency);
        if !profile.currencies.is_empty() && !profile.currencies.contains(&currency) {
            return Err(CheckoutError::UnsupportedPayment(format!(
                "{currency}, which {} does not take",
                profile.processor
            )));
        }
        check_forms(&ready.forms(), forms, false)?;
        Ok(ready)
    }

    /// What the processor needs to have the buyer authenticated before this charge; `None` if it needs nothing.
    ///
    /// # Errors
    /// When the plugin gives no answer: whether the payment may be made without an authentication is not known then.
    pub(crate) async fn authentication_requirements(
        &self,
        session: &Session,
        attempt: &Attempt,
        card: CardDisplay,
    ) -> Result<Option<ThreeDSecure>, CheckoutError> {
        let (_, order) = self.call(session, attempt);
        let operation = amendment(attempt, "3ds", self.context.now());
        let scope = self.context.checkout.scope(session, PhaseKind::Payment);
        let processor = &self.context.processor;
        Ok(processor
            .authentication_requirements(scope, operation, order, Some(card))
            .await?)
    }

    /// Whether the processor takes the credential that the token was resolved to.
    ///
    /// # Errors
    /// When it takes none of the forms. The token is consumed then, so that another try is of no use.
    pub(crate) fn check_credential(ready: &dyn ReadyCharge, credential: &Credential) -> Result<(), PaymentTokenError> {
        check_forms(&ready.forms(), &credential.forms(), true)
    }

    /// Charge, and classify the outcome. Returns the attempt as it was last committed, with the wire evidence.
    pub(crate) async fn charge(
        &self,
        session: &Session,
        attempt: Attempt,
        credential: Credential,
        ready: Box<dyn ReadyCharge>,
    ) -> (Attempt, PaymentOutcome) {
        let journal = Arc::new(Journal {
            store: Arc::clone(self.context.store()),
            clock: Arc::clone(&self.context.checkout.clock),
            before: attempt.clone(),
            after: tokio::sync::Mutex::new(None),
        });
        let (operation, order) = self.call(session, &attempt);
        let report = ready
            .charge(operation, order, credential, Arc::clone(&journal) as _)
            .await;
        let mut attempt = journal.after.lock().await.take().unwrap_or(attempt);
        attempt.history.wire = report.wire;
        if report.wire.may_have_arrived() && attempt.status() != AttemptStatus::Charging {
            // Impossible: the journal is written before the first byte. Never call such a charge unsent.
            error!(attempt.id = %attempt.id, "a charge was sent without a journal entry");
        }
        let outcome = classify(&report, attempt.amount).into();
        (attempt, outcome)
    }

    /// Send the same charge once more. Only the bytes that were sent the first time are let through.
    pub(crate) async fn charge_again(
        &self,
        session: &Session,
        attempt: &Attempt,
        credential: Credential,
        ready: Box<dyn ReadyCharge>,
        journal: Arc<dyn ChargeJournal>,
    ) -> ClassifiedCharge {
        let (operation, order) = self.call(session, attempt);
        let report = ready.charge(operation, order, credential, journal).await;
        classify(&report, attempt.amount)
    }

    /// Where the charge of an attempt is made. Like the call itself it follows from the session and the attempt, its time
    /// included, so that a second call makes the same request.
    pub(crate) fn scope(&self, session: &Session, attempt: &Attempt) -> PhaseScope {
        PhaseScope {
            now: attempt.initiated,
            ..self.context.checkout.scope(session, PhaseKind::Payment)
        }
    }

    /// All of it but the statement descriptor was committed before the first send, so that a charge that is sent again has the same
    /// bytes.
    fn call(&self, session: &Session, attempt: &Attempt) -> (Operation, ChargeOrder) {
        let merchant = self.context.checkout.merchants.get(&attempt.merchant).ok();
        let (shipping, recipient) = session.cart.main_delivery();
        let order = ChargeOrder {
            session: session.id.to_string(),
            order: attempt.order.id.clone(),
            amount: attempt.amount,
            statement: merchant.and_then(|merchant| merchant.statement.clone()),
            billing: attempt.billing.clone(),
            shipping: shipping.cloned(),
            buyer: session.cart.buyer.clone(),
            recipient: recipient.cloned(),
            quote: session.quote.clone(),
            return_url: attempt.order.permalink.clone(),
            device: attempt.device.clone(),
            authentication: attempt.history.proof.clone(),
            initiator: INITIATOR,
        };
        (charge_operation(attempt), order)
    }
}

/// A plugin that fills in no card at all is left alone: it may charge what is on file.
fn check_forms(taken: &[CredentialForm], had: &[CredentialForm], consumed: bool) -> Result<(), PaymentTokenError> {
    if taken.is_empty() || had.is_empty() || had.iter().any(|form| taken.contains(form)) {
        return Ok(());
    }
    let what = had.iter().map(|form| form.described()).collect::<Vec<_>>().join(" or ");
    Err(PaymentTokenError::UnsupportedCredential { what, consumed })
}

/// Makes `charging` durable from within the plugin's `egress.send`.
struct Journal {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    before: Attempt,
    after: tokio::sync::Mutex<Option<Attempt>>,
}

#[async_trait]
impl ChargeJournal for Journal {
    async fn charging(&self, digest: &str) -> Result<(), StoreError> {
        let mut after = self.after.lock().await;
        if let Some(charging) = after.as_ref() {
            // The same bytes again are covered by the first entry; other bytes would be a second charge.
            return match charging.charge() {
                Some(first) if first.digest == digest => Ok(()),
                _ => Err(StoreError::new("a second charge with a different request")),
            };
        }
        let write = self.before.charging(digest, self.clock.now());
        let charging = write.attempt().clone();
        let unit = UnitOfWork {
            attempt: Some(write),
            ..UnitOfWork::default()
        };
        self.store.commit(unit).await.map_err(StoreError::caused_by)?;
        *after = Some(charging);
        Ok(())
    }
}
