//! An attempt as it is stored: one flat record, whose members keep their names across releases.

use serde::{Deserialize, Serialize};

use super::Attempt;
use super::authentication_wait::AuthenticationWait;
use super::history::{AttemptHistory, RetrySchedule};
use super::reversal_call::{ReversalCall, SentReversal};
use super::state::{AttemptState, Paid, SentCharge};
use super::status::AttemptStatus;
use super::wire_evidence::WireEvidence;
use crate::authentication::AuthenticationProof;
use crate::contact::Address;
use crate::decision::{OrderIdentity, Reservation};
use crate::device::Device;
use crate::ids::{AttemptId, MerchantId, ProcessorReference, SessionId};
use crate::money::Money;
use crate::payer::Payer;
use crate::time::Timestamp;

/// The stored members. Those with a default were added by later releases.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredAttempt {
    id: AttemptId,
    merchant: MerchantId,
    session: SessionId,
    #[serde(flatten)]
    payer: Payer,
    amount: Money,
    state: AttemptStatus,
    resolve_key: String,
    charge_key: String,
    report_key: String,
    reference: String,
    order: OrderIdentity,
    reservation: Reservation,
    redeemed: Vec<String>,
    #[serde(default)]
    billing: Option<Address>,
    #[serde(default)]
    device: Device,
    charge_digest: Option<String>,
    #[serde(default)]
    destination: Option<String>,
    #[serde(default)]
    token_expires: Option<Timestamp>,
    #[serde(default)]
    authentication: Option<AuthenticationWait>,
    #[serde(default)]
    proof: Option<AuthenticationProof>,
    #[serde(default)]
    held_until: Option<Timestamp>,
    #[serde(default)]
    without_stock: bool,
    #[serde(default)]
    paid_late: bool,
    #[serde(default)]
    refused_elsewhere: Option<ProcessorReference>,
    wire: WireEvidence,
    #[serde(default)]
    reversal: Option<ReversalCall>,
    #[serde(default)]
    reversal_first: Option<Timestamp>,
    #[serde(default)]
    reversal_last: Option<Timestamp>,
    processor_reference: Option<ProcessorReference>,
    reason: Option<String>,
    initiated: Timestamp,
    charge_sent: Option<Timestamp>,
    #[serde(default)]
    unknown_since: Option<Timestamp>,
    settled: Option<Timestamp>,
    #[serde(default)]
    tries: u32,
    #[serde(default)]
    next_try: Option<Timestamp>,
    #[serde(default)]
    token_unused: bool,
}

/// A stored attempt that lacks what its state cannot be without.
#[derive(Debug, thiserror::Error)]
#[error("attempt {id} is {} without {lacks}", state.name())]
pub struct IncompleteAttemptError {
    id: AttemptId,
    state: AttemptStatus,
    lacks: &'static str,
}

impl From<Attempt> for StoredAttempt {
    fn from(attempt: Attempt) -> Self {
        let (charge, history) = (attempt.charge().cloned(), &attempt.history);
        Self {
            state: attempt.status(),
            charge_digest: charge.as_ref().map(|charge| charge.digest.clone()),
            destination: history.destination.clone(),
            token_expires: history.token_expires,
            authentication: attempt.authentication_wait().cloned(),
            proof: history.proof.clone(),
            held_until: attempt.held_until(),
            without_stock: history.without_stock,
            paid_late: history.paid_late,
            refused_elsewhere: history.refused_elsewhere.clone(),
            wire: history.wire,
            reversal: history.reversal.map(|sent| sent.call),
            reversal_first: history.reversal.map(|sent| sent.first),
            reversal_last: history.reversal.map(|sent| sent.last),
            processor_reference: attempt.processor_reference().cloned(),
            reason: attempt.reason().map(str::to_owned),
            charge_sent: charge.map(|charge| charge.sent),
            unknown_since: attempt.unknown_since(),
            settled: attempt.state.settled(),
            tries: attempt.retry.tries,
            next_try: attempt.retry.next,
            token_unused: attempt.token_unused(),
            id: attempt.id,
            merchant: attempt.merchant,
            session: attempt.session,
            payer: attempt.payer,
            amount: attempt.amount,
            resolve_key: attempt.resolve_key,
            charge_key: attempt.charge_key,
            report_key: attempt.report_key,
            reference: attempt.reference,
            order: attempt.order,
            reservation: attempt.reservation,
            redeemed: attempt.redeemed,
            billing: attempt.billing,
            device: attempt.device,
            initiated: attempt.initiated,
        }
    }
}

