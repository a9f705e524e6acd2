//! Reads that show a session to its caller, and what counts as shown.

use std::time::Instant;

use super::{CheckoutService, MAX_ROUNDS};
use crate::caller::Caller;
use crate::error::CheckoutError;
use crate::ids::SessionId;
use crate::merchant::Merchant;
use crate::message::{Message, Subject};
use crate::ports::{CommitError, PhaseEnd};
use crate::session::{Session, SessionState};
use crate::unit_of_work::{SessionWrite, UnitOfWork};

impl CheckoutService {
    /// Read a session for a response that shows it to the caller.
    ///
    /// If the response shows another quote than the last one did, this is committed first, because a completion may then rely on
    /// it; otherwise nothing is written.
    ///
    /// # Errors
    /// If the caller has no such session, or the commit fails.
    pub async fn retrieve_as_shown(&self, caller: &Caller, id: &SessionId) -> Result<Session, CheckoutError> {
        let mut round = 1;
        loop {
            let mut session = self.retrieve(caller, id).await?;
            if session.state != SessionState::Open || session.is_shown_to(caller) {
                return Ok(session);
            }
            session.mark_shown_to(caller);
            match self.commit_as_read(&mut session, PhaseEnd::default()).await {
                Ok(()) => return Ok(session),
                Err(CommitError::Session) if round < MAX_ROUNDS => round += 1,
                Err(other) => return Err(other.into()),
            }
        }
    }

    /// Refuse completions by the caller until it has read the session again. A session that is not open is left unchanged.
    ///
    /// # Errors
    /// If the caller has no such session, or the commit fails.
    pub async fn mark_not_shown(&self, caller: &Caller, id: &SessionId) -> Result<(), CheckoutError> {
        let mut round = 1;
        loop {
            let mut session = self.retrieve(caller, id).await?;
            if session.state != SessionState::Open || !session.mark_outdated_for(caller) {
                return Ok(());
            }
            match self.commit_as_read(&mut session, PhaseEnd::default()).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Session) if round < MAX_ROUNDS => round += 1,
                Err(other) => return Err(other.into()),
            }
        }
    }

    /// Quote an open session anew if the plugins were last asked too long ago ([`Merchant::quote_max_age`]), so that a read tells
    /// what has changed. The new quote does not count as shown: that is for the answer to do. No call goes on after `deadline`.
    ///
    /// If there is no new quote, the session keeps the old one with a message that says so, and the plugins are left alone for as
    /// long as after a success: they are asked at most once in that time, whatever they answer.
    ///
    /// # Errors
    /// Why there is no new quote, or that the caller has no such session, or that the commit failed.
    pub async fn refresh(
        &self,
        caller: &Caller,
        id: &SessionId,
        deadline: Option<Instant>,
    ) -> Result<(), CheckoutError> {
        let merchant = self.merchants.get(&caller.merchant)?;
        let mut round = 1;
        loop {
            let mut session = self.retrieve(caller, id).await?;
            if session.state != SessionState::Open || !self.is_stale(&session, merchant) {
                return Ok(());
            }
            let (end, failure) = match self.requote(&mut session, false, deadline).await {
                Ok(end) => {
                    session.report_new_total(caller);
                    (end, Ok(()))
                }
                Err(error) => {
                    session.asked = Some(self.clock.now());
                    report_no_quote(&mut session, &error);
                    (PhaseEnd::default(), Err(error))
                }
            };
            match self.commit_as_read(&mut session, end).await {
                Ok(()) => return failure,
                Err(CommitError::Session | CommitError::PluginData) if round < MAX_ROUNDS => round += 1,
                Err(other) => return Err(other.into()),
            }
        }
    }

    fn is_stale(&self, session: &Session, merchant: &Merchant) -> bool {
        let fresh_until = session.asked.map(|asked| asked.after(merchant.quote_max_age));
        fresh_until.is_none_or(|until| until <= self.clock.now())
    }

    /// Commit what a read has changed of a session. This does not extend the life of the session.
    async fn commit_as_read(&self, session: &mut Session, end: PhaseEnd) -> Result<(), CommitError> {
        let replaces = session.revision;
        session.revision += 1;
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: Box::new(session.clone()),
                replaces: Some(replaces),
            }),
            staged: end.staged,
            ..UnitOfWork::default()
        };
        self.store.commit(unit).await
    }
}

/// Say in a message why the quote is an old one. Where the merchant has an answer and it is no, the message blocks payment, as the
/// same answer would refuse a completion; where a plugin has no answer, the old quote may still hold.
fn report_no_quote(session: &mut Session, error: &CheckoutError) {
    let message = match error {
        CheckoutError::UnknownItem { item } => {
            let line = session.cart.lines.iter().find(|line| line.item == *item);
            let about = line.map_or(Subject::Lines, |line| Subject::Line(line.id.clone()));
            Message::error("out_of_stock", about, "This item is no longer sold. Remove it.")
        }
        CheckoutError::Rejected(rejection) => {
            Message::error(&rejection.code, rejection.about.clone(), rejection.message.clone())
        }
        _ => Message::info(
            Subject::Session,
            "Prices and availability could not be checked again; they may have changed.",
        ),
    };
    if !session.quote.messages.contains(&message) {
        session.quote.messages.push(message);
    }
}
