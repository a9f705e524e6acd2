//! What is going on when the host crashes: a first run, or the recovery from an earlier crash.

use std::time::Duration;

use tillhouse_tests::crashpoints::{ArmedPoint, Delays};

use crate::refund;

/// An item of which one unit is in stock.
pub(crate) const ITEM: &[(&str, u32)] = &[("print-last", 1)];

/// The situation of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scene {
    /// First run: a purchase with a good card.
    Paid,
    /// First run: a purchase with a declined card.
    Declined,
    /// First run: a purchase whose buyer authenticates before the token is resolved.
    Authenticated,
    /// First run: a purchase whose buyer authenticates because the acquirer asks for it at the charge.
    AuthenticatedAtCharge,
    /// Recovery: the agent had brought the proof of the authentication, which the host held in memory only.
    ProofLost,
    /// First run: a purchase, and a refund of a part of it.
    Refunded,
    /// Recovery: the refund was made, but the host did not get the response.
    RefundFound,
    /// Recovery: the refund was about to be sent and never was; once its absence is certain, it is sent again.
    RefundSentAgain,
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
    /// First run: Adyen asks to hold the stock, takes the payment and reports it.
    PaidElsewhere,
    /// First run: as before, but the buyer gives up while the stock is held; another one buys it.
    CanceledElsewhere,
    /// First run: as before, but the first payment is refused.
    RefusedElsewhere,
    /// First run: as before, but the session is changed while it is held, and held for another address then.
    ChangedElsewhere,
    /// First run: as before, but the payment is reported only after the hold's time, and an operator settles it.
    PaidTooLate,
    /// Recovery: the file of a merchant was changed while its host was down.
    ImportedAtStart,
    /// First run: the file of a merchant changes.
    ImportedByChange,
    /// First run: an operator imports a file.
    ImportedByOperator,
    /// First run: a feed is uploaded as an import set; Stripe tells when it is read, and refuses a row.
    ToldOfImportSet,
    /// First run: as before, as a catalog import.
    ToldOfCatalogImport,
    /// First run: a feed is uploaded as an import set, and its event is lost.
    UntoldOfImportSet,
    /// First run: as before, as a catalog import.
    UntoldOfCatalogImport,
    /// First run: Stripe asks for approval by its hook, takes the payment and reports it.
    PaidByHook,
    /// First run: as before, but the first checkout expires while the stock is held; another one buys it.
    ExpiredByHook,
}

/// Who acts in a scene, besides the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// An agent that pays with tokens.
    Agent,
    /// Adyen, which takes the payment; the stock is held for so long, by the host's clock.
    Adyen(Duration),
    /// An operator who imports a catalog.
    Importer,
    /// An operator who uploads a feed to Stripe.
    Uploader,
    /// Stripe, which asks by its hooks and takes the payment.
    Hooks,
}

/// How long an exchange hangs before its timeout.
pub(crate) const HANG_MS: u64 = 200;

/// Hangs until the driver has killed the host.
const UNTIL_KILLED_MS: u64 = 600_000;

const CHARGE: &str = "effect.POST /v1/charges";
const REFUND: &str = "effect.POST /v1/charges/*/refunds";
const RESOLVE: &str = "effect.POST /v1/shared_payment/granted_tokens/*/resolve";

