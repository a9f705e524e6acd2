//! Checkout sessions as Adyen keeps them: what the merchant last answered, and how far the payment is.

use serde_json::{Map, Value, json};

use super::delivery::Delivery;
use super::messages::{Refusal, error};
use crate::id::{AgenticTokenId, CheckoutSessionId};
use crate::money::{Amount, Currency};
use crate::table::Table;

/// How long a session can be read and paid: a day.
pub(super) const LIFETIME_SECS: i64 = 24 * 60 * 60;

/// Members of a session in this dialect that the merchant decides, and what stands for an absent list.
const LISTS: [&str; 6] = [
    "line_items",
    "fulfillment_options",
    "totals",
    "messages",
    "links",
    "marketing_consent_options",
];

/// How far the payment of a session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// It can be changed, paid and canceled.
    Open,
    /// A payment with this token is under way.
    Paying(AgenticTokenId),
    /// Paid with this token.
    Completed(AgenticTokenId),
    /// Canceled by the agent.
    Canceled,
}

/// One session of a company account.
#[derive(Clone, Debug)]
pub(super) struct AdyenSession {
    pub(super) id: CheckoutSessionId,
    pub(super) company_account: String,
    pub(super) progress: Progress,
    /// What the merchant last answered, with the members of the dialect.
    body: Map<String, Value>,
    pub(super) expires_at: i64,
    /// What the merchant has to be told of the payment.
    pub(super) delivery: Option<Delivery>,
    /// Why the merchant did not take the token, until the agent is told.
    pub(super) refusal: Option<Refusal>,
}

impl AdyenSession {
    /// A new session from the first answer of the merchant.
    ///
    /// # Errors
    /// The member that the answer lacks.
    pub(super) fn new(
        id: CheckoutSessionId,
        company_account: &str,
        merchant_account: &str,
        answer: &Value,
        now: i64,
    ) -> Result<Self, &'static str> {
        let provider = json!({
            "provider": "adyen",
            "merchant_id": merchant_account,
            "supported_payment_methods": ["scheme", "googlepay", "applepay"],
        });
        let mut session = Self {
            id,
            company_account: company_account.to_owned(),
            progress: Progress::Open,
            body: Map::from_iter([("payment_provider".to_owned(), provider)]),
            expires_at: now.saturating_add(LIFETIME_SECS),
            delivery: None,
            refusal: None,
        };
        session.take(answer)?;
        Ok(session)
    }

    /// Takes the merchant's answer over.
    ///
    /// # Errors
    /// The member that the answer lacks; the session is unchanged then.
    pub(super) fn take(&mut self, answer: &Value) -> Result<(), &'static str> {
        for name in ["status", "currency"] {
            if answer.get(name).and_then(Value::as_str).is_none() {
                return Err(name);
            }
        }
        for name in ["line_items", "totals"] {
            if answer.get(name).and_then(Value::as_array).is_none() {
                return Err(name);
            }
        }
        for name in LISTS {
            let list = answer.get(name).filter(|list| list.is_array()).cloned();
            self.body.insert(name.to_owned(), list.unwrap_or_else(|| json!([])));
        }
        let discounts = answer.get("discounts").filter(|discounts| discounts.is_object());
        let empty = || json!({"codes": [], "applied": [], "rejected": []});
        self.body
            .insert("discounts".to_owned(), discounts.cloned().unwrap_or_else(empty));
        for name in ["status", "currency", "order"] {
            if let Some(value) = answer.get(name) {
                self.body.insert(name.to_owned(), value.clone());
            }
        }
        if let Some(provider) = answer.get("payment_provider").filter(|provider| provider.is_object()) {
            self.body.insert("payment_provider".to_owned(), provider.clone());
        }
        Ok(())
    }

    /// Replaces the messages of the session by an error for the agent.
    pub(super) fn tell(&mut self, code: &str, content: &str) {
        self.body.insert("messages".to_owned(), json!([error(code, content)]));
    }

    pub(super) fn status(&self) -> &str {
        match self.progress {
            Progress::Open => self.merchant_status(),
            Progress::Paying(_) => "in_progress",
            Progress::Completed(_) => "completed",
            Progress::Canceled => "canceled",
        }
    }

    /// A merchant that holds its session for a payment may call it in progress; once the payment has failed it can be paid again.
    fn merchant_status(&self) -> &str {
        match self.body.get("status").and_then(Value::as_str) {
            Some("not_ready_for_payment") => "not_ready_for_payment",
            _ => "ready_for_payment",
        }
    }

    /// The order that the merchant has named.
    pub(super) fn order(&self) -> Option<&Value> {
        self.body
            .get("order")
            .filter(|order| order.get("id").is_some_and(Value::is_string))
    }

    pub(super) fn set_order(&mut self, order: Value) {
        self.body.insert("order".to_owned(), order);
    }

    /// The total in the session's currency; `None` if the merchant named none.
    pub(super) fn total(&self) -> Option<Amount> {
        let totals = self.body.get("totals")?.as_array()?;
        let total = totals
            .iter()
            .find(|total| total.get("type").and_then(Value::as_str) == Some("total"))?;
        let currency = Currency::parse(self.body.get("currency")?.as_str()?)?;
        let value = total.get("amount")?.as_i64()?;
        Some(Amount { value, currency })
    }

    /// The session as the agent sees it: with an order only once it is paid.
    pub(super) fn shown(&self) -> Value {
        let mut body = self.body.clone();
        body.insert("id".to_owned(), json!(self.id));
        body.insert("status".to_owned(), self.status().into());
        if !matches!(self.progress, Progress::Completed(_)) {
            body.remove("order");
        }
        body.into()
    }
}

