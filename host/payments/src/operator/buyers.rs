//! Erasing a buyer: what identifies a person goes, amounts, references and the audit log stay.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Operator, OperatorError, OperatorRequest, evidence_note};
use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::audit::AuditAction;
use tillhouse_checkout::ids::{MerchantId, OrderId, SessionId};
use tillhouse_checkout::order::OrderWrite;
use tillhouse_checkout::ports::{BuyerErasure, CartErasure, CommitError, ErasedRows, SessionKey, SessionSearch};
use tillhouse_checkout::session::Session;

/// Rows looked at in one query.
const PAGE: usize = 1000;

/// `buyer erase`: one session, the session of one order, or every session that names an e-mail address.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct EraseBuyer {
    /// Only sessions of this merchant.
    pub merchant: Option<MerchantId>,
    /// Every session with this e-mail address of a buyer or a recipient.
    pub email: Option<String>,
    /// The one session with this id.
    pub session: Option<SessionId>,
    /// The session of one order.
    pub order: Option<OrderId>,
    /// Say what would be erased, and change nothing.
    pub dry_run: bool,
    /// Name of the operator, for the audit log.
    pub actor: String,
}

/// What was erased, or would be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ErasedBuyer {
    /// Whether nothing was changed, because the operator asked for that.
    pub dry_run: bool,
    /// The sessions, oldest first.
    pub sessions: Vec<ErasedSession>,
    /// Rows that were written again, overwritten or deleted.
    pub rows: ErasedRows,
}

/// A session without its buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedSession {
    /// Merchant whose session it is.
    pub merchant: MerchantId,
    /// Id of the session.
    pub session: SessionId,
    /// Its state; an open session is canceled.
    pub state: String,
    /// Id of its order; `None` if it was not completed.
    pub order: Option<String>,
}

impl OperatorRequest for EraseBuyer {
    const NAME: &'static str = "buyer/erase";
    type Answer = ErasedBuyer;

    async fn answer(self, operator: &Operator) -> Result<ErasedBuyer, OperatorError> {
        let actor = evidence_note::actor(&self.actor)?;
        let key = self.key()?;
        let mut found = Vec::new();
        let merchants = operator.merchant(self.merchant.as_ref())?;
        for merchant in &merchants {
            let search = SessionSearch {
                merchant: merchant.clone(),
                by: key.clone(),
            };
            found.extend(find(operator, &search, self.email.as_deref()).await?);
        }
        let mut carts = Vec::new();
        for merchant in &merchants {
            carts.extend(self.carts(operator, merchant, &found).await?);
        }
        if found.is_empty() && carts.is_empty() {
            return Err(OperatorError::absent(
                "no session and no saved cart matches; a session that was purged or erased names no buyer any more",
            ));
        }
        // All or none: what prevents one is said before any is changed.
        let mut erasures = Vec::new();
        for session in found {
            erasures.push(Erasing::of(operator, session).await?);
        }
        let mut answer = ErasedBuyer {
            dry_run: self.dry_run,
            sessions: erasures.iter().map(Erasing::view).collect(),
            rows: ErasedRows::default(),
        };
        for erasing in &erasures {
            answer.rows += if self.dry_run {
                operator.store().count_erased(&erasing.0).await?
            } else {
                erasing.erase(operator, &actor).await?
            };
        }
        for (carts, counted) in carts {
            answer.rows += if self.dry_run {
                counted
            } else {
                erase_carts(operator, &carts, &actor).await?
            };
        }
        Ok(answer)
    }
}

impl EraseBuyer {
    fn key(&self) -> Result<SessionKey, OperatorError> {
        match (&self.email, &self.session, &self.order) {
            (Some(email), None, None) if email.contains('@') => Ok(SessionKey::Text(email.clone())),
            (Some(email), None, None) => Err(OperatorError::invalid(format!(
                "email: {email} is not an e-mail address; write all of it"
            ))),
            (None, Some(session), None) => Ok(SessionKey::Session(session.clone())),
            (None, None, Some(order)) => Ok(SessionKey::Order(order.clone())),
            _ => Err(OperatorError::invalid(
                "name the buyer by one of e-mail address, session and order",
            )),
        }
    }

    /// The merchant's saved carts that name the e-mail address, but for those that the sessions were begun with; `None` if there are
    /// none.
    async fn carts(
        &self,
        operator: &Operator,
        merchant: &MerchantId,
        sessions: &[Session],
    ) -> Result<Option<(CartErasure, ErasedRows)>, OperatorError> {
        let Some(email) = &self.email else {
            return Ok(None);
        };
        let of_merchant = sessions.iter().filter(|session| session.merchant == *merchant);
        let erasure = CartErasure {
            merchant: merchant.clone(),
            email: email.clone(),
            except: of_merchant.map(|session| session.id.clone()).collect(),
        };
        let counted = operator.store().count_carts(&erasure).await?;
        Ok((counted.carts > 0).then_some((erasure, counted)))
    }
}

