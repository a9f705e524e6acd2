//! The Standard webhook: what became of payments and modifications, each item with a signature.
//!
//! See <https://docs.adyen.com/api-explorer/Webhooks/latest/overview> and
//! <https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures>.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::amount;
use super::merchant::{
    Late, MerchantAnswer, MerchantCall, MerchantConnection, MerchantFault, NoAnswer, basic, exchange, hmac_signature,
};
use super::payment::{Modification, ModificationKind, ModificationStatus, Payment, ResultCode};
use super::psp_reference::PspReference;
use super::state::AdyenState;
use super::transcript::Party;
use crate::money::Amount;
use crate::outgoing::Outgoing;
use crate::secret::Secret;
use crate::sync::lock;

/// A webhook that is not sent yet. Tests may change the body, which makes it a forged one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandardWebhook {
    /// JSON body with its items.
    pub body: String,
    /// Value of `Authorization`, if the webhook has credentials.
    pub authorization: Option<String>,
}

/// One item, before it is signed.
struct Item<'a> {
    psp_reference: &'a PspReference,
    original_reference: Option<&'a PspReference>,
    merchant_account: &'a str,
    merchant_reference: &'a str,
    amount: &'a Amount,
    event_code: &'static str,
    success: bool,
    reason: &'a str,
    last4: &'a str,
    /// What a reversal became.
    action: Option<&'static str>,
}

impl Item<'_> {
    fn to_json(&self, key: &Secret, now: i64) -> Value {
        let success = if self.success { "true" } else { "false" };
        let signed = [
            self.psp_reference.as_str(),
            self.original_reference.map_or("", PspReference::as_str),
            self.merchant_account,
            self.merchant_reference,
            &self.amount.value.to_string(),
            &amount::shown(&self.amount.currency),
            self.event_code,
            success,
        ]
        .join(":");
        let mut item = json!({
            "additionalData": {"hmacSignature": hmac_signature(key, signed.as_bytes()), "cardSummary": self.last4},
            "amount": amount::to_json(self.amount),
            "eventCode": self.event_code,
            "eventDate": Timestamp::from_second(now).unwrap_or_default().to_string(),
            "merchantAccountCode": self.merchant_account,
            "merchantReference": self.merchant_reference,
            "paymentMethod": "visa",
            "pspReference": self.psp_reference,
            "reason": self.reason,
            "success": success,
        });
        if let (Some(original), Some(members)) = (self.original_reference, item.as_object_mut()) {
            members.insert("originalReference".into(), json!(original));
        }
        let data = item.get_mut("additionalData").and_then(Value::as_object_mut);
        if let (Some(action), Some(data)) = (self.action, data) {
            data.insert("modification.action".into(), action.into());
        }
        json!({"NotificationRequestItem": item})
    }
}

/// The item of a payment; `None` while it is not decided.
fn payment_item(payment: &Payment, key: &Secret, now: i64) -> Option<Value> {
    if matches!(payment.result_code, ResultCode::Pending | ResultCode::ChallengeShopper) {
        return None;
    }
    let item = Item {
        psp_reference: &payment.psp_reference,
        original_reference: None,
        merchant_account: &payment.merchant_account,
        merchant_reference: &payment.reference,
        amount: &payment.amount,
        event_code: "AUTHORISATION",
        success: payment.result_code.is_authorised(),
        reason: payment.refusal.map_or("", |refusal| refusal.reason),
        last4: &payment.last4,
        action: None,
    };
    Some(item.to_json(key, now))
}

/// The item of a modification; `None` while it is not decided.
fn modification_item(modification: &Modification, payment: &Payment, key: &Secret, now: i64) -> Option<Value> {
    if modification.status == ModificationStatus::Received {
        return None;
    }
    let success = modification.status == ModificationStatus::Succeeded;
    let item = Item {
        psp_reference: &modification.psp_reference,
        original_reference: Some(&payment.psp_reference),
        merchant_account: &payment.merchant_account,
        merchant_reference: modification.reference.as_ref().unwrap_or(&payment.reference),
        amount: modification.amount.as_ref().unwrap_or(&payment.amount),
        event_code: match modification.kind {
            ModificationKind::Capture => "CAPTURE",
            ModificationKind::Cancel => "CANCELLATION",
            ModificationKind::Refund => "REFUND",
            ModificationKind::Reversal => "CANCEL_OR_REFUND",
        },
        success,
        reason: if success { "" } else { "Transaction can't be modified" },
        last4: &payment.last4,
        action: modification.reversed_by.map(|kind| match kind {
            ModificationKind::Refund => "refund",
            _ => "cancel",
        }),
    };
    Some(item.to_json(key, now))
}

