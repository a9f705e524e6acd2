//! Saved carts: create, replace, retrieve, cancel, and the checkout that one begins.

use super::{CheckoutService, MAX_ROUNDS, chosen_options, expect_open};
use crate::caller::Caller;
use crate::cart::{Cart, CartEdit, CartError, Change, RequestedItem};
use crate::error::CheckoutError;
use crate::ids::{SavedCartId, SessionId};
use crate::merchant::Merchant;
use crate::operation::{CheckoutResponse, CreateCartRequest, CreateRequest, ResponseRecorder};
use crate::ports::{CommitError, PhaseEnd};
use crate::saved_cart::{CheckoutOfCart, SavedCart, SavedCartWrite};
use crate::session::{Session, SessionState};
use crate::unit_of_work::{SessionWrite, UnitOfWork};

impl CheckoutService {
    /// Save a cart, with estimated prices.
    ///
    /// # Errors
    /// As for [`CheckoutService::create`], if nothing in it can be bought, and if the caller has as many carts as it may have open
    /// sessions.
    pub async fn create_cart(
        &self,
        request: CreateCartRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let caller = request.caller;
        let merchant = self.merchants.get(&caller.merchant)?;
        if request.edit.items.is_none() {
            return Err(CartError::Empty.into());
        }
        self.admit_cart(&caller, merchant).await?;
        let mut content = Cart::default();
        content.apply(request.edit)?;
        let id = SavedCartId::new(self.ids.next("cart"));
        let mut cart = SavedCart {
            draft: Box::new(self.new_session(SessionId::new(id.as_str()), &caller, merchant, content)),
            id,
            checkout: None,
        };
        let mut round = 1;
        loop {
            let end = self.quote_cart(&mut cart, merchant, &recorder).await?;
            let write = SavedCartWrite {
                cart: cart.clone(),
                replaces: None,
            };
            match Box::pin(self.commit_cart(write, end, &recorder)).await {
                Err(CheckoutError::Conflict(CommitError::PluginData)) if round < MAX_ROUNDS => round += 1,
                other => return other,
            }
        }
    }

    /// Replace the content of a saved cart: what the edit leaves out is gone.
    ///
    /// # Errors
    /// As for [`Self::create_cart`], and if the caller has no such cart.
    pub async fn replace_cart(
        &self,
        caller: &Caller,
        id: &SavedCartId,
        edit: CartEdit,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let merchant = self.merchants.get(&caller.merchant)?;
        let mut round = 1;
        loop {
            let mut cart = self.retrieve_cart(caller, id).await?;
            let mut content = Cart {
                // Said once, when the cart is created.
                locale: cart.draft.cart.locale.take(),
                ..Cart::default()
            };
            content.apply(edit.clone())?;
            cart.draft.cart = content;
            // Estimates only: the prices of now, whatever the cart was quoted with before.
            cart.draft.catalog = None;
            let end = self.quote_cart(&mut cart, merchant, &recorder).await?;
            let replaces = Some(cart.draft.revision);
            cart.draft.revision += 1;
            cart.draft.updated = self.clock.now();
            match Box::pin(self.commit_cart(SavedCartWrite { cart, replaces }, end, &recorder)).await {
                Err(CheckoutError::Conflict(CommitError::PluginData | CommitError::SavedCart))
                    if round < MAX_ROUNDS =>
                {
                    round += 1;
                }
                other => return other,
            }
        }
    }

    /// A saved cart of the caller.
    ///
    /// # Errors
    /// If the merchant has no such cart, and the same if the caller may not use it, or if it was canceled or has expired.
    pub async fn retrieve_cart(&self, caller: &Caller, id: &SavedCartId) -> Result<SavedCart, CheckoutError> {
        let merchant = self.merchants.get(&caller.merchant)?;
        let found = self.store.saved_cart(&merchant.id, id).await?;
        let now = self.clock.now();
        let usable = found
            .filter(|cart| cart.draft.expires > now)
            .filter(|cart| caller.may_use(&cart.draft, merchant.shares_sessions));
        usable.ok_or_else(|| CheckoutError::UnknownCart(id.clone()))
    }

    /// Cancel a saved cart. A checkout that was begun with it goes on.
    ///
    /// # Errors
    /// If the caller has no such cart.
    pub async fn cancel_cart(
        &self,
        caller: &Caller,
        id: &SavedCartId,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let mut round = 1;
        loop {
            let mut cart = self.retrieve_cart(caller, id).await?;
            let replaces = Some(cart.draft.revision);
            cart.draft.revision += 1;
            cart.draft.updated = self.clock.now();
            cart.draft.expires = cart.draft.updated;
            let write = SavedCartWrite { cart, replaces };
            match Box::pin(self.commit_cart(write, PhaseEnd::default(), &recorder)).await {
                Err(CheckoutError::Conflict(CommitError::SavedCart)) if round < MAX_ROUNDS => round += 1,
                other => return other,
            }
        }
    }

    /// Begin a checkout with a saved cart, whose items and buyer it gets. While one is not over it is the answer again; it gets the
    /// content of the cart anew if that was replaced since.
    ///
    /// # Errors
    /// As for [`CheckoutService::create`], and if the caller has no such cart.
    pub(super) async fn create_of_cart(
        &self,
        id: &SavedCartId,
        request: CreateRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let merchant = self.merchants.get(&request.caller.merchant)?;
        let mut round = 1;
        loop {
            let cart = self.retrieve_cart(&request.caller, id).await?;
            let done = match self.unfinished_checkout(&request.caller, &cart).await? {
                Some(session) => Box::pin(self.continue_checkout(session, cart, &request, merchant, &recorder)).await,
                None => Box::pin(self.begin_checkout(cart, &request, merchant, &recorder)).await,
            };
            match done {
                Err(CheckoutError::Conflict(
                    CommitError::PluginData | CommitError::SavedCart | CommitError::Session,
                )) if round < MAX_ROUNDS => round += 1,
                other => return other,
            }
        }
    }

