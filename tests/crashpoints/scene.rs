//! What goes on when the host falls over: a first run, or the recovery from an earlier fall.

use std::time::Duration;

use tillhouse_tests::crashpoints::{Arming, Waits};

/// There is one of it.
pub(crate) const ITEM: &[(&str, u32)] = &[("print-last", 1)];

/// A scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scene {
    /// A purchase with a card that is good.
    Paid,
    /// A purchase with a card that is declined.
    Declined,
    /// Recovery: the charge was made, and nobody here knows.
    Found,
    /// Recovery: the charge was about to be sent, and never was; in the end that is certain.
    Absent,
    /// Recovery: the same, and it is sent again before that is certain.
    SentAgain,
    /// Recovery: the token was being resolved.
    Resolving,
    /// Recovery: everything was committed, and nobody was told.
    Untold,
    /// Recovery: the charge was made, and its order cannot be.
    Voided,
}

/// How long an exchange hangs before it runs into its bound.
pub(crate) const HANGS_MS: u64 = 200;

/// Until the driver has killed the host.
const FOR_GOOD_MS: u64 = 600_000;

const CHARGE: &str = "effect.POST /v1/charges";
const RESOLVE: &str = "effect.POST /v1/shared_payment/granted_tokens/*/resolve";

impl Scene {
    pub(crate) const ALL: [Self; 8] = [
        Self::Paid,
        Self::Declined,
        Self::Found,
        Self::Absent,
        Self::SentAgain,
        Self::Resolving,
        Self::Untold,
        Self::Voided,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Paid => "first run: paid",
            Self::Declined => "first run: declined",
            Self::Found => "recovery: found",
            Self::Absent => "recovery: absent",
            Self::SentAgain => "recovery: sent again",
            Self::Resolving => "recovery: resolving",
            Self::Untold => "recovery: untold",
            Self::Voided => "recovery: voided",
        }
    }

    pub(crate) const fn card(self) -> &'static str {
        match self {
            Self::Declined => "pm_card_chargeDeclined",
            _ => "pm_card_visa",
        }
    }

    /// By the clock of the host. Where the charge is to be called absent it is looked up once, when that is certain; where it is
    /// to be sent again it is looked up often, long before.
    pub(crate) const fn waits(self) -> Waits {
        let (lookup, absence) = match self {
            Self::Absent => (21, 20),
            Self::SentAgain => (1, 3000),
            _ => (1, 60),
        };
        Waits {
            lookup: Duration::from_secs(lookup),
            absence: Duration::from_secs(absence),
        }
    }

    /// Where the host fell the first time, for a recovery.
    pub(crate) fn first_fall(self) -> Option<Arming> {
        let (name, action) = match self {
            Self::Paid | Self::Declined => return None,
            // It hangs, so that the acquirer has the time to make the charge.
            Self::Found | Self::Voided => (format!("{CHARGE}.after_write"), "hang"),
            Self::Absent | Self::SentAgain => (format!("{CHARGE}.before_connect"), "abort"),
            Self::Resolving => (format!("{RESOLVE}.after_write"), "abort"),
            Self::Untold => ("commit.attempt.approved.after".to_owned(), "abort"),
        };
        Some(Arming {
            name,
            nth: 1,
            action,
            patience_ms: FOR_GOOD_MS,
        })
    }
}