impl TryFrom<StoredAttempt> for Attempt {
    type Error = IncompleteAttemptError;

    fn try_from(stored: StoredAttempt) -> Result<Self, IncompleteAttemptError> {
        let (charge, reversal) = (stored.charge(), stored.sent_reversal());
        let state = stored.read_state(charge.clone())?;
        let history = AttemptHistory {
            destination: stored.destination,
            token_expires: stored.token_expires,
            authentication: stored.authentication,
            proof: stored.proof,
            charge,
            held_until: stored.held_until,
            without_stock: stored.without_stock,
            paid_late: stored.paid_late,
            refused_elsewhere: stored.refused_elsewhere,
            wire: stored.wire,
            unknown_since: stored.unknown_since,
            reversal,
            processor_reference: stored.processor_reference,
            reason: stored.reason,
        };
        Ok(Self {
            id: stored.id,
            merchant: stored.merchant,
            session: stored.session,
            payer: stored.payer,
            amount: stored.amount,
            resolve_key: stored.resolve_key,
            charge_key: stored.charge_key,
            report_key: stored.report_key,
            reference: stored.reference,
            order: stored.order,
            reservation: stored.reservation,
            redeemed: stored.redeemed,
            billing: stored.billing,
            device: stored.device,
            initiated: stored.initiated,
            history: history.beside(&state),
            state,
            retry: RetrySchedule {
                tries: stored.tries,
                next: stored.next_try,
            },
            epoch: 0,
        })
    }
}

impl StoredAttempt {
    fn charge(&self) -> Option<SentCharge> {
        Some(SentCharge {
            digest: self.charge_digest.clone()?,
            sent: self.charge_sent?,
        })
    }

    fn sent_reversal(&self) -> Option<SentReversal> {
        Some(SentReversal {
            call: self.reversal?,
            first: self.reversal_first.unwrap_or(self.initiated),
            last: self.reversal_last.unwrap_or(self.initiated),
        })
    }

