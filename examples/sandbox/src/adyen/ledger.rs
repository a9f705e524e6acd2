//! The ledger: every payment and every modification.

use serde::Serialize;
use serde_json::{Value, json};

use super::payment::{Decision, Modification, ModificationKind, ModificationStatus, PaidBy, Payment, ResultCode};
use super::psp_reference::PspReference;
use crate::card::RefundBehaviour;
use crate::id::AgenticTokenId;
use crate::money::Amount;
use crate::table::Table;

/// A payment to enter, without what the card decides.
pub(super) struct NewPayment {
    pub(super) merchant_account: String,
    pub(super) reference: String,
    pub(super) order: Option<String>,
    pub(super) return_url: Option<String>,
    pub(super) session: Option<String>,
    pub(super) token: Option<AgenticTokenId>,
    pub(super) paid_by: PaidBy,
    pub(super) last4: String,
    pub(super) manual_capture: bool,
    pub(super) refunds: RefundBehaviour,
}

/// A modification that the merchant asks for.
#[derive(Debug, Default)]
pub(super) struct NewModification {
    pub(super) amount: Option<Amount>,
    pub(super) reference: Option<String>,
}

/// Why a modification is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ModificationProblem {
    /// A payment with this reference is not known.
    UnknownPayment,
    /// The payment's state or the rest of its money does not allow it.
    NotAllowed(&'static str),
}

#[derive(Debug, Default)]
pub(super) struct LedgerState {
    payments: Table<PspReference, Payment>,
    modifications: Table<PspReference, Modification>,
}

impl LedgerState {
    pub(super) fn pay(&mut self, new: NewPayment, decision: Decision, now: i64) -> Payment {
        let captured = decision.result_code.is_authorised() && !new.manual_capture;
        let payment = Payment {
            psp_reference: PspReference::generate(),
            merchant_account: new.merchant_account,
            reference: new.reference,
            order: new.order,
            return_url: new.return_url,
            session: new.session,
            token: new.token,
            paid_by: new.paid_by,
            result_code: decision.result_code,
            refusal: decision.refusal,
            captured: if captured { decision.amount.value } else { 0 },
            amount: decision.amount,
            refunded: 0,
            canceled: false,
            last4: new.last4,
            created: now,
            manual_capture: new.manual_capture,
            refunds: new.refunds,
        };
        self.payments.push(payment.psp_reference.clone(), payment.clone());
        payment
    }

    pub(super) fn payment(&self, id: &PspReference) -> Option<&Payment> {
        self.payments.get(id)
    }

    /// The last payment with this token.
    pub(super) fn of_token(&self, token: &AgenticTokenId) -> Option<&Payment> {
        let payments = self.payments.rows().iter().rev();
        payments.clone().find(|payment| payment.token.as_ref() == Some(token))
    }

    pub(super) fn modification(&self, id: &PspReference) -> Option<&Modification> {
        self.modifications.get(id)
    }

    /// Decides a pending payment; `None` if there is none with this reference.
    pub(super) fn settle(&mut self, id: &PspReference, authorised: bool) -> Option<Payment> {
        let payment = self.payments.get_mut(id)?;
        if payment.result_code != ResultCode::Pending || payment.canceled {
            return None;
        }
        payment.result_code = if authorised {
            ResultCode::Authorised
        } else {
            ResultCode::Refused
        };
        if authorised && !payment.manual_capture {
            payment.captured = payment.amount.value;
        }
        Some(payment.clone())
    }

    /// Takes a modification. Whether it is done is in its status, and not in the answer to the merchant.
    pub(super) fn modify(
        &mut self,
        id: &PspReference,
        kind: ModificationKind,
        new: NewModification,
        now: i64,
    ) -> Result<Modification, ModificationProblem> {
        let payment = self.payments.get_mut(id).ok_or(ModificationProblem::UnknownPayment)?;
        if let Some(amount) = &new.amount
            && amount.currency != payment.amount.currency
        {
            return Err(ModificationProblem::NotAllowed("the currency is not the payment's"));
        }
        let mut reversed_by = None;
        let status = match kind {
            ModificationKind::Capture => capture(payment, new.amount.as_ref())?,
            ModificationKind::Cancel => cancel(payment),
            ModificationKind::Refund => refund(payment, new.amount.as_ref())?,
            ModificationKind::Reversal => {
                let canceled = cancel(payment);
                let is_late = canceled == ModificationStatus::Failed;
                reversed_by = Some(if is_late {
                    ModificationKind::Refund
                } else {
                    ModificationKind::Cancel
                });
                if is_late { refund(payment, None)? } else { canceled }
            }
        };
        let modification = Modification {
            psp_reference: PspReference::generate(),
            payment: id.clone(),
            kind,
            reversed_by,
            status,
            amount: new.amount,
            reference: new.reference,
            created: now,
        };
        self.modifications
            .push(modification.psp_reference.clone(), modification.clone());
        Ok(modification)
    }

