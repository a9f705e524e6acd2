//! Looking at payment attempts, and settling those that the host cannot.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::moment;
use super::{Operator, Question, Refusal, evidence};
use crate::by_hand::Knowledge;
use tillhouse_checkout::attempt::{Attempt, AttemptState, WireEvidence};
use tillhouse_checkout::ids::{AttemptId, MerchantId, ProcessorReference, SessionId};
use tillhouse_checkout::ports::AttemptFilter;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::Break;

/// Breaks that are looked through for one attempt.
const BREAKS: usize = 100_000;

/// An attempt as operators see it. Keys and addresses are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptView {
    /// Its id.
    pub id: AttemptId,
    /// Whose.
    pub merchant: MerchantId,
    /// The checkout that it pays.
    pub session: SessionId,
    /// The order that it would become.
    pub order: String,
    /// Minor units.
    pub amount: i64,
    /// ISO 4217, lower case.
    pub currency: String,
    /// What pays it: `token`, or `nothing_due` for an order without a charge.
    pub payer: String,
    /// How far it is.
    pub state: AttemptState,
    /// Why it is there.
    pub reason: Option<String>,
    /// Our reference of the charge at the processor.
    pub reference: String,
    /// The processor's own.
    pub processor_reference: Option<String>,
    /// Where the charge went: the plugin and its upstreams.
    pub destination: Option<String>,
    /// What the wire saw.
    pub wire: WireEvidence,
    /// When it began.
    pub initiated: String,
    /// When the charge was sent.
    pub charge_sent: Option<String>,
    /// Since when its outcome is unknown.
    pub unknown_since: Option<String>,
    /// When its outcome was known.
    pub settled: Option<String>,
    /// How often somebody tried to find out.
    pub tries: u32,
    /// When that is tried next.
    pub next_try: Option<String>,
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            amount: attempt.amount.amount.minor(),
            currency: attempt.amount.currency.lower(),
            order: attempt.order.id,
            payer: attempt.payer.name().to_owned(),
            state: attempt.state,
            reason: attempt.reason,
            reference: attempt.reference,
            processor_reference: attempt.processor_reference.map(|it| it.to_string()),
            destination: attempt.destination,
            wire: attempt.wire,
            initiated: moment::text(attempt.initiated),
            charge_sent: attempt.charge_sent.map(moment::text),
            unknown_since: attempt.unknown_since.map(moment::text),
            settled: attempt.settled.map(moment::text),
            tries: attempt.tries,
            next_try: attempt.next_try.map(moment::text),
            id: attempt.id,
            merchant: attempt.merchant,
            session: attempt.session,
        }
    }
}

/// `attempts list`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ListAttempts {
    /// Of one merchant.
    pub merchant: Option<MerchantId>,
    /// Of one checkout.
    pub session: Option<SessionId>,
    /// In these states; empty for any.
    pub states: Vec<AttemptState>,
    /// Begun at or after.
    pub since: Option<Timestamp>,
    /// Begun before.
    pub until: Option<Timestamp>,
    /// At most so many.
    pub limit: usize,
}

/// Attempts, oldest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AttemptList {
    /// The attempts.
    pub attempts: Vec<AttemptView>,
    /// There are more.
    pub more: bool,
}

impl Question for ListAttempts {
    const NAME: &'static str = "attempts/list";
    type Answer = AttemptList;

    async fn answer(self, operator: &Operator) -> Result<AttemptList, Refusal> {
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
    /// Which.
    pub id: AttemptId,
}

/// One attempt, and what is known around it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AttemptDetail {
    /// The attempt.
    pub attempt: AttemptView,
    /// Breaks that were found about it.
    pub breaks: Vec<Break>,
    /// Every attempt of the same checkout, this one included, oldest first.
    pub of_session: Vec<AttemptId>,
}

impl Question for ShowAttempt {
    const NAME: &'static str = "attempts/show";
    type Answer = AttemptDetail;

    async fn answer(self, operator: &Operator) -> Result<AttemptDetail, Refusal> {
        let found = operator.store().attempt(&self.id).await?;
        let attempt = found.ok_or_else(|| Refusal::absent(format!("there is no attempt {}", self.id)))?;
        let mut breaks = operator.store().list_breaks(BREAKS).await?;
        breaks.retain(|found| found.attempt.as_ref() == Some(&self.id));
        let siblings = operator.store().attempts_of(&attempt.session).await?;
        Ok(AttemptDetail {
            attempt: attempt.into(),
            breaks,
            of_session: siblings.into_iter().map(|attempt| attempt.id).collect(),
        })
    }
}

/// `attempts settle`: what a person knows, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SettleAttempt {
    /// Which.
    pub id: AttemptId,
    /// The processor's reference of the charge; `None` to say that there is none.
    pub charged: Option<String>,
    /// How the person knows: 1 to 1000 characters, no card data.
    pub evidence: String,
    /// Who.
    pub actor: String,
}

/// An attempt that was settled.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settled {
    /// As it is now.
    pub attempt: AttemptView,
    /// As it was.
    pub was: AttemptState,
}

impl Question for SettleAttempt {
    const NAME: &'static str = "attempts/settle";
    type Answer = Settled;

    async fn answer(self, operator: &Operator) -> Result<Settled, Refusal> {
        let evidence = evidence::evidence(&self.evidence)?;
        let actor = evidence::actor(&self.actor)?;
        let reference = self.charged.as_deref().map(evidence::reference).transpose()?;
        let known = match &reference {
            Some(reference) => Knowledge::Charged(ProcessorReference::new(reference.as_str())),
            None => Knowledge::NotCharged,
        };
        let mut was = None;
        let entry = |attempt: &Attempt| {
            was = Some(attempt.state);
            let detail = json!({
                "verdict": if reference.is_some() { "charged" } else { "not_charged" },
                "processor_reference": reference,
                "reference": attempt.reference,
                "was": attempt.state,
                "amount": attempt.amount.amount.minor(),
                "currency": attempt.amount.currency.lower(),
                "evidence": evidence,
            });
            operator.entry(&actor, "attempt.settle", attempt.id.as_str(), &detail)
        };
        let settled = Box::pin(operator.payments.settle_by_hand(&self.id, known, entry)).await?;
        Ok(Settled {
            was: was.unwrap_or(settled.state),
            attempt: settled.into(),
        })
    }
}
