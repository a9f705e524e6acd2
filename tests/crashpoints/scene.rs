//! What is going on when the host crashes: a first run, or the recovery from an earlier crash.

use std::time::Duration;

use tillhouse_tests::crashpoints::{ArmedPoint, Delays};

/// An item of which one unit is in stock.
pub(crate) const ITEM: &[(&str, u32)] = &[("print-last", 1)];

/// The situation of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scene {
    /// First run: a purchase with a good card.
    Paid,
    /// First run: a purchase with a declined card.
    Declined,
    /// Recovery: the charge was made, but the host did not get the response.
    Found,
    /// Recovery: the charge was about to be sent and never was; in the end its absence is certain.
    Absent,
    /// Recovery: as before, but the charge is sent again before its absence is certain.
    SentAgain,
    /// Recovery: the token was being resolved.
    Resolving,
    /// Recovery: everything was committed, but reports and events were not sent.
    Unreported,
    /// Recovery: the charge was made, but its order cannot be created.
    Voided,
}

/// How long an exchange hangs before its timeout.
pub(crate) const HANG_MS: u64 = 200;

/// Hangs until the driver has killed the host.
const UNTIL_KILLED_MS: u64 = 600_000;

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
        Self::Unreported,
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
            Self::Unreported => "recovery: unreported",
            Self::Voided => "recovery: voided",
        }
    }

    pub(crate) const fn card(self) -> &'static str {
        match self {
            Self::Declined => "pm_card_chargeDeclined",
            _ => "pm_card_visa",
        }
    }

    /// Delays by the host's clock. A charge to be declared absent is checked once, when its absence is certain; a charge to be
    /// sent again is checked often, long before.
    pub(crate) const fn delays(self) -> Delays {
        let (lookup, absence) = match self {
            Self::Absent => (21, 20),
            Self::SentAgain => (1, 3000),
            _ => (1, 60),
        };
        Delays {
            lookup: Duration::from_secs(lookup),
            absence: Duration::from_secs(absence),
        }
    }

    /// The crash point of the first crash; `None` for a first run.
    pub(crate) fn first_crash(self) -> Option<ArmedPoint> {
        let (name, action) = match self {
            Self::Paid | Self::Declined => return None,
            // The host hangs, so that the acquirer has time to make the charge.
            Self::Found | Self::Voided => (format!("{CHARGE}.after_write"), "hang"),
            Self::Absent | Self::SentAgain => (format!("{CHARGE}.before_connect"), "abort"),
            Self::Resolving => (format!("{RESOLVE}.after_write"), "abort"),
            Self::Unreported => ("commit.attempt.approved.after".to_owned(), "abort"),
        };
        Some(ArmedPoint {
            name,
            nth: 1,
            action,
            patience_ms: UNTIL_KILLED_MS,
        })
    }
}