    async fn unfinished_checkout(&self, caller: &Caller, cart: &SavedCart) -> Result<Option<Session>, CheckoutError> {
        let Some(checkout) = &cart.checkout else {
            return Ok(None);
        };
        match self.retrieve(caller, &checkout.session).await {
            Ok(session) if !session.state.is_final() => Ok(Some(session)),
            Ok(_) | Err(CheckoutError::UnknownSession(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn begin_checkout(
        &self,
        cart: SavedCart,
        request: &CreateRequest,
        merchant: &Merchant,
        recorder: &ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let caller = &request.caller;
        self.open_sessions
            .admit(self.store.as_ref(), merchant, caller, self.clock.now())
            .await?;
        let mut content = Cart {
            locale: cart.draft.cart.locale.clone(),
            ..Cart::default()
        };
        content.apply(with_content_of(&cart, request.edit.clone()))?;
        let mut session = self.session_of(request, merchant, content);
        let chosen = request.edit.choices.is_some();
        let end = self.requote(&mut session, chosen, recorder.deadline.until()).await?;
        session.mark_shown_to(caller);
        Box::pin(self.commit_checkout(session, None, cart, end, recorder)).await
    }

    /// The checkout that the cart began is the answer, with what the request says beside items and buyer. One that is being paid, or
    /// waits for the buyer, cannot be changed.
    async fn continue_checkout(
        &self,
        mut session: Session,
        cart: SavedCart,
        request: &CreateRequest,
        merchant: &Merchant,
        recorder: &ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let mut edit = without_content(request.edit.clone());
        if session.state != SessionState::Open {
            let mut changed = session.cart.clone();
            changed.apply(edit)?;
            if changed != session.cart {
                expect_open(&session, "updated")?;
            }
            let unit = UnitOfWork::default();
            return self.commit_unit(unit, (recorder.render)(&session), recorder).await;
        }
        if cart.current_session() != Some(&session.id) {
            edit = with_content_of(&cart, edit);
        }
        session.keep_facts_of_creation(request);
        let mut end = PhaseEnd::default();
        if edit != CartEdit::default() {
            let chosen = edit.choices.is_some();
            session.cart.forget_payment();
            session.cart.apply(edit.clone())?;
            session.last_payment_error = None;
            end = self.requote(&mut session, chosen, recorder.deadline.until()).await?;
            chosen_options::check_kinds(&edit, &session.quote)?;
        }
        session.mark_shown_to(&request.caller);
        let replaces = self.bump_revision(&mut session, merchant);
        Box::pin(self.commit_checkout(session, Some(replaces), cart, end, recorder)).await
    }

    /// Session and cart in one unit of work, so that a cart never begins two checkouts.
    async fn commit_checkout(
        &self,
        session: Session,
        replaces: Option<u64>,
        mut cart: SavedCart,
        end: PhaseEnd,
        recorder: &ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let reply = (recorder.render)(&session);
        let cart_replaces = Some(cart.draft.revision);
        cart.draft.revision += 1;
        cart.checkout = Some(CheckoutOfCart {
            session: session.id.clone(),
            cart_revision: cart.draft.revision,
        });
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: Box::new(session),
                replaces,
            }),
            saved_cart: Some(SavedCartWrite {
                cart,
                replaces: cart_replaces,
            }),
            staged: end.staged,
            ..UnitOfWork::default()
        };
        self.commit_unit(unit, reply, recorder).await
    }

    /// Quote a cart, and let it live from now on.
    async fn quote_cart(
        &self,
        cart: &mut SavedCart,
        merchant: &Merchant,
        recorder: &ResponseRecorder,
    ) -> Result<PhaseEnd, CheckoutError> {
        let end = self.requote(&mut cart.draft, false, recorder.deadline.until()).await?;
        if cart.is_unavailable() {
            return Err(CheckoutError::NothingAvailable);
        }
        cart.draft.expires = self.clock.now().after(merchant.cart_ttl);
        Ok(end)
    }

    async fn commit_cart(
        &self,
        write: SavedCartWrite,
        end: PhaseEnd,
        recorder: &ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let reply = (recorder.render)(&write.cart.draft);
        let unit = UnitOfWork {
            saved_cart: Some(write),
            staged: end.staged,
            ..UnitOfWork::default()
        };
        self.commit_unit(unit, reply, recorder).await
    }

    async fn admit_cart(&self, caller: &Caller, merchant: &Merchant) -> Result<(), CheckoutError> {
        let limit = merchant.max_open_sessions;
        let principal = caller.principal.as_deref();
        let kept = self
            .store
            .saved_carts(&merchant.id, principal, self.clock.now(), limit)
            .await?;
        if kept >= limit {
            return Err(CheckoutError::TooManyCarts { limit });
        }
        Ok(())
    }
}

/// What an edit says beside items and buyer, which are those of the cart.
fn without_content(edit: CartEdit) -> CartEdit {
    CartEdit {
        items: None,
        expected: Vec::new(),
        buyer: Change::Keep,
        ..edit
    }
}

/// An edit that gives a checkout the items and the buyer of the cart, whatever the request says of them.
fn with_content_of(cart: &SavedCart, edit: CartEdit) -> CartEdit {
    let content = &cart.draft.cart;
    let items = content.lines.iter().map(|line| RequestedItem {
        item: line.item.clone(),
        quantity: line.quantity,
    });
    CartEdit {
        items: Some(items.collect()),
        expected: content.expected.clone(),
        buyer: Change::from(content.buyer.clone()),
        ..edit
    }
}
