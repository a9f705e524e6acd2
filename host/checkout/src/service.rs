//! Create, update, retrieve and cancel: everything short of paying, which is `payments`.

use std::sync::Arc;

use super::cart::{Cart, CartEdit};
use super::error::CheckoutError;
use super::ids::{Ids, MerchantId, SessionId};
use super::merchant::{Merchant, Merchants};
use super::message::{Message, Subject};
use super::operation::{Answer, Ask, Create};
use super::outage::Outages;
use super::ports::{CommitError, Decisions, PhaseEnd, PhaseKind, PhaseScope, Store};
use super::quote::Quote;
use super::quoting;
use super::session::{Session, SessionState};
use super::time::Clock;
use super::unit::{SessionWrite, UnitOfWork};

/// How often an operation is done again because another request changed what it stood on.
const MAX_ROUNDS: u32 = 5;

/// The checkout service. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Checkout {
    /// Durable state.
    pub store: Arc<dyn Store>,
    /// The merchant's plugin.
    pub decisions: Arc<dyn Decisions>,
    /// The merchants.
    pub merchants: Arc<Merchants>,
    /// Those of them that cannot be served.
    pub outages: Arc<Outages>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
}

impl Checkout {
    /// Begin a checkout.
    ///
    /// # Errors
    /// When the cart is not one, an item is unknown, or the plugin has no answer. Nothing is stored then.
    pub async fn create(&self, request: Create, ask: Ask) -> Result<Answer, CheckoutError> {
        let merchant = self.merchants.get(&request.merchant)?;
        let currency = request.currency.unwrap_or(merchant.currency);
        if currency != merchant.currency {
            return Err(CheckoutError::Currency {
                wanted: currency,
                offered: merchant.currency,
            });
        }
        if request.edit.items.is_none() {
            return Err(super::cart::CartError::Empty.into());
        }
        let mut cart = Cart::default();
        let chosen = request.edit.chosen_option.is_some();
        cart.apply(request.edit)?;
        let now = self.clock.now();
        let mut session = Session {
            id: SessionId::new(self.ids.next("cs")),
            merchant: merchant.id.clone(),
            revision: 1,
            state: SessionState::Open,
            currency,
            cart,
            quote: Quote::default(),
            shown: None,
            agent: request.agent,
            setback: None,
            created: now,
            updated: now,
            expires: now.after(merchant.session_ttl),
        };
        let mut round = 1;
        loop {
            let end = self.requote(&mut session, chosen).await?;
            session.show();
            match self.commit(&session, None, end, &ask).await {
                Err(CheckoutError::Conflict(CommitError::PluginData)) if round < MAX_ROUNDS => round += 1,
                other => return other,
            }
        }
    }

    /// Change a checkout.
    ///
    /// # Errors
    /// As for [`Self::create`], and when the session is unknown or not open. The session is then as it was before.
    pub async fn update(
        &self,
        merchant: &MerchantId,
        id: &SessionId,
        edit: CartEdit,
        ask: Ask,
    ) -> Result<Answer, CheckoutError> {
        let merchant = self.merchants.get(merchant)?;
        let mut round = 1;
        loop {
            let mut session = self.retrieve(&merchant.id, id).await?;
            expect_open(&session, "updated")?;
            let chosen = edit.chosen_option.is_some();
            session.cart.apply(edit.clone())?;
            session.setback = None;
            let end = self.requote(&mut session, chosen).await?;
            session.show();
            let replaces = self.touch(&mut session, merchant);
            match self.commit(&session, Some(replaces), end, &ask).await {
                Err(CheckoutError::Conflict(CommitError::PluginData | CommitError::Session)) if round < MAX_ROUNDS => {
                    round += 1;
                }
                other => return other,
            }
        }
    }

    /// Read a checkout for an answer that shows it. Where that answer shows another total than the last one did, the fact is
    /// committed first, because a completion may then count on it; else nothing is written.
    ///
    /// # Errors
    /// When the merchant has no such session, and when the fact cannot be committed.
    pub async fn look(&self, merchant: &MerchantId, id: &SessionId) -> Result<Session, CheckoutError> {
        let mut round = 1;
        loop {
            let mut session = self.retrieve(merchant, id).await?;
            if session.state != SessionState::Open || session.is_shown() {
                return Ok(session);
            }
            session.show();
            match self.mark(&mut session).await {
                Ok(()) => return Ok(session),
                Err(CommitError::Session) if round < MAX_ROUNDS => round += 1,
                Err(other) => return Err(other.into()),
            }
        }
    }

