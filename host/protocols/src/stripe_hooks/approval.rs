//! Order approval: price the order, check its stock and its risk, hold it, and let Stripe take the payment.

use std::sync::{Arc, Mutex, PoisonError};

use super::answer::{Decline, ok};
use super::call::HookCall;
use super::from_wire::AskedOrder;
use super::{comparison, errors, from_wire, to_wire};
use crate::error_response::RequestedLines;
use crate::idempotency::{KeyGuard, KeyRules, scope};
use crate::idempotent_post::PostError;
use crate::request_observer::HookAnswer;
use crate::settings::TaxAuthority;
use tillhouse_checkout::cart::{CartEdit, Choice};
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::device::Device;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::{IdempotencyKey, Reply};
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::money::Money;
use tillhouse_checkout::operation::{CheckoutResponse, CreateRequest, RenderFn, ResponseRecorder};
use tillhouse_checkout::outside_payment::{AmountDifference, HoldRequest};
use tillhouse_checkout::session::{Session, SessionState};

/// What turns of checkouts are unique within.
const CHECKOUTS: &str = "/webhooks/stripe#checkouts";

/// A session as it is priced for an approval.
struct Priced {
    session: Session,
    /// The edit that makes it of the session that is stored, if that is held for something else.
    instead: Option<CartEdit>,
}

impl Priced {
    /// What is due of an order that is held instead of another one.
    fn replaces(&self) -> Option<Money> {
        self.instead.as_ref().map(|_| self.session.total())
    }
}

/// Why an order is not approved now.
enum NotApproved {
    /// The merchant has decided.
    Declined(Decline),
    /// The merchant has not: Stripe may ask again.
    Failed(PostError),
}

impl HookCall {
    /// Decide an order. An approval is recorded in the commit that holds it; a decline by itself.
    pub(super) async fn approve(&self, key: Option<IdempotencyKey>) -> Result<CheckoutResponse, PostError> {
        let asked = from_wire::approval(&self.hook.data).map_err(|error| PostError::InvalidBody(error.into()))?;
        let id = self.session_of(asked.session.as_ref());
        let _turn = self.turn_of(&id).await?;
        match Box::pin(self.decided(&id, &asked, key.clone())).await {
            Ok(response) => {
                self.observe(HookAnswer::Approved);
                Ok(response)
            }
            Err(NotApproved::Failed(error)) => Err(error),
            Err(NotApproved::Declined(decline)) => {
                // Not the reason, which may have words of the plugin about the buyer.
                tracing::warn!(session.id = %id, code = decline.code, "an order of Stripe is declined");
                self.observe(decline.answer);
                self.record(key, decline.reply()).await
            }
        }
    }

    /// Whether an approval that was given still stands: its order is held, or made. One whose hold was released, or is of another order
    /// now, is decided anew.
    pub(super) async fn still_approves(&self, reply: &Reply) -> bool {
        if !to_wire::is_approval(&reply.body) {
            return true;
        }
        let Ok(asked) = from_wire::approval(&self.hook.data) else {
            return true;
        };
        let id = self.session_of(asked.session.as_ref());
        match self.held_already(&id, &asked).await.map(|session| session.state) {
            Some(SessionState::Held { until, .. }) => until > self.state.service.now(),
            Some(SessionState::Completed { .. }) => true,
            _ => false,
        }
    }

    /// Approvals of one checkout are decided one after the other: beside the hold of another, a quote finds the stock taken that is held
    /// for the same checkout.
    async fn turn_of(&self, id: &SessionId) -> Result<KeyGuard, PostError> {
        let checkout = scope(&self.caller, CHECKOUTS, None, id.as_str().to_owned());
        loop {
            match self.state.in_flight.take(&checkout, [0; 32]) {
                Ok(turn) => return Ok(turn),
                Err(other) if other.clone().ended(self.until).await => {}
                Err(_) => return Err(PostError::Domain(KeyRules::in_flight())),
            }
        }
    }

