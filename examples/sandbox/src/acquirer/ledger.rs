//! The acquirer's ledger of charges and refunds.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::charge::{Charge, ChargeStatus, Refund, RefundStatus};
use super::error::AcquirerError;
use super::request::{ChargeRequest, RefundRequest};
use crate::authentication::ProofCheck;
use crate::card::{Behaviour, RefundBehaviour};
use crate::clock::year_and_month;
use crate::id::{ChargeId, RefundId};
use crate::table::Table;

/// Number of lookups at which a pending charge is approved, and a pending refund succeeds.
const LOOKUPS_TO_SETTLE: u32 = 2;

#[derive(Debug, Default)]
pub(crate) struct LedgerState {
    charges: Table<ChargeId, Charge>,
    refunds: Table<RefundId, Refund>,
    references: HashSet<String>,
    /// References for which no charge may be made any more.
    canceled: HashSet<String>,
}

impl LedgerState {
    /// Records a charge with the status that its card and its proof determine.
    pub(crate) fn charge(
        &mut self,
        request: ChargeRequest,
        proof: ProofCheck,
        now: i64,
    ) -> Result<Charge, AcquirerError> {
        if request.card.behaviour == Behaviour::ServerError {
            return Err(AcquirerError::internal());
        }
        if self.canceled.contains(&request.reference) {
            let message = format!("The reference '{}' was canceled.", request.reference);
            return Err(AcquirerError::conflict("reference_canceled", message));
        }
        if request.card.behaviour == Behaviour::ApproveAuthenticated && proof == ProofCheck::Absent {
            return Err(AcquirerError::authentication_required());
        }
        if !self.references.insert(request.reference.clone()) {
            let message = format!("The reference '{}' is used by another charge.", request.reference);
            return Err(AcquirerError::conflict("reference_in_use", message));
        }
        let (status, decline_code) = decide(&request, proof, now);
        let short = i64::from(request.card.behaviour == Behaviour::ApproveLess);
        let amount = request.amount.value - short;
        let captured = request.capture && status != ChargeStatus::Declined;
        let charge = Charge {
            id: ChargeId::generate(),
            status,
            amount,
            currency: request.amount.currency,
            reference: request.reference,
            captured,
            amount_captured: if captured && status == ChargeStatus::Approved {
                amount
            } else {
                0
            },
            amount_refunded: 0,
            decline_code: decline_code.map(str::to_owned),
            last4: request.last4,
            cryptogram: request.cryptogram,
            authenticated: proof == ProofCheck::Valid,
            created: now,
            lookups: 0,
            refunds: request.card.behaviour.refunds(),
        };
        self.charges.push(charge.id.clone(), charge.clone());
        Ok(charge)
    }

    pub(crate) fn find(&self, id: &ChargeId) -> Result<&Charge, AcquirerError> {
        self.charges
            .get(id)
            .ok_or_else(|| AcquirerError::not_found("charge", id.as_str()))
    }

    fn find_mut(&mut self, id: &ChargeId) -> Result<&mut Charge, AcquirerError> {
        self.charges
            .get_mut(id)
            .ok_or_else(|| AcquirerError::not_found("charge", id.as_str()))
    }

    /// The last charge with this reference.
    pub(crate) fn by_reference(&self, reference: &str) -> Option<&Charge> {
        self.charges
            .rows()
            .iter()
            .rev()
            .find(|charge| charge.reference == reference)
    }

    /// Makes sure that no money moves for this reference, now or later. Fails if the charge is approved.
    pub(crate) fn cancel(&mut self, reference: &str) -> Result<(), AcquirerError> {
        let found = self
            .by_reference(reference)
            .map(|charge| (charge.id.clone(), charge.status));
        match found {
            Some((id, ChargeStatus::Approved)) => {
                let message = format!("{id} is approved; void or refund it instead.");
                return Err(AcquirerError::conflict("already_approved", message));
            }
            Some((id, ChargeStatus::Pending)) => self.find_mut(&id)?.status = ChargeStatus::Voided,
            Some((_, ChargeStatus::Declined | ChargeStatus::Voided)) | None => {}
        }
        self.canceled.insert(reference.to_owned());
        Ok(())
    }

