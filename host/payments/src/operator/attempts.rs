//! Listing payment attempts, and settling those that the host cannot.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::discrepancies::MAX_DISCREPANCIES;
use super::timestamp;
use super::{Operator, OperatorError, OperatorRequest, evidence_note};
use crate::manual_settlement::KnownOutcome;
use tillhouse_checkout::attempt::{Attempt, AttemptStatus, WireEvidence};
use tillhouse_checkout::audit::AuditAction;
use tillhouse_checkout::discrepancy::Discrepancy;
use tillhouse_checkout::ids::{AttemptId, MerchantId, ProcessorReference, SessionId};
use tillhouse_checkout::ports::AttemptFilter;
use tillhouse_checkout::time::Timestamp;

/// An attempt as operators see it. Keys and addresses are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptView {
    /// Id of the attempt.
    pub id: AttemptId,
    /// Merchant that sells and is paid.
    pub merchant: MerchantId,
    /// Checkout session that it pays.
    pub session: SessionId,
    /// Id of the order that is made when it is paid.
    pub order: String,
    /// Amount in minor units of the currency.
    pub amount: i64,
    /// ISO 4217, lower case.
    pub currency: String,
    /// What pays it: `token`, `nothing_due` for an order without a charge, or `elsewhere` for what another party takes.
    pub payer: String,
    /// Recovery point that it has reached, or its outcome.
    pub state: AttemptStatus,
    /// Why it is there: a decline code, or a sentence.
    pub reason: Option<String>,
    /// Our reference of the charge at the processor.
    pub reference: String,
    /// The processor's reference of the charge, once it is known.
    pub processor_reference: Option<String>,
    /// Where the charge went: the plugin and its upstreams.
    pub destination: Option<String>,
    /// What the host's connection saw of the charge request.
    pub wire: WireEvidence,
    /// When it began (RFC 3339).
    pub initiated: String,
    /// Until when its stock is or was held for the payment of another party (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<String>,
    /// When the charge was first sent (RFC 3339).
    pub charge_sent: Option<String>,
    /// Since when its outcome is or was unknown (RFC 3339).
    pub unknown_since: Option<String>,
    /// When its outcome was committed (RFC 3339).
    pub settled: Option<String>,
    /// Status checks, token resolutions or reversals so far that decided nothing.
    pub tries: u32,
    /// When the next one is due (RFC 3339).
    pub next_try: Option<String>,
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            amount: attempt.amount.amount.minor(),
            currency: attempt.amount.currency.lower(),
            payer: attempt.payer.name().to_owned(),
            state: attempt.status(),
            reason: attempt.reason().map(str::to_owned),
            processor_reference: attempt.processor_reference().map(ToString::to_string),
            wire: attempt.history.wire,
            initiated: timestamp::text(attempt.initiated),
            held_until: attempt.held_until().map(timestamp::text),
            charge_sent: attempt.charge().map(|charge| timestamp::text(charge.sent)),
            unknown_since: attempt.unknown_since().map(timestamp::text),
            settled: attempt.state.settled().map(timestamp::text),
            tries: attempt.retry.tries,
            next_try: attempt.retry.next.map(timestamp::text),
            order: attempt.order.id,
            reference: attempt.reference,
            destination: attempt.history.destination,
            id: attempt.id,
            merchant: attempt.merchant,
            session: attempt.session,
        }
    }
}

/// `attempts list`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ListAttempts {
    /// Only attempts of this merchant.
    pub merchant: Option<MerchantId>,
    /// Only attempts of this checkout session.
    pub session: Option<SessionId>,
    /// Only attempts in these states; empty for any.
    pub states: Vec<AttemptStatus>,
    /// Only attempts that began at or after this time.
    pub since: Option<Timestamp>,
    /// Only attempts that began before this time.
    pub until: Option<Timestamp>,
    /// Maximum number of attempts.
    pub limit: usize,
}

/// The attempts that match, oldest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AttemptList {
    /// At most as many as the limit.
    pub attempts: Vec<AttemptView>,
    /// More attempts match than the limit allows.
    pub more: bool,
}

