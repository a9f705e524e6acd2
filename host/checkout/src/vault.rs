//! The vault: cards that agents delegate with `delegate_payment`, sealed until they pay one checkout session.
//!
//! A token pays one session of one merchant, up to an amount in one currency, until a time. Whatever is not so is answered as if
//! there were no such token, so that none can be probed.

mod allowance;
mod card_change;
mod delegated_card;
mod delegation;
mod sealed_card;

pub use allowance::Allowance;
pub use card_change::{CardChange, TAKEN_CARD_LIFETIME};
pub use delegated_card::{CardExpiry, CardNumberKind, DelegatedCard, InvalidCard};
pub use delegation::{CardVault, DelegatedPayment, DelegationError, DelegationRecorder, DelegationRequest};
pub use sealed_card::{CardDetails, SealedCard, SealedPart, TakenCard};