    /// Decides a modification that is only received; one that fails makes its amount refundable again.
    pub(super) fn settle_modification(&mut self, id: &PspReference, succeeds: bool) -> Option<Modification> {
        let modification = self.modifications.get_mut(id)?;
        if modification.status != ModificationStatus::Received {
            return None;
        }
        modification.status = if succeeds {
            ModificationStatus::Succeeded
        } else {
            ModificationStatus::Failed
        };
        let settled = modification.clone();
        if let (false, Some(payment)) = (succeeds, self.payments.get_mut(&settled.payment)) {
            payment.refunded -= settled.amount.as_ref().map_or(payment.refunded, |amount| amount.value);
        }
        Some(settled)
    }

    pub(super) fn snapshot(&self) -> AdyenLedger {
        AdyenLedger {
            payments: self.payments.rows().to_vec(),
            modifications: self.modifications.rows().to_vec(),
        }
    }
}

fn capture(payment: &mut Payment, amount: Option<&Amount>) -> Result<ModificationStatus, ModificationProblem> {
    let wanted = amount.map_or(payment.amount.value, |amount| amount.value);
    if !payment.result_code.is_authorised() || payment.canceled {
        return Err(ModificationProblem::NotAllowed("the payment is not authorised"));
    }
    if payment.captured + wanted > payment.amount.value {
        return Err(ModificationProblem::NotAllowed("more than the authorised amount"));
    }
    payment.captured += wanted;
    Ok(ModificationStatus::Succeeded)
}

/// An automatic capture goes to the card's network at the end of the day, so it can still be canceled; a requested one cannot.
fn cancel(payment: &mut Payment) -> ModificationStatus {
    let too_late = payment.refunded > 0 || payment.manual_capture && payment.captured > 0;
    if too_late || payment.result_code == ResultCode::Refused {
        return ModificationStatus::Failed;
    }
    payment.canceled = true;
    payment.captured = 0;
    ModificationStatus::Succeeded
}

fn refund(payment: &mut Payment, amount: Option<&Amount>) -> Result<ModificationStatus, ModificationProblem> {
    let left = payment.captured - payment.refunded;
    let wanted = amount.map_or(left, |amount| amount.value);
    if wanted > left || wanted == 0 {
        return Err(ModificationProblem::NotAllowed(
            "more than what is captured and not refunded",
        ));
    }
    let status = match payment.refunds {
        RefundBehaviour::Fail => return Ok(ModificationStatus::Failed),
        RefundBehaviour::Pending => ModificationStatus::Received,
        RefundBehaviour::Succeed | RefundBehaviour::LoseAnswer => ModificationStatus::Succeeded,
    };
    payment.refunded += wanted;
    Ok(status)
}

/// A copy of the ledger at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AdyenLedger {
    /// Every payment, oldest first, including refused ones.
    pub payments: Vec<Payment>,
    /// Every modification, oldest first.
    pub modifications: Vec<Modification>,
}

impl AdyenLedger {
    /// Payments with captured money.
    #[must_use]
    pub fn captures(&self) -> Vec<Payment> {
        let payments = self.payments.iter();
        payments.filter(|payment| payment.captured > 0).cloned().collect()
    }

    /// Minor units captured over all payments and currencies, before refunds.
    #[must_use]
    pub fn captured_total(&self) -> i64 {
        self.payments.iter().map(|payment| payment.captured).sum()
    }

    /// Minor units refunded or about to be, over all payments and currencies.
    #[must_use]
    pub fn refunded_total(&self) -> i64 {
        self.payments.iter().map(|payment| payment.refunded).sum()
    }

    /// The payment with Adyen's reference.
    #[must_use]
    pub fn payment(&self, psp_reference: &str) -> Option<Payment> {
        let mut payments = self.payments.iter();
        payments
            .find(|payment| payment.psp_reference.as_str() == psp_reference)
            .cloned()
    }