    /// Looks up a charge by reference; the second lookup of a pending charge approves it.
    pub(crate) fn look_up(&mut self, reference: &str) -> Option<Charge> {
        let id = self.by_reference(reference)?.id.clone();
        let charge = self.charges.get_mut(&id)?;
        charge.lookups += 1;
        if charge.status == ChargeStatus::Pending && charge.lookups >= LOOKUPS_TO_SETTLE {
            charge.status = ChargeStatus::Approved;
            charge.amount_captured = if charge.captured { charge.amount } else { 0 };
        }
        Some(charge.clone())
    }

    /// Captures an approved charge; capturing less than all of it releases the rest.
    pub(crate) fn capture(&mut self, id: &ChargeId, amount: Option<i64>) -> Result<Charge, AcquirerError> {
        let charge = self.find_mut(id)?;
        if charge.status != ChargeStatus::Approved {
            return Err(AcquirerError::conflict(
                "charge_not_approved",
                format!("The charge is {:?}, so it cannot be captured.", charge.status),
            ));
        }
        if charge.captured {
            return Err(AcquirerError::conflict(
                "already_captured",
                format!("{id} is already captured."),
            ));
        }
        let amount = amount.unwrap_or(charge.amount);
        if amount > charge.amount {
            let message = format!("{amount} is more than the approved {} minor units.", charge.amount);
            return Err(AcquirerError::conflict("capture_exceeds_charge", message));
        }
        charge.captured = true;
        charge.amount_captured = amount;
        Ok(charge.clone())
    }

    /// Voids a charge completely; voiding it again has no further effect.
    pub(crate) fn void(&mut self, id: &ChargeId) -> Result<Charge, AcquirerError> {
        let charge = self.find_mut(id)?;
        if charge.amount_refunded > 0 {
            let message = format!("{id} has refunds, so it cannot be voided; refund the rest instead.");
            return Err(AcquirerError::conflict("already_settled", message));
        }
        if charge.status == ChargeStatus::Declined {
            return Err(AcquirerError::conflict(
                "charge_not_approved",
                format!("{id} was declined, so it cannot be voided."),
            ));
        }
        charge.status = ChargeStatus::Voided;
        charge.amount_captured = 0;
        Ok(charge.clone())
    }

    pub(crate) fn refund(&mut self, id: &ChargeId, request: RefundRequest, now: i64) -> Result<Refund, AcquirerError> {
        let charge = self.find_mut(id)?;
        let left = charge.amount_captured - charge.amount_refunded;
        if request.amount > left {
            let message = format!(
                "{} is more than the {left} minor units of {id} that are not refunded.",
                request.amount
            );
            return Err(AcquirerError::conflict("refund_exceeds_charge", message));
        }
        let status = match charge.refunds {
            RefundBehaviour::Succeed | RefundBehaviour::LoseAnswer => RefundStatus::Succeeded,
            RefundBehaviour::Pending => RefundStatus::Pending,
            RefundBehaviour::Fail => RefundStatus::Failed,
        };
        if status != RefundStatus::Failed {
            charge.amount_refunded += request.amount;
        }
        let refund = Refund {
            id: RefundId::generate(),
            charge: id.clone(),
            charge_reference: charge.reference.clone(),
            status,
            amount: request.amount,
            reference: request.reference,
            reason: request.reason,
            currency: charge.currency.clone(),
            created: now,
            lookups: 0,
        };
        self.refunds.push(refund.id.clone(), refund.clone());
        Ok(refund)
    }

    /// What happens to the refunds of a charge.
    pub(crate) fn refund_behaviour(&self, id: &ChargeId) -> RefundBehaviour {
        self.charges.get(id).map(|charge| charge.refunds).unwrap_or_default()
    }

    /// The refund with this reference.
    pub(crate) fn refund_by_reference(&self, reference: &str) -> Option<&Refund> {
        self.refunds.rows().iter().find(|refund| refund.reference == reference)
    }

    /// Decides a pending refund. One that fails makes its amount refundable again; `None` if there is no pending one.
    pub(crate) fn settle_refund(&mut self, reference: &str, status: RefundStatus) -> Option<Refund> {
        let is_meant = |refund: &&mut Refund| refund.reference == reference && refund.status == RefundStatus::Pending;
        let refund = self.refunds.find_mut(is_meant)?;
        refund.status = status;
        let settled = refund.clone();
        if status == RefundStatus::Failed
            && let Some(charge) = self.charges.get_mut(&settled.charge)
        {
            charge.amount_refunded -= settled.amount;
        }
        Some(settled)
    }

