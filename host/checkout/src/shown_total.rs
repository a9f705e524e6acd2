//! What the caller has been shown of a session, so that a completion charges exactly that total.

use serde::{Deserialize, Serialize};

use super::money::Amount;

/// The total that the last answer about a session showed.
///
/// A retry is never consent: a completion that was refused because something had changed stays refused, however often it is
/// sent, until an answer has shown the session again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownTotal {
    /// Minor units, in the session's currency.
    pub total: Amount,
    /// Whether a completion was refused since, because the total or the session differed from what was shown.
    pub outdated: bool,
}