    /// Refuse completions of a checkout until its caller has looked at it again. One that is no longer open stays as it is.
    ///
    /// # Errors
    /// When that cannot be committed.
    pub async fn require_look(&self, merchant: &MerchantId, id: &SessionId) -> Result<(), CheckoutError> {
        let mut round = 1;
        loop {
            let mut session = self.retrieve(merchant, id).await?;
            if session.state != SessionState::Open || !session.is_shown() {
                return Ok(());
            }
            session.require_look();
            match self.mark(&mut session).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Session) if round < MAX_ROUNDS => round += 1,
                Err(other) => return Err(other.into()),
            }
        }
    }

    /// Commit what was noted on a session; a note neither changes the checkout nor prolongs its life.
    async fn mark(&self, session: &mut Session) -> Result<(), CommitError> {
        let replaces = session.revision;
        session.revision += 1;
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: session.clone(),
                replaces: Some(replaces),
            }),
            ..UnitOfWork::default()
        };
        self.store.commit(unit).await
    }

    /// A checkout as it is stored. One that is over its time reads as expired.
    ///
    /// # Errors
    /// When the merchant has no such session.
    pub async fn retrieve(&self, merchant: &MerchantId, id: &SessionId) -> Result<Session, CheckoutError> {
        let found = self.store.session(merchant, id).await?;
        let mut session = found.ok_or_else(|| CheckoutError::UnknownSession(id.clone()))?;
        if session.state == SessionState::Open && session.expires <= self.clock.now() {
            session.state = SessionState::Expired;
        }
        Ok(session)
    }

    /// Give a checkout up.
    ///
    /// # Errors
    /// When it is unknown, over already, or being paid.
    pub async fn cancel(&self, merchant: &MerchantId, id: &SessionId, ask: Ask) -> Result<Answer, CheckoutError> {
        let merchant = self.merchants.get(merchant)?;
        let mut round = 1;
        loop {
            let mut session = self.retrieve(&merchant.id, id).await?;
            expect_open(&session, "canceled")?;
            session.state = SessionState::Canceled;
            let replaces = self.touch(&mut session, merchant);
            match self.commit(&session, Some(replaces), PhaseEnd::default(), &ask).await {
                Err(CheckoutError::Conflict(CommitError::Session)) if round < MAX_ROUNDS => round += 1,
                other => return other,
            }
        }
    }

    /// Quote the session's cart anew, in a phase of its own.
    pub async fn requote(&self, session: &mut Session, chosen_now: bool) -> Result<PhaseEnd, CheckoutError> {
        let mut phase = self.decisions.open(self.scope(session, PhaseKind::Quote)).await?;
        session.quote = quoting::quote(
            phase.as_mut(),
            self.decisions.as_ref(),
            &session.merchant,
            &session.cart,
        )
        .await?;
        self.settle_choice(session, chosen_now)?;
        Ok(phase.finish())
    }

    /// The scope of a phase for this session, now.
    pub fn scope(&self, session: &Session, kind: PhaseKind) -> PhaseScope {
        PhaseScope {
            merchant: session.merchant.clone(),
            session: session.id.clone(),
            kind,
            now: self.clock.now(),
            currency: session.currency,
            locale: session.cart.locale.clone(),
        }
    }

    /// Count the revision up and the life on; returns the revision that is replaced.
    pub fn touch(&self, session: &mut Session, merchant: &Merchant) -> u64 {
        let replaces = session.revision;
        session.revision += 1;
        session.updated = self.clock.now();
        session.expires = session.updated.after(merchant.session_ttl);
        replaces
    }

    /// A choice that was just made must be on offer; one that was made before may have gone with the address.
    fn settle_choice(&self, session: &mut Session, chosen_now: bool) -> Result<(), CheckoutError> {
        let gone = session
            .cart
            .chosen_option
            .take_if(|chosen| Some(&*chosen) != session.quote.selected.as_ref());
        match gone {
            None => Ok(()),
            Some(option) if chosen_now => Err(CheckoutError::UnknownOption(option)),
            Some(_) => {
                let text = "The fulfillment option chosen before is no longer available.";
                session.quote.messages.push(Message::info(Subject::Choice, text));
                Ok(())
            }
        }
    }

    async fn commit(
        &self,
        session: &Session,
        replaces: Option<u64>,
        end: PhaseEnd,
        ask: &Ask,
    ) -> Result<Answer, CheckoutError> {
        let reply = (ask.render)(session);
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: session.clone(),
                replaces,
            }),
            staged: end.staged,
            idempotency: ask.claim.as_ref().map(|claim| claim.record(reply.clone())),
            ..UnitOfWork::default()
        };
        match self.store.commit(unit).await {
            Ok(()) => Ok(Answer::Fresh(reply)),
            Err(error) => self.replay_or(error, ask).await,
        }
    }

    /// Where another request with the same key committed first, its answer is the answer.
    pub async fn replay_or(&self, error: CommitError, ask: &Ask) -> Result<Answer, CheckoutError> {
        if let (CommitError::Idempotency, Some(claim)) = (&error, &ask.claim)
            && let Some(record) = self.store.idempotency(&claim.scope, self.clock.now()).await?
        {
            return Ok(Answer::Replay(record));
        }
        Err(error.into())
    }
}

/// An operation that needs an open session.
pub fn expect_open(session: &Session, verb: &'static str) -> Result<(), CheckoutError> {
    match &session.state {
        SessionState::Open => Ok(()),
        SessionState::Committing { .. } => Err(CheckoutError::InFlight),
        other => Err(CheckoutError::InvalidState {
            state: other.name(),
            verb,
        }),
    }
}