    /// Looks up the refunds of a charge with this reference, oldest first; the second lookup of a pending refund settles it.
    pub(crate) fn look_up_refunds(&mut self, id: &ChargeId, reference: &str) -> Result<Value, AcquirerError> {
        self.find(id)?;
        if let Some(refund) = self
            .refunds
            .find_mut(|refund| refund.charge == *id && refund.reference == reference)
        {
            refund.lookups += 1;
            if refund.lookups >= LOOKUPS_TO_SETTLE {
                self.settle_refund(reference, RefundStatus::Succeeded);
            }
        }
        self.refunds_of(id, Some(reference))
    }

    /// The refunds of a charge with this reference, oldest first; all of them if there is no reference.
    pub(crate) fn refunds_of(&self, id: &ChargeId, reference: Option<&str>) -> Result<Value, AcquirerError> {
        self.find(id)?;
        let is_asked_for =
            |refund: &&Refund| refund.charge == *id && reference.is_none_or(|reference| refund.reference == *reference);
        let refunds = self.refunds.rows().iter().filter(is_asked_for);
        let data: Vec<Value> = refunds.map(Refund::to_json).collect();
        Ok(json!({"object": "list", "data": data, "has_more": false}))
    }

    /// One page of charges, oldest first.
    pub(crate) fn page(&self, page: &Page) -> Result<Value, AcquirerError> {
        let start = match &page.starting_after {
            None => 0,
            Some(id) => {
                1 + self.charges.position(id).ok_or_else(|| {
                    AcquirerError::invalid("starting_after", format!("is not the id of a charge: {id}."))
                })?
            }
        };
        let within = |charge: &&Charge| page.created_gte <= charge.created && charge.created < page.created_lt;
        let mut found = self.charges.rows().iter().skip(start).filter(within);
        let data: Vec<Value> = found.by_ref().take(page.limit).map(Charge::to_json).collect();
        Ok(json!({"object": "list", "data": data, "has_more": found.next().is_some()}))
    }

    pub(crate) fn snapshot(&self) -> Ledger {
        Ledger {
            charges: self.charges.rows().to_vec(),
            refunds: self.refunds.rows().to_vec(),
        }
    }
}

/// Filters and page size of a list.
pub(crate) struct Page {
    pub(crate) created_gte: i64,
    pub(crate) created_lt: i64,
    pub(crate) starting_after: Option<ChargeId>,
    pub(crate) limit: usize,
}

fn decide(request: &ChargeRequest, proof: ProofCheck, now: i64) -> (ChargeStatus, Option<&'static str>) {
    match request.card.behaviour {
        Behaviour::Decline(code) => (ChargeStatus::Declined, Some(code)),
        _ if proof == ProofCheck::Invalid => (ChargeStatus::Declined, Some("authentication_invalid")),
        _ if request.good_through < year_and_month(now) => (ChargeStatus::Declined, Some("expired_card")),
        Behaviour::Pending => (ChargeStatus::Pending, None),
        _ => (ChargeStatus::Approved, None),
    }
}

/// A copy of the ledger at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    charges: Vec<Charge>,
    refunds: Vec<Refund>,
}

impl Ledger {
    /// Every charge, oldest first, including declined ones.
    #[must_use]
    pub fn charges(&self) -> Vec<Charge> {
        self.charges.clone()
    }

    /// Every refund, oldest first.
    #[must_use]
    pub fn refunds(&self) -> Vec<Refund> {
        self.refunds.clone()
    }

    /// Charges that were captured and not voided.
    #[must_use]
    pub fn captures(&self) -> Vec<Charge> {
        self.charges
            .iter()
            .filter(|charge| charge.amount_captured > 0)
            .cloned()
            .collect()
    }

    /// Minor units captured over all charges and currencies, before refunds.
    #[must_use]
    pub fn captured_total(&self) -> i64 {
        self.charges.iter().map(|charge| charge.amount_captured).sum()
    }

    /// Minor units refunded or about to be, over all charges and currencies.
    #[must_use]
    pub fn refunded_total(&self) -> i64 {
        let made = |refund: &&Refund| refund.status != RefundStatus::Failed;
        self.refunds.iter().filter(made).map(|refund| refund.amount).sum()
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "charges": self.charges.iter().map(Charge::to_json).collect::<Vec<_>>(),
            "refunds": self.refunds.iter().map(Refund::to_json).collect::<Vec<_>>(),
            "captured_total": self.captured_total(),
            "refunded_total": self.refunded_total(),
        })
    }
}
