//! The operations create, update, retrieve and cancel. Completion, that is payment, is in the payments crate.

mod chosen_options;
mod committing;
mod refusal;
mod saved_carts;
mod showing;

use std::sync::Arc;
use std::time::Instant;

use super::caller::{Caller, Protocol};
use super::cart::{Cart, CartEdit};
use super::deadline::Deadline;
use super::error::CheckoutError;
use super::ids::{IdGenerator, MerchantId, SessionId};
use super::intent_trace::IntentTrace;
use super::merchant::{Merchant, Merchants};
use super::money::Currency;
use super::open_sessions::OpenSessions;
use super::operation::{CheckoutResponse, CreateRequest, ResponseRecorder};
use super::outage::Outages;
use super::ports::{CommitError, Decisions, Phase, PhaseEnd, PhaseKind, PhaseScope, Store};
use super::quote::Quote;
use super::quoting;
use super::session::{Agent, Session, SessionState};
use super::shown_quote::ShownQuotes;
use super::time::Clock;

/// Maximum rounds of an operation; it is repeated if another request changed the data that it was based on.
const MAX_ROUNDS: u32 = 5;

/// The checkout service: every operation but completion. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CheckoutService {
    /// Durable state of all merchants.
    pub store: Arc<dyn Store>,
    /// Calls into the merchants' plugins.
    pub decisions: Arc<dyn Decisions>,
    /// Settings of the merchants of this host.
    pub merchants: Arc<Merchants>,
    /// Merchants that are out of service.
    pub outages: Arc<Outages>,
    /// Bounds the open sessions of each caller.
    pub open_sessions: Arc<OpenSessions>,
    /// Source of the current time.
    pub clock: Arc<dyn Clock>,
    /// Source of session ids, attempt ids and keys.
    pub ids: Arc<dyn IdGenerator>,
}

impl CheckoutService {
    /// Create a session with a quote for its first cart.
    ///
    /// # Errors
    /// If the cart is invalid, the currency is not the merchant's, an item is unknown, or a plugin has no valid answer. Nothing
    /// is stored then.
    pub async fn create(
        &self,
        request: CreateRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let caller = &request.caller;
        let merchant = self.merchants.get(&caller.merchant)?;
        expect_currency(&request, merchant.currency)?;
        if let Some(saved) = request.saved_cart.clone() {
            return Box::pin(self.create_of_cart(&saved, request, recorder)).await;
        }
        if request.edit.items.is_none() {
            return Err(super::cart::CartError::Empty.into());
        }
        self.open_sessions
            .admit(self.store.as_ref(), merchant, caller, self.clock.now())
            .await?;
        let mut cart = Cart::default();
        let chosen = request.edit.choices.is_some() && !caller.protocol.wishes_option_on_creation();
        cart.apply(request.edit.clone())?;
        let mut session = self.session_of(&request, merchant, cart);
        let mut round = 1;
        loop {
            let end = self.requote(&mut session, chosen, recorder.deadline.until()).await?;
            session.mark_shown_to(caller);
            if let Some(refused) = self.refuse(&session, None, &recorder).await? {
                return Ok(refused);
            }
            match self.commit(&session, None, end, &recorder).await {
                Err(CheckoutError::Conflict(CommitError::PluginData)) if round < MAX_ROUNDS => round += 1,
                other => return other,
            }
        }
    }

    /// Quote a cart in a phase that commits nothing: a session as a creation would make it.
    ///
    /// # Errors
    /// As for [`Self::create`].
    pub async fn quote_only(&self, request: CreateRequest, deadline: &Deadline) -> Result<Session, CheckoutError> {
        let merchant = self.merchants.get(&request.caller.merchant)?;
        expect_currency(&request, merchant.currency)?;
        let mut cart = Cart::default();
        cart.apply(request.edit.clone())?;
        if cart.lines.is_empty() {
            return Err(super::cart::CartError::Empty.into());
        }
        let chosen = request.edit.choices.is_some();
        let mut session = self.session_of(&request, merchant, cart);
        self.requote(&mut session, chosen, deadline.until()).await?;
        Ok(session)
    }

    /// A new session for a request, with this cart and without a quote.
    fn session_of(&self, request: &CreateRequest, merchant: &Merchant, cart: Cart) -> Session {
        let id = request
            .id
            .clone()
            .unwrap_or_else(|| SessionId::new(self.ids.next("cs")));
        Session {
            agent: request.agent_of_caller(),
            attributions: request.attribution.iter().cloned().collect(),
            ..self.new_session(id, &request.caller, merchant, cart)
        }
    }

