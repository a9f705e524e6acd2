//! What a delegated card may be used for.

use crate::ids::SessionId;
use crate::money::Money;
use crate::time::Timestamp;

/// The limits that the agent sets: one charge of one session (`allowance` of `delegate_payment`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The session that it pays.
    pub session: SessionId,
    /// The most that is charged, and the only currency.
    pub limit: Money,
    /// When it expires; the vault may end it earlier.
    pub expires: Timestamp,
}
