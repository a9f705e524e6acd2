//! State that the handlers of the simulated Adyen share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::Operation;
use super::config::AdyenConfig;
use super::inbox::{PushTarget, Received};
use super::ledger::LedgerState;
use super::merchant::{Late, MerchantConnection, MerchantFaults};
use super::messages::Refusal;
use super::payment::{Modification, Payment};
use super::session::Sessions;
use super::token::Tokens;
use super::transcript::Transcript;
use super::webhook;
use crate::authentication::Authentications;
use crate::pipeline::Pipeline;
use crate::sync::lock;

#[derive(Debug)]
pub(super) struct AdyenState {
    pub(super) pipeline: Arc<Pipeline<Operation>>,
    pub(super) config: AdyenConfig,
    pub(super) authentications: Authentications,
    pub(super) sessions: Mutex<Sessions>,
    pub(super) tokens: Mutex<Tokens>,
    pub(super) ledger: Mutex<LedgerState>,
    pub(super) events: Mutex<Vec<Received>>,
    pub(super) configurations: Mutex<Vec<Received>>,
    pub(super) push_target: Mutex<Option<PushTarget>>,
    pub(super) transcript: Transcript,
    pub(super) merchant_faults: MerchantFaults,
    /// Calls and webhooks that arrive when a test says so.
    pub(super) late: Mutex<Vec<Late>>,
    /// Webhooks that arrive after the next one.
    pub(super) overtaken: Mutex<Vec<Late>>,
    merchants: Mutex<BTreeMap<String, Arc<MerchantConnection>>>,
}

impl AdyenState {
    pub(super) fn new(
        config: AdyenConfig,
        authentications: Authentications,
        pipeline: Arc<Pipeline<Operation>>,
    ) -> Self {
        Self {
            pipeline,
            config,
            authentications,
            sessions: Mutex::default(),
            tokens: Mutex::default(),
            ledger: Mutex::default(),
            events: Mutex::default(),
            configurations: Mutex::default(),
            push_target: Mutex::default(),
            transcript: Transcript::default(),
            merchant_faults: MerchantFaults::default(),
            late: Mutex::default(),
            overtaken: Mutex::default(),
            merchants: Mutex::default(),
        }
    }

    /// Adds a merchant, or replaces the one of the same company account.
    pub(super) fn connect(&self, merchant: MerchantConnection) {
        lock(&self.merchants).insert(merchant.company_account.clone(), Arc::new(merchant));
    }

    /// The merchant of a company account.
    pub(super) fn merchant(&self, company_account: &str) -> Result<Arc<MerchantConnection>, Refusal> {
        let merchants = lock(&self.merchants);
        merchants.get(company_account).cloned().ok_or_else(Refusal::not_found)
    }

    pub(super) fn merchant_with_account(&self, merchant_account: &str) -> Option<Arc<MerchantConnection>> {
        let merchants = lock(&self.merchants);
        merchants
            .values()
            .find(|merchant| merchant.merchant_account == merchant_account)
            .cloned()
    }

    /// Whether this is a company account or a merchant account that can be paid.
    pub(super) fn is_account(&self, account: &str) -> bool {
        let is_default = account == self.config.company_account || account == self.config.merchant_account;
        is_default
            || lock(&self.merchants)
                .values()
                .any(|merchant| merchant.company_account == account || merchant.merchant_account == account)
    }

    /// The company account of a merchant account.
    pub(super) fn company_of(&self, merchant_account: &str) -> String {
        let merchant = self.merchant_with_account(merchant_account);
        merchant.map_or_else(
            || self.config.company_account.clone(),
            |merchant| merchant.company_account.clone(),
        )
    }

    /// Waits as long as a payment on the slow card takes; a stopping server does not delay its clients.
    pub(super) async fn slow_card(&self) {
        tokio::select! {
            () = tokio::time::sleep(self.config.slow_card_delay) => {}
            () = self.pipeline.lifetime.stop.cancelled() => {}
        }
    }

    pub(super) fn announce_payment(self: &Arc<Self>, payment: &Payment) {
        webhook::announce(self, &payment.merchant_account, &payment.psp_reference);
    }

    pub(super) fn announce_modification(self: &Arc<Self>, modification: &Modification) {
        let payment = lock(&self.ledger).payment(&modification.payment).cloned();
        if let Some(payment) = payment {
            webhook::announce(self, &payment.merchant_account, &modification.psp_reference);
        }
    }
}