    /// The payments of one checkout session, oldest first.
    #[must_use]
    pub fn payments_of(&self, session: &str) -> Vec<Payment> {
        let payments = self.payments.iter();
        payments
            .filter(|payment| payment.session.as_deref() == Some(session))
            .cloned()
            .collect()
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "payments": self.payments,
            "modifications": self.modifications,
            "captured_total": self.captured_total(),
            "refunded_total": self.refunded_total(),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::card::TestCard;

    fn paid(ledger: &mut LedgerState, payment_method: &str, manual_capture: bool) -> PspReference {
        let card = TestCard::by_payment_method(payment_method).unwrap();
        let new = NewPayment {
            merchant_account: "M".into(),
            reference: "order_1".into(),
            order: None,
            return_url: None,
            session: Some("cs_1".into()),
            token: None,
            paid_by: PaidBy::Adyen,
            last4: "4242".into(),
            manual_capture,
            refunds: card.behaviour.refunds(),
        };
        let decision = Decision::of(Some(card), false, false, &Amount::usd(1_000));
        ledger.pay(new, decision, 0).psp_reference
    }

    fn of(value: i64) -> NewModification {
        NewModification {
            amount: Some(Amount::usd(value)),
            reference: None,
        }
    }

    fn totals(ledger: &LedgerState) -> (i64, i64) {
        let ledger = ledger.snapshot();
        (ledger.captured_total(), ledger.refunded_total())
    }

    #[test]
    fn refunds_stop_at_what_was_captured() {
        let mut ledger = LedgerState::default();
        let id = paid(&mut ledger, "pm_card_visa", false);
        assert!(ledger.modify(&id, ModificationKind::Refund, of(600), 0).is_ok());
        let more = ledger.modify(&id, ModificationKind::Refund, of(401), 0);
        assert!(matches!(more, Err(ModificationProblem::NotAllowed(_))));
        assert!(ledger.modify(&id, ModificationKind::Refund, of(400), 0).is_ok());
        assert_eq!(totals(&ledger), (1_000, 1_000));
    }

    #[test]
    fn a_manual_capture_is_captured_once_and_then_not_canceled() {
        let mut ledger = LedgerState::default();
        let id = paid(&mut ledger, "pm_card_visa", true);
        assert_eq!(totals(&ledger), (0, 0));
        assert!(ledger.modify(&id, ModificationKind::Capture, of(1_000), 0).is_ok());
        assert!(ledger.modify(&id, ModificationKind::Capture, of(1), 0).is_err());
        let canceled = ledger.modify(&id, ModificationKind::Cancel, NewModification::default(), 0);
        assert_eq!(canceled.unwrap().status, ModificationStatus::Failed);
        let reversed = ledger
            .modify(&id, ModificationKind::Reversal, NewModification::default(), 0)
            .unwrap();
        assert_eq!(reversed.status, ModificationStatus::Succeeded);
        assert_eq!(reversed.reversed_by, Some(ModificationKind::Refund));
        assert_eq!(totals(&ledger), (1_000, 1_000));
    }

    #[test]
    fn a_reversal_cancels_where_it_can() {
        let mut ledger = LedgerState::default();
        let id = paid(&mut ledger, "pm_card_visa", false);
        let reversed = ledger.modify(&id, ModificationKind::Reversal, NewModification::default(), 0);
        assert_eq!(reversed.unwrap().reversed_by, Some(ModificationKind::Cancel));
        assert_eq!(totals(&ledger), (0, 0));
    }

    #[test]
    fn a_pending_payment_and_a_pending_refund_are_decided_later() {
        let mut ledger = LedgerState::default();
        let id = paid(&mut ledger, "pm_card_pending", false);
        assert_eq!(totals(&ledger), (0, 0));
        assert!(ledger.settle(&id, true).is_some() && ledger.settle(&id, false).is_none());
        let id = paid(&mut ledger, "pm_card_pendingRefund", false);
        let refund = ledger.modify(&id, ModificationKind::Refund, of(300), 0).unwrap();
        assert_eq!(totals(&ledger), (2_000, 300));
        assert!(ledger.settle_modification(&refund.psp_reference, false).is_some());
        assert_eq!(totals(&ledger), (2_000, 0));
    }
}