impl Scene {
    pub(crate) const ALL: [Self; 28] = [
        Self::Paid,
        Self::Declined,
        Self::Authenticated,
        Self::AuthenticatedAtCharge,
        Self::ProofLost,
        Self::Refunded,
        Self::RefundFound,
        Self::RefundSentAgain,
        Self::Found,
        Self::Absent,
        Self::SentAgain,
        Self::Resolving,
        Self::Unreported,
        Self::Voided,
        Self::PaidElsewhere,
        Self::CanceledElsewhere,
        Self::RefusedElsewhere,
        Self::ChangedElsewhere,
        Self::PaidTooLate,
        Self::ImportedAtStart,
        Self::ImportedByChange,
        Self::ImportedByOperator,
        Self::ToldOfImportSet,
        Self::ToldOfCatalogImport,
        Self::UntoldOfImportSet,
        Self::UntoldOfCatalogImport,
        Self::PaidByHook,
        Self::ExpiredByHook,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Paid => "first run: paid",
            Self::Declined => "first run: declined",
            Self::Authenticated => "first run: authenticated",
            Self::AuthenticatedAtCharge => "first run: authenticated at the charge",
            Self::ProofLost => "recovery: proof lost",
            Self::Refunded => "first run: refunded",
            Self::RefundFound => "recovery: refund found",
            Self::RefundSentAgain => "recovery: refund sent again",
            Self::Found => "recovery: found",
            Self::Absent => "recovery: absent",
            Self::SentAgain => "recovery: sent again",
            Self::Resolving => "recovery: resolving",
            Self::Unreported => "recovery: unreported",
            Self::Voided => "recovery: voided",
            Self::PaidElsewhere => "first run: paid elsewhere",
            Self::CanceledElsewhere => "first run: canceled elsewhere",
            Self::RefusedElsewhere => "first run: refused elsewhere",
            Self::ChangedElsewhere => "first run: changed elsewhere",
            Self::PaidTooLate => "first run: paid too late",
            Self::ImportedAtStart => "recovery: imported at the start",
            Self::ImportedByChange => "first run: imported by a change",
            Self::ImportedByOperator => "first run: imported by an operator",
            Self::ToldOfImportSet => "first run: told of an import set",
            Self::ToldOfCatalogImport => "first run: told of a catalog import",
            Self::UntoldOfImportSet => "first run: untold of an import set",
            Self::UntoldOfCatalogImport => "first run: untold of a catalog import",
            Self::PaidByHook => "first run: paid by hook",
            Self::ExpiredByHook => "first run: expired by hook",
        }
    }

    pub(crate) const fn card(self) -> &'static str {
        match self {
            Self::Declined => "pm_card_chargeDeclined",
            Self::Authenticated | Self::ProofLost => "pm_card_authenticationRequired",
            Self::AuthenticatedAtCharge => "pm_card_authenticationOnCharge",
            _ => "pm_card_visa",
        }
    }

    /// Delays by the host's clock. A charge to be declared absent is checked once, when its absence is certain; a charge to be
    /// sent again is checked often, long before. An upload of which Stripe tells is looked at late, so that the event comes first.
    pub(crate) const fn delays(self, is_disturbed: bool) -> Delays {
        let look = match (self.is_told(), is_disturbed) {
            (false, _) => 1,
            (true, true) => 20,
            // Nothing but the event leads to a look.
            (true, false) => 3000,
        };
        let (lookup, absence) = match self {
            Self::Absent | Self::RefundSentAgain => (21, 20),
            Self::SentAgain => (1, 3000),
            _ => (1, 60),
        };
        Delays {
            lookup: Duration::from_secs(lookup),
            absence: Duration::from_secs(absence),
            look: Duration::from_secs(look),
        }
    }

    /// What is refunded of the order, in cents.
    pub(crate) const fn refunded(self) -> i64 {
        match self {
            Self::Refunded | Self::RefundFound | Self::RefundSentAgain => refund::REFUND,
            _ => 0,
        }
    }

    pub(crate) const fn actor(self) -> Actor {
        match self {
            Self::PaidElsewhere | Self::CanceledElsewhere | Self::RefusedElsewhere | Self::ChangedElsewhere => {
                Actor::Adyen(Duration::from_secs(3600))
            }
            Self::PaidTooLate => Actor::Adyen(Duration::from_secs(20)),
            Self::ImportedAtStart | Self::ImportedByChange | Self::ImportedByOperator => Actor::Importer,
            Self::ToldOfImportSet
            | Self::ToldOfCatalogImport
            | Self::UntoldOfImportSet
            | Self::UntoldOfCatalogImport => Actor::Uploader,
            Self::PaidByHook | Self::ExpiredByHook => Actor::Hooks,
            _ => Actor::Agent,
        }
    }

    /// Whether Stripe tells when it has read a feed.
    pub(crate) const fn is_told(self) -> bool {
        matches!(self, Self::ToldOfImportSet | Self::ToldOfCatalogImport)
    }

    /// Steps that are repeated until something else has happened; only the first time counts.
    pub(crate) const fn repeats(self) -> &'static [&'static str] {
        match self.actor() {
            // It is quoted again and again, to see which version is in force.
            Actor::Importer => &["commit.session.open.new"],
            Actor::Uploader if !self.is_told() => &[
                "commit.feed.processing",
                "effect.GET /v1/data_management/import_sets",
                "effect.GET /v2/commerce/product_catalog/imports",
            ],
            _ => &[],
        }
    }

    /// The crash point of the first crash; `None` for a first run.
    pub(crate) fn first_crash(self) -> Option<ArmedPoint> {
        let (name, action) = match self {
            Self::Paid | Self::Declined | Self::Authenticated | Self::AuthenticatedAtCharge | Self::Refunded => {
                return None;
            }
            _ if self.actor() != Actor::Agent => return None,
            Self::RefundFound => (format!("{REFUND}.after_write"), "hang"),
            Self::RefundSentAgain => (format!("{REFUND}.before_connect"), "abort"),
            Self::ProofLost => ("commit.attempt.reserved.after".to_owned(), "abort"),
            // The host hangs, so that the acquirer has time to make the charge.
            Self::Found | Self::Voided => (format!("{CHARGE}.after_write"), "hang"),
            Self::Absent | Self::SentAgain => (format!("{CHARGE}.before_connect"), "abort"),
            Self::Resolving => (format!("{RESOLVE}.after_write"), "abort"),
            Self::Unreported => ("commit.attempt.approved.after".to_owned(), "abort"),
            _ => return None,
        };
        Some(ArmedPoint {
            name,
            // The proof comes with the second completion, which begins the attempt again.
            nth: if self == Self::ProofLost { 2 } else { 1 },
            action,
            patience_ms: UNTIL_KILLED_MS,
        })
    }
}