    fn read_state(&self, charge: Option<SentCharge>) -> Result<AttemptState, IncompleteAttemptError> {
        let lacks = |lacks| IncompleteAttemptError {
            id: self.id.clone(),
            state: self.state,
            lacks,
        };
        let reference = self.processor_reference.clone();
        // Releases before `unknown_since` did not write it down.
        let since = self.unknown_since.or(self.charge_sent).unwrap_or(self.initiated);
        let settled = self.settled.unwrap_or(self.initiated);
        let reason = || self.reason.clone().unwrap_or_default();
        Ok(match self.state {
            AttemptStatus::Reserved => AttemptState::Reserved,
            AttemptStatus::AuthenticationRequired => {
                let wait = self.authentication.clone();
                AttemptState::AuthenticationRequired(wait.ok_or_else(|| lacks("what the buyer has to do"))?)
            }
            AttemptStatus::Awaiting => AttemptState::Awaiting {
                until: self.held_until.ok_or_else(|| lacks("the end of its hold"))?,
            },
            AttemptStatus::Resolving => AttemptState::Resolving,
            AttemptStatus::Charging => AttemptState::Charging(charge.ok_or_else(|| lacks("the charge that was sent"))?),
            AttemptStatus::Approved => AttemptState::Approved {
                paid: match (&self.payer, reference) {
                    (Payer::NothingDue {}, _) => Paid::NothingDue,
                    (Payer::Token(_) | Payer::Elsewhere { .. }, Some(reference)) => Paid::Charge(reference),
                    (Payer::Elsewhere { .. }, None) => Paid::Unreferenced,
                    (Payer::Token(_), None) => return Err(lacks("a processor's reference")),
                },
                settled,
            },
            AttemptStatus::Declined => AttemptState::Declined {
                code: reason(),
                settled,
            },
            AttemptStatus::Unknown => AttemptState::Unknown {
                since,
                reason: reason(),
            },
            AttemptStatus::NeedsReview => AttemptState::NeedsReview {
                since,
                reason: reason(),
            },
            AttemptStatus::Voiding => AttemptState::Voiding {
                charge: reference.ok_or_else(|| lacks("a processor's reference"))?,
                reason: reason(),
            },
            AttemptStatus::Voided => AttemptState::Voided {
                reason: reason(),
                settled,
            },
            AttemptStatus::Failed => AttemptState::Failed {
                reason: reason(),
                settled,
                token_unused: self.token_unused,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::Attempt;

    /// An attempt as it is stored, with every member.
    fn stored(state: &str) -> Value {
        json!({
            "id": "pa_1", "merchant": "acme", "session": "cs_1", "token": "spt_1",
            "amount": {"amount": 4598, "currency": "USD"},
            "state": state,
            "resolve_key": "k1", "charge_key": "k2", "report_key": "k3", "reference": "pa_1",
            "order": {"id": "1001", "number": null, "permalink": "https://shop.example.com/orders/1001"},
            "reservation": {"id": "pa_1", "lines": [], "expires": 9000},
            "redeemed": ["SAVE10"],
            "billing": null,
            "device": {
                "ip": "192.0.2.1", "user_agent": null, "accept_language": "de", "fingerprint": null, "session": null,
            },
            "charge_digest": "d1",
            "destination": "processor@1",
            "token_expires": 8000,
            "authentication": {
                "requirements": {
                    "acquirer_bin": "411111", "acquirer_country": "US", "merchant_id": "m_1", "merchant_name": "Acme",
                    "requestor_id": null, "directory_server": "visa", "flow": "challenge",
                },
                "until": 7000, "token_resolved": true,
            },
            "proof": {
                "outcome": "authenticated", "eci": "05", "transaction_id": "ds_1", "version": "2.2.0", "has_cryptogram": true,
            },
            "held_until": 7500, "without_stock": false, "paid_late": false, "refused_elsewhere": "psp_1",
            "wire": "full_request",
            "reversal": "refund", "reversal_first": 2100, "reversal_last": 2200,
            "processor_reference": "ch_1",
            "reason": "the charge was sent and no answer came back",
            "initiated": 1000, "charge_sent": 1500, "unknown_since": 2000, "settled": 3000,
            "tries": 2, "next_try": 4000,
            "token_unused": state == "failed",
        })
    }

    fn again(stored: &Value) -> Value {
        let attempt: Attempt = serde_json::from_value(stored.clone()).unwrap();
        serde_json::to_value(attempt).unwrap()
    }

    #[test]
    fn the_stored_members_of_an_attempt_stay_what_they_are() {
        for state in ["approved", "declined", "voided", "failed"] {
            assert_eq!(again(&stored(state)), stored(state), "{state}");
        }
        for state in [
            "reserved",
            "authentication_required",
            "awaiting",
            "resolving",
            "charging",
            "unknown",
            "needs_review",
            "voiding",
        ] {
            let mut open = stored(state);
            open["settled"] = Value::Null;
            assert_eq!(again(&open), open, "{state}");
        }
    }

    #[test]
    fn an_unknown_outcome_of_an_earlier_release_began_when_its_charge_was_sent() {
        let mut old = stored("unknown");
        for later in [
            "unknown_since",
            "tries",
            "next_try",
            "token_unused",
            "billing",
            "device",
            "destination",
            "token_expires",
            "authentication",
            "proof",
            "held_until",
            "without_stock",
            "paid_late",
            "refused_elsewhere",
            "reversal",
            "reversal_first",
            "reversal_last",
        ] {
            old.as_object_mut().unwrap().remove(later);
        }
        let attempt: Attempt = serde_json::from_value(old).unwrap();
        assert_eq!(attempt.last_sent().millis(), 1500);
        assert_eq!(attempt.retry, super::RetrySchedule::default());
    }

    #[test]
    fn an_attempt_that_lacks_what_its_state_needs_is_an_error_that_names_it() {
        for (state, member, lacks) in [
            ("charging", "charge_digest", "the charge that was sent"),
            ("authentication_required", "authentication", "what the buyer has to do"),
            ("awaiting", "held_until", "the end of its hold"),
            ("approved", "processor_reference", "a processor's reference"),
            ("voiding", "processor_reference", "a processor's reference"),
        ] {
            let mut wrong = stored(state);
            wrong[member] = Value::Null;
            let error = serde_json::from_value::<Attempt>(wrong).unwrap_err().to_string();
            assert!(
                error.contains(&format!("attempt pa_1 is {state} without {lacks}")),
                "{error}"
            );
        }
    }
}