/// A webhook with an item for each of these payments and modifications, in this order; `None` if one of them is unknown or undecided.
pub(super) fn of(state: &AdyenState, references: &[&PspReference]) -> Option<StandardWebhook> {
    let (key, now) = (&state.config.hmac_key, state.pipeline.clock.now());
    let ledger = lock(&state.ledger);
    let item = |id: &&PspReference| match (ledger.payment(id), ledger.modification(id)) {
        (Some(payment), _) => payment_item(payment, key, now),
        (None, Some(modification)) => modification_item(modification, ledger.payment(&modification.payment)?, key, now),
        (None, None) => None,
    };
    let items: Option<Vec<Value>> = references.iter().map(item).collect();
    let authorization = state.config.webhook_user.as_ref();
    Some(StandardWebhook {
        body: json!({"live": "false", "notificationItems": items?}).to_string(),
        authorization: authorization.map(|user| basic(user, &state.config.webhook_password)),
    })
}

/// Sends a webhook now, once.
pub(super) async fn send(state: &AdyenState, webhook: &StandardWebhook, url: &str) -> Result<MerchantAnswer, NoAnswer> {
    let authorization = webhook.authorization.clone();
    let outgoing = Outgoing {
        url: url.to_owned(),
        headers: authorization
            .map(|value| ("authorization", value))
            .into_iter()
            .collect(),
        body: webhook.body.clone().into(),
    };
    // Webhooks have a budget of their own: <https://docs.adyen.com/development-resources/webhooks/handle-webhook-events>.
    exchange(state, Party::Merchant, outgoing, std::time::Duration::from_secs(10)).await
}

/// Sends the webhook of a payment that finalizes its session, with the fault that is planned for it.
pub(super) async fn report_payment(
    state: &AdyenState,
    merchant: &Arc<MerchantConnection>,
    payment: &PspReference,
) -> Result<MerchantAnswer, NoAnswer> {
    match (of(state, &[payment]), &merchant.webhook_url) {
        (Some(webhook), Some(url)) => send_with_fault(state, &webhook, url).await,
        _ => Err(NoAnswer::NotDelivered),
    }
}

async fn send_with_fault(state: &AdyenState, webhook: &StandardWebhook, url: &str) -> Result<MerchantAnswer, NoAnswer> {
    match state.merchant_faults.take(MerchantCall::Webhook) {
        Some(MerchantFault::Lost) => Err(NoAnswer::NotDelivered),
        Some(fault @ (MerchantFault::Late | MerchantFault::Reordered)) => {
            let waits = Late::Webhook {
                webhook: webhook.clone(),
                url: url.to_owned(),
            };
            let list = match fault {
                MerchantFault::Late => &state.late,
                _ => &state.overtaken,
            };
            lock(list).push(waits);
            Err(NoAnswer::NotDelivered)
        }
        Some(MerchantFault::Doubled) => {
            let (first, _) = tokio::join!(send(state, webhook, url), send(state, webhook, url));
            first
        }
        Some(MerchantFault::LoseAnswer | MerchantFault::OutOfBudget) => {
            let _ = send(state, webhook, url).await;
            Err(NoAnswer::TimedOut)
        }
        None => send(state, webhook, url).await,
    }
}

/// Tells a merchant that wants webhooks, in the background. A webhook that was overtaken follows.
pub(super) fn announce(state: &Arc<AdyenState>, merchant_account: &str, reference: &PspReference) {
    let merchant = state.merchant_with_account(merchant_account);
    let Some(url) = merchant.and_then(|merchant| merchant.webhook_url.clone()) else {
        return;
    };
    let Some(webhook) = of(state, &[reference]) else { return };
    let shared = Arc::clone(state);
    state.pipeline.lifetime.tasks.spawn(async move {
        let waiting = std::mem::take(&mut *lock(&shared.overtaken));
        // A lost acknowledgement is not repeated: a test sends the webhook again where it wants that.
        let _ = send_with_fault(&shared, &webhook, &url).await;
        for late in waiting {
            if let Late::Webhook { webhook, url } = late {
                let _ = send(&shared, &webhook, &url).await;
            }
        }
    });
}