    fn new_session(&self, id: SessionId, caller: &Caller, merchant: &Merchant, cart: Cart) -> Session {
        let now = self.clock.now();
        Session {
            id,
            merchant: merchant.id.clone(),
            protocol: Some(caller.protocol.clone()),
            revision: 1,
            state: SessionState::Open,
            currency: merchant.currency,
            cart,
            quote: Quote::default(),
            asked: None,
            catalog: None,
            shown: ShownQuotes::default(),
            agent: Agent {
                principal: caller.principal.clone(),
                ..Agent::default()
            },
            consents: Vec::new(),
            kept_order: None,
            attributions: Vec::new(),
            intent_trace: None,
            last_payment_error: None,
            created: now,
            updated: now,
            expires: now.after(merchant.session_ttl),
        }
    }

    /// Change the cart of an open session, and quote it anew.
    ///
    /// # Errors
    /// As for [`Self::create`], and if the caller has no such session or it is not open. The session is then unchanged.
    pub async fn update(
        &self,
        caller: &Caller,
        id: &SessionId,
        edit: CartEdit,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        Box::pin(self.update_keeping(caller, id, edit, None, recorder)).await
    }

    /// The same, keeping what a further creation says beside the cart.
    async fn update_keeping(
        &self,
        caller: &Caller,
        id: &SessionId,
        edit: CartEdit,
        creation: Option<&CreateRequest>,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let merchant = self.merchants.get(&caller.merchant)?;
        let mut round = 1;
        loop {
            let mut session = self.retrieve(caller, id).await?;
            expect_open(&session, "updated")?;
            if let Some(creation) = creation {
                session.keep_facts_of_creation(creation);
            }
            let before = session.clone();
            let chosen = edit.choices.is_some();
            session.change_cart(edit.clone())?;
            let end = self.requote(&mut session, chosen, recorder.deadline.until()).await?;
            chosen_options::check_kinds(&edit, &session.quote)?;
            session.mark_shown_to(caller);
            if let Some(refused) = self.refuse(&session, Some(&before), &recorder).await? {
                return Ok(refused);
            }
            let replaces = self.bump_revision(&mut session, merchant);
            match self.commit(&session, Some(replaces), end, &recorder).await {
                Err(CheckoutError::Conflict(CommitError::PluginData | CommitError::Session)) if round < MAX_ROUNDS => {
                    round += 1;
                }
                other => return other,
            }
        }
    }

    /// Change a session as the request to create it says it now, for a caller that names its sessions itself.
    ///
    /// # Errors
    /// As for [`Self::update`], and if the request is in another currency.
    pub async fn update_for(
        &self,
        request: &CreateRequest,
        session: &Session,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        expect_currency(request, session.currency)?;
        let (caller, edit) = (&request.caller, request.edit.clone());
        let update = self.update_keeping(caller, &session.id, edit, Some(request), recorder);
        Box::pin(update).await
    }

    /// A session of the caller as it is stored, without a mark that the caller was shown it.
    ///
    /// # Errors
    /// If the merchant has no such session, and the same if the caller may not use it.
    pub async fn retrieve(&self, caller: &Caller, id: &SessionId) -> Result<Session, CheckoutError> {
        let merchant = self.merchants.get(&caller.merchant)?;
        let session = self.load(&merchant.id, id).await?;
        if caller.may_use(&session, merchant.shares_sessions) {
            Ok(session)
        } else {
            Err(CheckoutError::UnknownSession(id.clone()))
        }
    }

    /// A session as it is stored, whatever its owner, for the host's own work. An open session past its expiry reads as expired.
    ///
    /// # Errors
    /// If the merchant has no such session.
    pub async fn load(&self, merchant: &MerchantId, id: &SessionId) -> Result<Session, CheckoutError> {
        let found = self.store.session(merchant, id).await?;
        let mut session = found.ok_or_else(|| CheckoutError::UnknownSession(id.clone()))?;
        if session.state == SessionState::Open && session.expires <= self.clock.now() {
            session.state = SessionState::Expired;
        }
        Ok(session)
    }

    /// Cancel an open session, for the reason that the agent gives.
    ///
    /// # Errors
    /// If the caller has no such session, or it is closed already or being paid.
    pub async fn cancel(
        &self,
        caller: &Caller,
        id: &SessionId,
        trace: Option<IntentTrace>,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let merchant = self.merchants.get(&caller.merchant)?;
        let mut round = 1;
        loop {
            let mut session = self.retrieve(caller, id).await?;
            expect_open(&session, "canceled")?;
            session.intent_trace.clone_from(&trace);
            session.state = SessionState::Canceled;
            let replaces = self.bump_revision(&mut session, merchant);
            match self
                .commit(&session, Some(replaces), PhaseEnd::default(), &recorder)
                .await
            {
                Err(CheckoutError::Conflict(CommitError::Session)) if round < MAX_ROUNDS => round += 1,
                other => return other,
            }
        }
    }

