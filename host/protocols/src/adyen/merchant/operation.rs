//! What Adyen calls the merchant for.

use crate::settings::AdyenMerchantSettings;

/// An operation on a session, by the last part of its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MerchantOperation {
    /// Create the session, or change it.
    Upsert,
    /// Hold what the session buys: Adyen is about to charge.
    Commit,
    /// Learn what became of Adyen's charge.
    Finalize,
    /// Cancel the session, and release what is held.
    Cancel,
    /// Charge a payment token.
    Charge,
}

impl MerchantOperation {
    /// The operation of a path; `None` if there is none. Without a last part, the session itself is meant.
    pub(crate) fn of(last_part: Option<&str>, settings: &AdyenMerchantSettings) -> Option<Self> {
        match last_part {
            None => Some(Self::Upsert),
            Some("commit") => Some(Self::Commit),
            Some("finalize") => Some(Self::Finalize),
            Some("cancel") => Some(Self::Cancel),
            Some(part) => (part == settings.token_route).then_some(Self::Charge),
        }
    }

    /// Its part of the path that idempotency keys belong to.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Upsert => "session",
            Self::Commit => "commit",
            Self::Finalize => "finalize",
            Self::Cancel => "cancel",
            Self::Charge => "charge",
        }
    }
}
