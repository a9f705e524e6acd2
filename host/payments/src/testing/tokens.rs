//! A token service that answers as the test says; without a word, its tokens are active and resolve to a card number.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::Notify;

use crate::outbox::report::{PaymentReport, RecordedRefund, RefundReport};
use crate::token::{GrantedToken, ProfileMismatch, TokenError, TokenIssuer};
use tillhouse_checkout::credential::{CardDisplay, Credential};
use tillhouse_checkout::ids::{MerchantId, TokenId};
use tillhouse_checkout::money::Amount;
use tillhouse_checkout::secret::Secret;

/// The answers that a test has prepared, in their order, and the calls that were made.
#[derive(Debug, Default)]
pub(crate) struct TokenScript {
    pub(crate) reads: VecDeque<Result<GrantedToken, TokenError>>,
    /// Slots of the credential, or why there is none.
    pub(crate) resolves: VecDeque<Result<Vec<&'static str>, TokenError>>,
    /// Holds a read between its answer and the caller.
    pub(crate) gate: Option<Gate>,
    /// What the next reports of refunds are answered; without a word, they are recorded.
    pub(crate) refund_answers: VecDeque<Result<(), TokenError>>,
    /// The refunds that were recorded.
    pub(crate) refunds: Vec<RefundReport>,
    /// Token and key of each resolve.
    pub(crate) resolved: Vec<(String, String)>,
}

/// A place where the host waits for the test.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate {
    pub(crate) reached: Arc<Notify>,
    pub(crate) opened: Arc<Notify>,
}

#[derive(Debug, Default)]
pub(crate) struct ScriptedTokens(Mutex<TokenScript>);

impl ScriptedTokens {
    pub(crate) fn set(&self, change: impl FnOnce(&mut TokenScript)) {
        change(&mut self.0.lock().unwrap());
    }

    /// The refunds that were recorded so far.
    pub(crate) fn refunds(&self) -> Vec<RefundReport> {
        self.0.lock().unwrap().refunds.clone()
    }

    /// Token and key of each resolve so far.
    pub(crate) fn resolved(&self) -> Vec<(String, String)> {
        self.0.lock().unwrap().resolved.clone()
    }
}

/// A token without limits.
pub(crate) fn active(token: &str) -> GrantedToken {
    GrantedToken {
        id: TokenId::new(token),
        session: None,
        livemode: false,
        deactivated: None,
        next_action: None,
        expires: None,
        currency: None,
        max_amount: None,
        captured: Amount::ZERO,
        method: None,
        forms: Vec::new(),
        card: CardDisplay::default(),
        billing: None,
        agent_profile: None,
        agent_name: None,
        signals: Vec::new(),
        checks: Vec::new(),
    }
}

#[async_trait]
impl TokenIssuer for ScriptedTokens {
    fn livemode(&self, _: &MerchantId) -> bool {
        false
    }

    fn profile_mismatch(&self, _: &MerchantId) -> ProfileMismatch {
        ProfileMismatch::default()
    }

    async fn retrieve(&self, _: &MerchantId, token: &TokenId) -> Result<GrantedToken, TokenError> {
        let (answer, gate) = {
            let mut script = self.0.lock().unwrap();
            (script.reads.pop_front(), script.gate.clone())
        };
        if let Some(gate) = gate {
            gate.reached.notify_one();
            gate.opened.notified().await;
        }
        answer.unwrap_or_else(|| Ok(active(token.as_str())))
    }

    async fn resolve(&self, _: &MerchantId, token: &TokenId, key: &str) -> Result<Credential, TokenError> {
        let mut script = self.0.lock().unwrap();
        script.resolved.push((token.to_string(), key.to_owned()));
        let slots = script.resolves.pop_front().unwrap_or_else(|| Ok(vec!["number"]))?;
        Ok(Credential {
            kind: "dpan".into(),
            display: CardDisplay::default(),
            slots: slots
                .into_iter()
                .map(|slot| (slot, Secret::new("4".to_owned())))
                .collect(),
        })
    }

    async fn report(&self, _: &MerchantId, _: &PaymentReport) -> Result<String, TokenError> {
        Ok("pr_1".into())
    }

    async fn find_record(&self, _: &MerchantId, _: &PaymentReport) -> Result<Option<String>, TokenError> {
        Ok(None)
    }

    async fn find_refund(
        &self,
        _: &MerchantId,
        record: Option<&str>,
        report: &RefundReport,
    ) -> Result<RecordedRefund, TokenError> {
        let Some(record) = record.map(str::to_owned) else {
            return Ok(RecordedRefund::NoPayment);
        };
        let refunds = &self.0.lock().unwrap().refunds;
        let is_recorded = refunds.iter().any(|recorded| recorded.reference == report.reference);
        Ok(if is_recorded {
            RecordedRefund::Recorded(record)
        } else {
            RecordedRefund::Missing(record)
        })
    }

    async fn report_refund(&self, _: &MerchantId, _: &str, report: &RefundReport) -> Result<(), TokenError> {
        let mut script = self.0.lock().unwrap();
        let answer = script.refund_answers.pop_front().unwrap_or(Ok(()));
        if answer.is_ok() {
            script.refunds.push(report.clone());
        }
        answer
    }
}