    /// Quote the session's cart anew, in a phase of its own, none of whose calls goes on after `deadline`. `chosen_now` says that this
    /// request chose the fulfillment option. An item that the catalog of the session's last quote lacks may have come since: then the
    /// cart is quoted with the catalog in force.
    ///
    /// # Errors
    /// If a plugin has no valid answer, or the option chosen in this request is not on offer.
    pub async fn requote(
        &self,
        session: &mut Session,
        chosen_now: bool,
        deadline: Option<Instant>,
    ) -> Result<PhaseEnd, CheckoutError> {
        match self.quote_in_phase(session, chosen_now, deadline).await {
            Err(CheckoutError::UnknownItem { .. }) if session.catalog.take().is_some() => {
                self.quote_in_phase(session, chosen_now, deadline).await
            }
            other => other,
        }
    }

    async fn quote_in_phase(
        &self,
        session: &mut Session,
        chosen_now: bool,
        deadline: Option<Instant>,
    ) -> Result<PhaseEnd, CheckoutError> {
        let scope = PhaseScope {
            deadline,
            ..self.scope(session, PhaseKind::Quote)
        };
        let mut phase = self.decisions.open(scope.clone()).await?;
        self.quote(phase.as_mut(), &scope, session, chosen_now).await?;
        Ok(phase.finish())
    }

    /// Quote the session's cart anew in an open phase of this scope, as it can be paid with the tokens that the merchant takes. A
    /// fulfillment option that was chosen before and is no longer on offer is dropped from the cart.
    ///
    /// # Errors
    /// As for [`quoting::quote`], if the host has no such merchant, and if the option chosen in this request is not on offer.
    pub async fn quote(
        &self,
        phase: &mut dyn Phase,
        scope: &PhaseScope,
        session: &mut Session,
        chosen_now: bool,
    ) -> Result<(), CheckoutError> {
        let issuers = &self.merchants.get(&scope.merchant)?.token_issuers;
        let is_first_quote = session.asked.replace(scope.now).is_none();
        session.quote = quoting::quote(phase, scope, &session.cart).await?;
        session.catalog = phase.catalog();
        for issuer in issuers {
            let is_shown_to_it = session.protocol.as_ref().and_then(Protocol::party) == Some(*issuer);
            session.quote.hold_to(*issuer, scope.currency, is_shown_to_it);
        }
        chosen_options::keep_available(session, chosen_now, is_first_quote)
    }

    /// The scope of a phase for this session, with the current time.
    pub fn scope(&self, session: &Session, kind: PhaseKind) -> PhaseScope {
        PhaseScope {
            merchant: session.merchant.clone(),
            session: session.id.clone(),
            kind,
            now: self.clock.now(),
            currency: session.currency,
            locale: session.cart.locale.clone(),
            time_zone: session.cart.time_zone.clone(),
            agent: session.agent.clone(),
            catalog: session.catalog,
            deadline: None,
        }
    }

    /// Increase the revision and extend the life of the session. Returns the revision that is replaced.
    pub fn bump_revision(&self, session: &mut Session, merchant: &Merchant) -> u64 {
        let replaces = session.revision;
        session.revision += 1;
        session.updated = self.clock.now();
        session.expires = session.updated.after(merchant.session_ttl);
        replaces
    }
}

fn expect_currency(request: &CreateRequest, offered: Currency) -> Result<(), CheckoutError> {
    match request.currency {
        Some(wanted) if wanted != offered => Err(CheckoutError::Currency { wanted, offered }),
        _ => Ok(()),
    }
}

/// Check that a session is open. `verb` is the operation as a participle, for the error: `updated`.
///
/// # Errors
/// [`CheckoutError::InFlight`] while the session is being paid, [`CheckoutError::AuthenticationPending`] while its payment waits for the
/// buyer, else [`CheckoutError::InvalidState`].
pub fn expect_open(session: &Session, verb: &'static str) -> Result<(), CheckoutError> {
    match &session.state {
        SessionState::Open => Ok(()),
        SessionState::Committing { .. } => Err(CheckoutError::InFlight),
        SessionState::AuthenticationRequired { .. } => {
            Err(CheckoutError::AuthenticationPending("the checkout session"))
        }
        // Before the operations of the payment that another party takes: its owner changes such a session through them.
        SessionState::Held { .. } => Err(CheckoutError::InFlight),
        other => Err(CheckoutError::InvalidState {
            state: other.name(),
            verb,
        }),
    }
}