async fn erase_carts(operator: &Operator, carts: &CartErasure, actor: &str) -> Result<ErasedRows, OperatorError> {
    let detail = json!({ "merchant": carts.merchant, "what": "saved carts" });
    let entry = operator.entry(actor, AuditAction::EraseBuyer, carts.merchant.as_str(), &detail);
    Ok(operator.store().erase_carts(carts, &entry).await?)
}

async fn find(operator: &Operator, search: &SessionSearch, email: Option<&str>) -> Result<Vec<Session>, OperatorError> {
    let mut found = Vec::new();
    let mut after = Some(0);
    while let Some(row) = after {
        let page = operator.store().find_sessions(search, row, PAGE).await?;
        let named = |session: &Session| email.is_none_or(|email| session.names_email(email));
        found.extend(page.sessions.into_iter().filter(named));
        after = page.next;
    }
    Ok(found)
}

/// A session that can be erased.
struct Erasing(BuyerErasure);

impl Erasing {
    /// # Errors
    /// Conflict while the session is being paid, while one of its attempts is open, or while a message about it is not delivered.
    async fn of(operator: &Operator, mut session: Session) -> Result<Self, OperatorError> {
        let store = operator.store();
        let mut attempts = store.attempts_of(&session.merchant, &session.id).await?;
        if let Some(open) = attempts.iter().find(|attempt| attempt.status().is_open()) {
            return Err(OperatorError::conflict(format!(
                "session {} is being paid: attempt {} is {}; wait for its outcome, or settle it first \
                 (tillhouse attempts settle {}), because the charge may have to be sent again with the buyer's data",
                session.id,
                open.id,
                open.status().name(),
                open.id
            )));
        }
        if let Some(attempt) = session.live_attempt() {
            return Err(OperatorError::conflict(format!(
                "session {} is being paid by attempt {attempt}; wait for its outcome",
                session.id
            )));
        }
        let names = names(&session, &attempts);
        session.erase_buyer();
        for attempt in &mut attempts {
            attempt.erase_buyer();
        }
        let undelivered = store.undelivered(&session.merchant, &session.id).await?;
        if undelivered > 0 {
            return Err(OperatorError::conflict(format!(
                "session {}: {undelivered} of its messages are not delivered yet; wait for their delivery \
                 (tillhouse outbox list --state queued), because the merchant needs the buyer's data to deliver the order",
                session.id
            )));
        }
        let order = store.order(&session.merchant, &session.id).await?;
        let order = order.filter(|order| order.revision() > 1);
        let order = order.map(|order| OrderWrite::next(&order, order.without_buyer()));
        Ok(Self(BuyerErasure {
            session,
            attempts,
            order,
            names,
        }))
    }

    async fn erase(&self, operator: &Operator, actor: &str) -> Result<ErasedRows, OperatorError> {
        let session = &self.0.session;
        let detail = json!({
            "merchant": session.merchant,
            "attempts": self.0.attempts.iter().map(|attempt| &attempt.id).collect::<Vec<_>>(),
        });
        let entry = operator.entry(actor, AuditAction::EraseBuyer, session.id.as_str(), &detail);
        operator
            .store()
            .erase_buyer(&self.0, &entry)
            .await
            .map_err(|error| match error {
                CommitError::Store(error) => error.into(),
                _ => OperatorError::conflict(format!(
                    "session {} was changed meanwhile; what was erased before it stays erased: run the command again",
                    session.id
                )),
            })
    }

    fn view(&self) -> ErasedSession {
        let session = &self.0.session;
        ErasedSession {
            merchant: session.merchant.clone(),
            session: session.id.clone(),
            state: session.state.name().to_owned(),
            order: session.order().map(|order| order.id.to_string()),
        }
    }
}

/// What received events may name a session, its attempts and its buyer by.
fn names(session: &Session, attempts: &[Attempt]) -> Vec<String> {
    let mut names: Vec<String> = session.emails().map(str::to_owned).collect();
    names.push(session.id.to_string());
    for attempt in attempts {
        names.extend([attempt.id.to_string(), attempt.reference.clone()]);
        names.extend(attempt.processor_reference().map(|it| it.as_str().to_owned()));
        names.extend(attempt.token().map(ToString::to_string));
    }
    names.sort_unstable();
    names.dedup();
    names.retain(|name| !name.is_empty());
    names
}