impl OperatorRequest for ListAttempts {
    const NAME: &'static str = "attempts/list";
    type Answer = AttemptList;

    async fn answer(self, operator: &Operator) -> Result<AttemptList, OperatorError> {
        let filter = AttemptFilter {
            merchant: self.merchant,
            session: self.session,
            states: self.states,
            since: self.since,
            until: self.until,
            limit: self.limit.saturating_add(1),
        };
        let mut found = operator.store().list_attempts(&filter).await?;
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        Ok(AttemptList {
            attempts: found.into_iter().map(AttemptView::from).collect(),
            more,
        })
    }
}

/// `attempts show`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShowAttempt {
    /// Id of the attempt, `pa_…`.
    pub id: AttemptId,
}

/// One attempt, and what is known around it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AttemptDetail {
    /// The attempt that the request names.
    pub attempt: AttemptView,
    /// Discrepancies that were found about it.
    #[serde(rename = "breaks")]
    pub discrepancies: Vec<Discrepancy>,
    /// Every attempt of the same checkout session, this one included, oldest first.
    pub of_session: Vec<AttemptId>,
}

impl OperatorRequest for ShowAttempt {
    const NAME: &'static str = "attempts/show";
    type Answer = AttemptDetail;

    async fn answer(self, operator: &Operator) -> Result<AttemptDetail, OperatorError> {
        let found = operator.store().attempt(&self.id).await?;
        let attempt = found.ok_or_else(|| OperatorError::absent(format!("there is no attempt {}", self.id)))?;
        let mut discrepancies = operator.store().list_discrepancies(MAX_DISCREPANCIES).await?;
        discrepancies.retain(|found| found.attempt.as_ref() == Some(&self.id));
        let siblings = operator
            .store()
            .attempts_of(&attempt.merchant, &attempt.session)
            .await?;
        Ok(AttemptDetail {
            attempt: attempt.into(),
            discrepancies,
            of_session: siblings.into_iter().map(|attempt| attempt.id).collect(),
        })
    }
}

/// `attempts settle`: what the operator knows, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SettleAttempt {
    /// Id of the attempt, `pa_…`.
    pub id: AttemptId,
    /// The processor's reference of the charge; `None` to say that there is none.
    pub charged: Option<String>,
    /// How the operator knows: 1 to 1000 characters, no card data.
    pub evidence: String,
    /// Name of the operator, for the audit log.
    pub actor: String,
}

/// An attempt that was settled.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SettledAttempt {
    /// The attempt after the settlement.
    pub attempt: AttemptView,
    /// Its state before the settlement.
    pub was: AttemptStatus,
}

impl OperatorRequest for SettleAttempt {
    const NAME: &'static str = "attempts/settle";
    type Answer = SettledAttempt;

    async fn answer(self, operator: &Operator) -> Result<SettledAttempt, OperatorError> {
        let evidence = evidence_note::evidence(&self.evidence)?;
        let actor = evidence_note::actor(&self.actor)?;
        let reference = self.charged.as_deref().map(evidence_note::reference).transpose()?;
        let known = match &reference {
            Some(reference) => KnownOutcome::Charged(ProcessorReference::new(reference.as_str())),
            None => KnownOutcome::NotCharged,
        };
        let mut was = None;
        let entry = |attempt: &Attempt| {
            was = Some(attempt.status());
            let detail = json!({
                "verdict": if reference.is_some() { "charged" } else { "not_charged" },
                "processor_reference": reference,
                "reference": attempt.reference,
                "was": attempt.status(),
                "amount": attempt.amount.amount.minor(),
                "currency": attempt.amount.currency.lower(),
                "evidence": evidence,
            });
            operator.entry(&actor, AuditAction::SettleAttempt, attempt.id.as_str(), &detail)
        };
        let settled = Box::pin(operator.payments.recovery().settle_manually(&self.id, known, entry)).await?;
        Ok(SettledAttempt {
            was: was.unwrap_or(settled.status()),
            attempt: settled.into(),
        })
    }
}
