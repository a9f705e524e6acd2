//! What the hosts have made of Adyen's payments, read from their store: an order, or a discrepancy that the operator finds.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;
use tillhouse_sandbox::adyen::MerchantCall;
use tokio::task::JoinSet;

use crate::adyen_calls::merchant_call;
use crate::history::{Action, FinalState, Kept, OutsidePayment, ShownCheckout, Status};

use super::agent::Agents;
use super::database::Database;
use super::observed;
use super::outside::{OutsideCheckout, operation};
use super::random::Random;
use super::shop::TENANTS;

/// Adyen's sessions, each with its live attempt; valid SQL for both engines.
const SESSIONS: &str = "SELECT session.merchant, session.id, session.state, attempt.state, attempt.processor_reference, attempt.id \
     FROM session LEFT JOIN attempt ON attempt.merchant = session.merchant AND attempt.session = session.id \
     AND attempt.state NOT IN ('declined', 'failed', 'voided') WHERE session.id LIKE 'ad_%'";

/// Number of checkouts that are read concurrently.
const CONCURRENT_READS: usize = 16;

/// A merchant and the id of a session.
type Key = (String, String);

/// Sessions and discrepancies, as stored.
#[derive(Debug)]
struct Stored {
    sessions: HashMap<Key, StoredSession>,
    /// Merchants with what a discrepancy is about: a reference of Adyen, or an attempt.
    in_discrepancy: HashSet<Key>,
    /// Attempts whose order was made without stock.
    oversold: HashSet<String>,
}

#[derive(Clone, Debug, Default)]
struct StoredSession {
    state: String,
    attempt_state: String,
    paid_by: String,
    attempt: String,
}

impl Stored {
    async fn read(database: &Database) -> Self {
        let text = |row: &[Option<String>], column: usize| row[column].clone().unwrap_or_default();
        let sessions = database.texts(SESSIONS).await;
        let sessions = sessions.iter().map(|row| {
            let session = StoredSession {
                state: text(row, 2),
                attempt_state: text(row, 3),
                paid_by: text(row, 4),
                attempt: text(row, 5),
            };
            ((text(row, 0), text(row, 1)), session)
        });
        let mut stored = Self {
            sessions: sessions.collect(),
            in_discrepancy: HashSet::new(),
            oversold: HashSet::new(),
        };
        for row in database.discrepancies().await {
            let (merchant, attempt) = (text(&row, 0), text(&row, 3));
            if text(&row, 1) == "oversold" {
                stored.oversold.insert(attempt.clone());
            }
            stored.in_discrepancy.insert((merchant.clone(), text(&row, 2)));
            stored.in_discrepancy.insert((merchant, attempt));
        }
        stored
    }

    fn session(&self, checkout: &OutsideCheckout) -> Option<&StoredSession> {
        let key = (TENANTS[checkout.tenant].to_owned(), checkout.id.clone());
        self.sessions.get(&key)
    }

    fn is_in_discrepancy(&self, checkout: &OutsideCheckout, subject: &str) -> bool {
        let key = (TENANTS[checkout.tenant].to_owned(), subject.to_owned());
        self.in_discrepancy.contains(&key)
    }
}

/// Final states of the checkouts that are settled; the others are left in `pending`.
pub(super) async fn read_settled(
    agents: &Arc<Agents>,
    database: &Database,
    pending: &mut Vec<OutsideCheckout>,
    overdue: bool,
) -> Vec<FinalState> {
    let stored = Arc::new(Stored::read(database).await);
    let all = std::mem::take(pending);
    let mut reading = JoinSet::new();
    for (number, some) in all.chunks(all.len().div_ceil(CONCURRENT_READS).max(1)).enumerate() {
        let (agents, stored, some) = (Arc::clone(agents), Arc::clone(&stored), some.to_vec());
        let mut random = Random::new(number as u64);
        reading.spawn(async move {
            let mut read = Vec::with_capacity(some.len());
            for checkout in some {
                let state = final_state(&agents, &stored, &checkout, overdue, &mut random).await;
                read.push((checkout, state));
            }
            read
        });
    }
    let mut settled = Vec::new();
    for (checkout, state) in reading.join_all().await.into_iter().flatten() {
        match state {
            Ok(state) => settled.extend(state),
            Err(Unsettled) => pending.push(checkout),
        }
    }
    settled
}

struct Unsettled;

/// The final state of a checkout; `None` if it was never created.
async fn final_state(
    agents: &Agents,
    stored: &Stored,
    checkout: &OutsideCheckout,
    overdue: bool,
    random: &mut Random,
) -> Result<Option<FinalState>, Unsettled> {
    let Some(session) = stored.session(checkout) else {
        return Ok(None);
    };
    let status = match session.state.as_str() {
        "open" => Status::Open,
        "completed" => Status::Completed,
        "canceled" => Status::Canceled,
        "expired" => Status::Expired,
        _ => Status::InProgress,
    };
    let in_review = session.attempt_state == "needs_review" && stored.is_in_discrepancy(checkout, &session.attempt);
    if status == Status::InProgress && !in_review && !overdue {
        return Err(Unsettled);
    }
    let mut shown = match status {
        Status::Completed => shown_again(agents, checkout, random).await,
        // The stock of a hold whose time is over was released.
        _ => None,
    }
    .unwrap_or(ShownCheckout {
        checkout: checkout.id.clone(),
        status,
        order: None,
        currency: String::new(),
        totals: Vec::new(),
        lines: Vec::new(),
    });
    if stored.oversold.contains(&session.attempt) {
        shown.lines.clear();
    }
    Ok(Some(FinalState {
        tenant: TENANTS[checkout.tenant].to_owned(),
        in_review,
        overdue,
        shown,
    }))
}

/// The session as a repeated commit answers it once it is completed: Adyen has no other way to read it.
async fn shown_again(agents: &Agents, checkout: &OutsideCheckout, random: &mut Random) -> Option<ShownCheckout> {
    let operation = operation(&checkout.id, checkout.tenant, Action::Complete, &Value::Null);
    let client = &agents.clients[checkout.tenant];
    let request = merchant_call(client, MerchantCall::Commit, &checkout.id, &Value::Null);
    let answer = agents
        .recorder
        .send_until_answered(&operation, &request, random)
        .await?;
    observed::shown(&operation, &answer)
}

/// Adyen's payments, each with what the hosts have of it; read after everything is settled.
pub(super) async fn payments(agents: &Agents, database: &Database) -> Vec<OutsidePayment> {
    let stored = Stored::read(database).await;
    let mut payments = Vec::new();
    for checkout in agents.outside_checkouts() {
        let session = stored.session(&checkout).cloned().unwrap_or_default();
        for payment in &checkout.payments {
            let kept = if session.attempt_state == "approved" && session.paid_by == payment.reference {
                Kept::Order
            } else if stored.is_in_discrepancy(&checkout, &payment.reference) {
                Kept::Discrepancy
            } else {
                Kept::Nothing
            };
            payments.push(OutsidePayment {
                reference: payment.reference.clone(),
                checkout: checkout.id.clone(),
                amount: payment.cents,
                kept,
            });
        }
    }
    payments
}
