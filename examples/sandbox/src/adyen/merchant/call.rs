//! Calls of Adyen to the merchant, and the faults that a test injects into them.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use serde_json::Value;

use crate::sync::lock;

/// A call of Adyen to the merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MerchantCall {
    /// Creates or updates a session.
    Session,
    /// The last check of price and stock before Adyen charges.
    Commit,
    /// Says what became of the payment.
    Finalize,
    /// Says that the buyer gave up.
    Cancel,
    /// Hands the payment token over, in the advanced flow.
    Token,
    /// A Standard webhook about a payment or a modification.
    Webhook,
}

/// What happens to one call on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MerchantFault {
    /// It is kept on the way until [`super::super::Adyen::deliver_late`]; the sender sees no answer within its budget.
    Late,
    /// It never arrives, and the sender sees no answer.
    Lost,
    /// It arrives twice at the same time; the first answer counts.
    Doubled,
    /// It is overtaken by the call after it: a commit arrives only after its finalize, the webhook before last after the last.
    Reordered,
    /// It arrives, and the answer is lost.
    LoseAnswer,
    /// It arrives, and the answer is treated as one that came after the budget.
    OutOfBudget,
}

/// Why a call has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The merchant took longer than its budget, or the answer was lost.
    TimedOut,
    /// There was no connection to the merchant.
    Unreachable,
    /// The call was lost on its way or is late; it is not sent again.
    NotDelivered,
}

/// The merchant's answer to a call.
#[derive(Clone, Debug, PartialEq)]
pub struct MerchantAnswer {
    /// HTTP status of the answer.
    pub status: u16,
    /// Body of the answer; null if it was empty.
    pub body: Value,
}

impl MerchantAnswer {
    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The messages of a refusal.
    pub(in crate::adyen) fn messages(&self) -> Vec<Value> {
        let messages = self.body.get("messages").and_then(Value::as_array);
        messages.cloned().unwrap_or_default()
    }

    pub(in crate::adyen) fn has_code(&self, code: &str) -> bool {
        self.messages()
            .iter()
            .any(|message| message.get("code").and_then(Value::as_str) == Some(code))
    }
}

/// Faults that wait for their calls.
#[derive(Debug, Default)]
pub(in crate::adyen) struct MerchantFaults {
    planned: Mutex<HashMap<MerchantCall, VecDeque<MerchantFault>>>,
}

impl MerchantFaults {
    pub(in crate::adyen) fn plan(&self, call: MerchantCall, fault: MerchantFault) {
        lock(&self.planned).entry(call).or_default().push_back(fault);
    }

    /// Whether the next of these calls is to be overtaken by the one after it.
    pub(in crate::adyen) fn take_reordered(&self, call: MerchantCall) -> bool {
        let mut planned = lock(&self.planned);
        let Some(faults) = planned.get_mut(&call) else {
            return false;
        };
        if faults.front() != Some(&MerchantFault::Reordered) {
            return false;
        }
        faults.pop_front().is_some()
    }

    pub(in crate::adyen) fn take(&self, call: MerchantCall) -> Option<MerchantFault> {
        lock(&self.planned).get_mut(&call).and_then(VecDeque::pop_front)
    }
}
