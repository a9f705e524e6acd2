//! The steps of a sequence, each matched with what was sent, or with what is known of the sides that send nothing.

use std::fmt::Write;
use std::path::Path;

use libtest_mimic::Failed;
use serde_json::Value;
use tillhouse_checkout::order::Order;
use tillhouse_sandbox::adyen::{Entry, Party, Payment};
use tillhouse_sandbox::agent::Purchase;

use crate::adyen::Outcome;

/// What is known of a purchase beside what was sent.
pub(super) struct Facts<'a> {
    pub(super) purchase: &'a Purchase,
    pub(super) payments: &'a [Payment],
    pub(super) order: &'a Order,
    /// The number of the parcel of which the agent was told.
    pub(super) tracking: &'a Value,
}

/// A sequence whose steps were all seen, as text.
pub(super) struct Walk {
    text: String,
}

impl Walk {
    /// Match every step with what was sent, in the order of both. An answer belongs to the last request that is not answered yet.
    pub(super) fn through(steps: &[Value], transcript: &[Entry], facts: &Facts<'_>) -> Result<Self, Failed> {
        let mut sent = transcript.iter();
        let mut open: Vec<&Entry> = Vec::new();
        let mut text = String::new();
        for (index, step) in steps.iter().enumerate() {
            let words = member(step, "text");
            let (from, to) = (party(step, "from"), party(step, "to"));
            assert_eq!(step["n"], index + 1, "the steps are numbered");
            let shown = match (from, to) {
                (Some(from), Some(to)) if step["reply"] == true => {
                    let entry = open.pop().ok_or_else(|| format!("{step}: every request is answered"))?;
                    matches(
                        step,
                        (entry.from, entry.to) == (to, from) && is_answer(words, entry),
                        entry,
                    )?;
                    format!("{} {}", entry.status.unwrap_or_default(), entry.response)
                }
                (Some(from), Some(to)) => {
                    let entry = sent.next().ok_or_else(|| format!("{step}: nothing more was sent"))?;
                    matches(
                        step,
                        (entry.from, entry.to) == (from, to) && is_request(words, entry),
                        entry,
                    )?;
                    open.push(entry);
                    format!("{} {} {}", entry.method, entry.path, entry.request)
                }
                _ => facts.of(step).ok_or_else(|| format!("{step}: is not known here"))?,
            };
            let sides = match step["note_over"].as_str() {
                Some(over) => over.to_owned(),
                None => format!("{} -> {}", member(step, "from"), member(step, "to")),
            };
            let _ = writeln!(text, "{:2}. {sides}: {words}\n    {shown}", index + 1);
        }
        if let Some(entry) = sent.next() {
            return Err(format!("a request is not in the sequence: {entry:#?}").into());
        }
        Ok(Self { text })
    }

    /// Write it below the target folder, where a reader finds what each side has sent.
    pub(super) fn write(&self, sequence: &str) -> Outcome {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("adyen");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(format!("{sequence}.txt")), &self.text)?;
        Ok(())
    }
}

fn member<'a>(step: &'a Value, name: &str) -> &'a str {
    step[name].as_str().unwrap_or_default()
}

/// The side of a step; `None` for the shopper, who sends nothing over HTTP, and for the agent's own vault where it answers its agent.
fn party(step: &Value, side: &str) -> Option<Party> {
    if [member(step, "from"), member(step, "to")] == ["Agent", "Vault"]
        || [member(step, "from"), member(step, "to")] == ["Vault", "Agent"]
    {
        return None;
    }
    match member(step, side) {
        "Agent" => Some(Party::Agent),
        "Vault" => Some(Party::Vault),
        "Adyen" => Some(Party::Adyen),
        "Merchant" => Some(Party::Merchant),
        _ => None,
    }
}

fn matches(step: &Value, does: bool, entry: &Entry) -> Outcome {
    if does {
        return Ok(());
    }
    Err(format!("{step} is not what was sent: {entry:#?}").into())
}

/// Whether a request is the one that the step names: by its path, or by what it carries.
fn is_request(words: &str, entry: &Entry) -> bool {
    match words {
        "Payment token + session data" => {
            entry.path.ends_with("/payment") && entry.request["payment_data"]["token"].is_string()
        }
        "POST /payments (psp_token)" => {
            entry.path.ends_with("/payments") && entry.request["paymentMethod"]["storedPaymentMethodId"].is_string()
        }
        "POST /events (tracking info)" => {
            entry.path.ends_with("/events") && entry.request["fulfillments"][0]["trackingNumber"].is_string()
        }
        "Push tracking to Agent" => entry.request["fulfillments"][0]["trackingNumber"].is_string(),
        _ => {
            let path = words.rsplit(' ').next().unwrap_or_default();
            let mut parts = path.split("{id}");
            let (before, after) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            entry.method == "POST" && entry.path.contains(before) && entry.path.ends_with(after) && !path.is_empty()
        }
    }
}

/// Whether an answer is the one that the step names: its status, and what it carries.
fn is_answer(words: &str, entry: &Entry) -> bool {
    let body = &entry.response;
    let has = |members: &[&str]| members.iter().all(|name| !body[*name].is_null());
    match words.split([' ', ':']).next().unwrap_or_default() {
        "204" => entry.status == Some(204) && body.is_null(),
        "201" => entry.status == Some(201) && has(&["id", "totals"]),
        "200" if words.contains("order{}") => {
            entry.status == Some(200) && body["status"] == "completed" && has(&["order"])
        }
        "200" => entry.status == Some(200) && has(&["totals", "line_items", "fulfillment_options"]),
        "psp_transaction_token" => entry.status == Some(200) && has(&["id", "expires_at"]),
        "Payment" => entry.status == Some(200) && body["resultCode"] == "Authorised",
        _ => false,
    }
}

impl Facts<'_> {
    /// What shows that a step took place which is not sent over HTTP; `None` if it did not, or is unknown.
    fn of(&self, step: &Value) -> Option<String> {
        let total = self.purchase.total;
        let order = self.purchase.order_id.as_deref()?;
        match (member(step, "note_over"), member(step, "text")) {
            ("Adyen", "Initialize authorization") => {
                let [payment] = self.payments else { return None };
                (payment.captured == total).then(|| format!("payment {:?} of {total}", payment.psp_reference))
            }
            ("Merchant", "Trigger fulfillment") => (self.order.id.as_str() == order).then(|| format!("order {order}")),
            (_, "\"Buy these headphones\"") => Some("the basket has item 01 once".to_owned()),
            (_, "Display order summary") => (total == 38_666).then(|| format!("total {total}")),
            (_, "\"Pay now\"" | "Instruct delegate_payment") => Some(format!("a card for {total}")),
            (_, "psp_transaction_token") => Some("the token that the agent completes with".to_owned()),
            (_, words) if words.starts_with("\"Order confirmed!") => Some(format!("order {order}")),
            (_, "\"Your package is on the way!\"") => Some(format!("parcel {}", self.tracking.as_str()?)),
            _ => None,
        }
    }
}