/// Every session that was created.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    table: Table<CheckoutSessionId, AdyenSession>,
}

impl Sessions {
    pub(super) fn add(&mut self, session: AdyenSession) {
        self.table.push(session.id.clone(), session);
    }

    pub(super) fn get_mut(&mut self, id: &CheckoutSessionId) -> Option<&mut AdyenSession> {
        self.table.get_mut(id)
    }

    /// The session of a company account, unless it has expired.
    pub(super) fn find(
        &mut self,
        id: &CheckoutSessionId,
        company_account: &str,
        now: i64,
    ) -> Option<&mut AdyenSession> {
        let session = self.table.get_mut(id)?;
        let is_over = session.expires_at <= now && session.progress == Progress::Open;
        (session.company_account == company_account && !is_over).then_some(session)
    }

    /// Whether the session is known, and completed or canceled.
    pub(super) fn is_final(&self, id: &str) -> bool {
        let session = self.table.get(&CheckoutSessionId::from(id));
        session.is_some_and(|session| matches!(session.progress, Progress::Completed(_) | Progress::Canceled))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn answer() -> Value {
        json!({
            "id": "ignored", "status": "ready_for_payment", "currency": "USD", "line_items": [],
            "totals": [{"type": "total", "amount": 38_666, "display_text": "Total"}], "surprise": 1,
            "order": {"id": "ORD-1"},
        })
    }

    fn session() -> AdyenSession {
        AdyenSession::new("cs_1".into(), "COMPANY", "MERCHANT", &answer(), 0).unwrap()
    }

    #[test]
    fn the_members_of_the_dialect_are_shown_and_no_others() {
        let mut session = session();
        let shown = session.shown();
        assert_eq!((&shown["id"], &shown["links"]), (&json!("cs_1"), &json!([])));
        assert_eq!(shown["payment_provider"]["merchant_id"], "MERCHANT");
        assert!(shown.get("surprise").is_none() && shown.get("order").is_none());
        session.progress = Progress::Completed(AgenticTokenId::generate());
        assert_eq!(session.shown()["order"]["id"], "ORD-1");
        assert_eq!(session.total(), Some(Amount::usd(38_666)));
    }

    #[test]
    fn an_answer_that_is_not_a_session_changes_nothing() {
        let mut session = session();
        let before = session.shown();
        let mut wrong = answer();
        wrong["currency"] = json!("EUR");
        wrong["totals"] = Value::Null;
        assert_eq!(session.take(&wrong), Err("totals"));
        assert_eq!(session.shown(), before);
    }

    #[test]
    fn an_open_session_expires_and_belongs_to_its_company() {
        let mut sessions = Sessions::default();
        sessions.add(session());
        let id = "cs_1".into();
        assert!(sessions.find(&id, "COMPANY", LIFETIME_SECS - 1).is_some());
        assert!(sessions.find(&id, "COMPANY", LIFETIME_SECS).is_none());
        assert!(sessions.find(&id, "OTHER", 0).is_none());
    }
}
