//! The tools: one for each operation of ACP (`OpenRPC` document of ACP 2026-04-17).

/// What a tool does with the checkout, for the hints that a client shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Changes nothing at the merchant's.
    Reads,
    /// Adds or changes what can be changed again.
    Changes,
    /// Charges the buyer, or ends what was there.
    Ends,
}

/// Whether a tool has a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Payload {
    None,
    Optional(&'static str),
    /// The name of its definition in the official schema.
    Required(&'static str),
}

/// A tool, named as its operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    CreateCheckoutSession,
    GetCheckoutSession,
    UpdateCheckoutSession,
    CompleteCheckoutSession,
    CancelCheckoutSession,
    CreateCart,
    GetCart,
    UpdateCart,
    CancelCart,
}

/// How a model uses idempotency keys. Said of every tool that has an effect: a model reads the tools that it calls, and nothing else.
const KEYS: &str = "Always send meta.idempotency_key, a new UUID for each new intent. If you get no answer, a timeout or an error that \
                    says to retry, send exactly the same arguments with the same key again: you get the first answer, and nothing is \
                    done twice. Use a new key only when you change the arguments.";

impl Tool {
    /// Every tool: those of the `OpenRPC` document first, then those of the carts, which it lacks.
    pub(super) const ALL: [Self; 9] = [
        Self::CreateCheckoutSession,
        Self::GetCheckoutSession,
        Self::UpdateCheckoutSession,
        Self::CompleteCheckoutSession,
        Self::CancelCheckoutSession,
        Self::CreateCart,
        Self::GetCart,
        Self::UpdateCart,
        Self::CancelCart,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::CreateCheckoutSession => "create_checkout_session",
            Self::GetCheckoutSession => "get_checkout_session",
            Self::UpdateCheckoutSession => "update_checkout_session",
            Self::CompleteCheckoutSession => "complete_checkout_session",
            Self::CancelCheckoutSession => "cancel_checkout_session",
            Self::CreateCart => "create_cart",
            Self::GetCart => "get_cart",
            Self::UpdateCart => "update_cart",
            Self::CancelCart => "cancel_cart",
        }
    }

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::CreateCheckoutSession => "Create a checkout session",
            Self::GetCheckoutSession => "Retrieve a checkout session",
            Self::UpdateCheckoutSession => "Update a checkout session",
            Self::CompleteCheckoutSession => "Pay and complete a checkout session",
            Self::CancelCheckoutSession => "Cancel a checkout session",
            Self::CreateCart => "Create a cart",
            Self::GetCart => "Retrieve a cart",
            Self::UpdateCart => "Replace the content of a cart",
            Self::CancelCart => "Cancel a cart",
        }
    }

    /// What a model has to know to call it.
    pub(super) fn description(self) -> String {
        let purpose = match self {
            Self::CreateCheckoutSession => {
                "Starts a purchase: creates a checkout session for items and answers with prices, taxes, fulfillment options and what is \
                 missing. Nothing is charged."
            }
            Self::GetCheckoutSession => {
                "Reads a checkout session as it is now. Call it before you complete one that was shown to the buyer some time ago, and \
                 after a complete_checkout_session whose answer you did not get."
            }
            Self::UpdateCheckoutSession => {
                "Changes items, buyer, addresses, discount codes or the fulfillment option of an open checkout session, and answers \
                 with the new prices. What the payload leaves out stays as it is. Nothing is charged."
            }
            Self::CompleteCheckoutSession => {
                "Charges the buyer and creates the order. Call it once, after the buyer has agreed to the total that the last answer \
                 showed. If the answer is lost, NEVER start over with another session or another payment token: repeat this call with \
                 the same meta.idempotency_key, or read the session with get_checkout_session. A repeated call gets the first order. \
                 Use a new key only after an answer that says that the payment was declined or that something has to be corrected."
            }
            Self::CancelCheckoutSession => {
                "Gives up a checkout session that is not paid. A canceled session cannot be opened again."
            }
            Self::CreateCart => {
                "Keeps items with estimated prices while the buyer is still choosing. To buy them, call create_checkout_session with \
                 cart_id."
            }
            Self::GetCart => "Reads a cart as it was last saved. Its prices are estimates.",
            Self::UpdateCart => {
                "Replaces everything in a cart: send every item that is to be in it, with its quantity, and the buyer again."
            }
            Self::CancelCart => "Throws a cart away. A checkout session that was begun with it goes on.",
        };
        match self.effect() {
            Effect::Reads => purpose.to_owned(),
            Effect::Changes | Effect::Ends => format!("{purpose} {KEYS}"),
        }
    }

    pub(super) const fn effect(self) -> Effect {
        match self {
            Self::GetCheckoutSession | Self::GetCart => Effect::Reads,
            Self::CreateCheckoutSession | Self::UpdateCheckoutSession | Self::CreateCart | Self::UpdateCart => {
                Effect::Changes
            }
            Self::CompleteCheckoutSession | Self::CancelCheckoutSession | Self::CancelCart => Effect::Ends,
        }
    }

    /// Whether a call that is repeated without an idempotency key has no second effect: it makes nothing new.
    pub(super) const fn is_idempotent(self) -> bool {
        !matches!(self, Self::CreateCheckoutSession | Self::CreateCart)
    }

    /// What the argument `id` is the id of; `None` if there is no such argument.
    pub(super) const fn id(self) -> Option<&'static str> {
        match self {
            Self::CreateCheckoutSession | Self::CreateCart => None,
            Self::GetCheckoutSession
            | Self::UpdateCheckoutSession
            | Self::CompleteCheckoutSession
            | Self::CancelCheckoutSession => Some("checkout session"),
            Self::GetCart | Self::UpdateCart | Self::CancelCart => Some("cart"),
        }
    }

    /// Whether a merchant that keeps no carts lacks it.
    pub(super) const fn is_about_carts(self) -> bool {
        matches!(
            self,
            Self::CreateCart | Self::GetCart | Self::UpdateCart | Self::CancelCart
        )
    }

    pub(super) const fn payload(self) -> Payload {
        match self {
            Self::CreateCheckoutSession => Payload::Required("CheckoutSessionCreateRequest"),
            Self::GetCheckoutSession | Self::GetCart | Self::CancelCart => Payload::None,
            Self::UpdateCheckoutSession => Payload::Required("CheckoutSessionUpdateRequest"),
            Self::CompleteCheckoutSession => Payload::Required("CheckoutSessionCompleteRequest"),
            Self::CancelCheckoutSession => Payload::Optional("CancelSessionRequest"),
            Self::CreateCart => Payload::Required("CartCreateRequest"),
            Self::UpdateCart => Payload::Required("CartUpdateRequest"),
        }
    }
}