    /// The same between hosts: what was declined while another host held it is looked at again.
    async fn decided(
        &self,
        id: &SessionId,
        asked: &AskedOrder,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, NotApproved> {
        match self.hold(id, asked, key.clone()).await {
            Err(NotApproved::Declined(_)) if self.held_already(id, asked).await.is_some() => {
                self.hold(id, asked, key).await
            }
            decided => decided,
        }
    }

    async fn hold(
        &self,
        id: &SessionId,
        asked: &AskedOrder,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, NotApproved> {
        let requested = RequestedLines::of(&asked.edit);
        let refused = |error: CheckoutError| not_approved(&error, &requested);
        let priced = self.priced(id, asked).await.map_err(refused)?;
        self.check_amounts(asked, &priced.session)
            .map_err(NotApproved::Declined)?;
        let money = |amount| Money {
            amount,
            currency: asked.currency,
        };
        let tax_of_caller = match self.settings.tax {
            TaxAuthority::Stripe => asked.amounts.tax.map(money),
            TaxAuthority::Plugin => None,
        };
        let request = HoldRequest {
            caller: self.caller.clone(),
            session: id.clone(),
            expected: asked.amounts.total.map(money).or_else(|| priced.replaces()),
            tax_of_caller,
            difference: self.settings.difference,
            billing: asked.billing.clone(),
            edit: priced.instead.unwrap_or_default(),
            device: Device::default(),
            signals: asked.signals.clone(),
            consents: Vec::new(),
            attribution: None,
            hold_for: self.settings.hold,
        };
        let render: RenderFn = Arc::new(|session| ok(&to_wire::approved(session)));
        let recorder = ResponseRecorder::new(key, render, self.deadline.clone());
        let held = self.state.service.hold(request, recorder).await;
        held.map_err(refused)
    }

    /// The session, if it is held or paid as it is asked about: it is not quoted again, and its stock never released in between.
    async fn held_already(&self, id: &SessionId, asked: &AskedOrder) -> Option<Session> {
        let session = self.state.service.peek(&self.caller, id).await.ok()?;
        let is_taken = matches!(
            session.state,
            SessionState::Held { .. } | SessionState::Completed { .. }
        );
        let mut again = session.cart.clone();
        again.apply(asked.edit.clone()).ok()?;
        let is_chosen =
            session.order().is_some() || comparison::other_option(&session, asked.amounts.shipping).is_none();
        (is_taken && again == session.cart && is_chosen).then_some(session)
    }

    /// The session as the plugin prices it, with the option that Stripe takes the price of. One that is held for something else is not
    /// touched: its approval was given, and stands until another one is.
    async fn priced(&self, id: &SessionId, asked: &AskedOrder) -> Result<Priced, CheckoutError> {
        if let Some(session) = self.held_already(id, asked).await {
            return Ok(Priced { session, instead: None });
        }
        let found = self.state.service.peek(&self.caller, id).await;
        let now = self.state.service.now();
        let is_held =
            found.is_ok_and(|session| matches!(session.state, SessionState::Held { until, .. } if until > now));
        let mut edit = asked.edit.clone();
        let mut session = self.changed(id, asked, edit.clone(), is_held).await?;
        if let Some(option) = comparison::other_option(&session, asked.amounts.shipping) {
            edit.choices = Some(vec![Choice::of(option.id.clone())]);
            session = self.changed(id, asked, edit.clone(), is_held).await?;
        }
        Ok(Priced {
            session,
            instead: is_held.then_some(edit),
        })
    }

    /// The session with this edit: stored, or where it is held, only quoted.
    async fn changed(
        &self,
        id: &SessionId,
        asked: &AskedOrder,
        edit: CartEdit,
        is_held: bool,
    ) -> Result<Session, CheckoutError> {
        let request = CreateRequest {
            id: Some(id.clone()),
            currency: Some(asked.currency),
            edit,
            ..self.creation()
        };
        if is_held {
            self.quoted(request).await
        } else {
            self.upsert(request).await
        }
    }

    async fn upsert(&self, request: CreateRequest) -> Result<Session, CheckoutError> {
        let stored = Arc::new(Mutex::new(None));
        let seen = Arc::clone(&stored);
        let render: RenderFn = Arc::new(move |session| {
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(session.clone());
            ok(&())
        });
        // Of its own: a session that is stored late holds nothing, and the hold must not count as the commit of this.
        let deadline = Deadline::answering(Some(self.until.into_std()));
        let recorder = ResponseRecorder::new(None, render, deadline);
        self.state.service.upsert(request, recorder).await?;
        let stored = stored.lock().unwrap_or_else(PoisonError::into_inner).take();
        stored.ok_or(CheckoutError::InFlight)
    }

    /// Compare what Stripe takes with the plugin's price. The total is compared once more in the commit of the hold, which refuses what
    /// cannot be sold at all: that is the reason then.
    fn check_amounts(&self, asked: &AskedOrder, session: &Session) -> Result<(), Decline> {
        if !session.quote.is_ready() {
            return Ok(());
        }
        let found = comparison::differences(asked, session, self.settings.tax);
        if found.is_empty() {
            return Ok(());
        }
        let found = found.join("; ");
        match self.settings.difference {
            AmountDifference::Refuse => {
                tracing::warn!(session.id = %session.id, found, "an order of Stripe has another price than the plugin's");
                Err(Decline::of("price_differs", &found))
            }
            AmountDifference::Report => {
                tracing::warn!(session.id = %session.id, found, "an order of Stripe is approved at another price than the plugin's");
                Ok(())
            }
        }
    }
}

fn not_approved(error: &CheckoutError, requested: &RequestedLines) -> NotApproved {
    let response = errors::of_domain(error, requested);
    match Decline::of_refusal(error, &response) {
        Some(decline) => NotApproved::Declined(decline),
        None => NotApproved::Failed(PostError::Domain(response.not_recorded())),
    }
}
