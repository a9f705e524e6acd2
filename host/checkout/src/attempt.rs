//! An attempt at paying a checkout: its recovery points and what is known of the money.

mod state;

use serde::{Deserialize, Serialize};

use super::decision::{OrderIdentity, Reservation};
use super::ids::{AttemptId, MerchantId, ProcessorReference, SessionId, TokenId};
use super::money::Money;
use super::payer::Payer;
use super::people::Address;
use super::time::Timestamp;

pub use state::AttemptState;

/// How much of a charge request may have reached the processor, in the order in which a request goes its way. The host sees
/// it; the plugin is not asked (reliability reference §1.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireEvidence {
    /// No request was made.
    #[default]
    NothingSent,
    /// No connection came about: no name, no address, nobody listening.
    NotConnected,
    /// A connection came about and no TLS session on it.
    TlsFailed,
    /// A connection came about, and no byte of the request was written to it.
    ZeroBytesWritten,
    /// Bytes of the request were written, or may have been. What a charge that is about to be sent is stored with.
    #[serde(alias = "maybe_sent")]
    SomeBytesWritten,
    /// The whole request was written, and no answer began.
    FullRequest,
    /// An answer began, and is of no use: it broke off, is none that HTTP allows, or decides nothing.
    StatusLineSeen,
    /// A complete answer was received.
    Answered,
}

impl WireEvidence {
    /// Every level, in order, for tables and tests.
    pub const ALL: [Self; 8] = [
        Self::NothingSent,
        Self::NotConnected,
        Self::TlsFailed,
        Self::ZeroBytesWritten,
        Self::SomeBytesWritten,
        Self::FullRequest,
        Self::StatusLineSeen,
        Self::Answered,
    ];

    /// Whether some of the request may have reached the processor: what became of it is then for the processor to say.
    #[must_use]
    pub const fn may_have_arrived(self) -> bool {
        match self {
            Self::NothingSent | Self::NotConnected | Self::TlsFailed | Self::ZeroBytesWritten => false,
            Self::SomeBytesWritten | Self::FullRequest | Self::StatusLineSeen | Self::Answered => true,
        }
    }

    /// Whether it is proven that no byte of the request left: the only ground on which a charge may be called not sent.
    #[must_use]
    pub const fn nothing_left(self) -> bool {
        !self.may_have_arrived()
    }

    /// Whether a request may have arrived that has no usable answer.
    #[must_use]
    pub const fn is_open(self) -> bool {
        self.may_have_arrived() && !matches!(self, Self::Answered)
    }
}

/// An attempt.
///
/// Invariant: no field holds card data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// Whose.
    pub merchant: MerchantId,
    /// The checkout that it pays.
    pub session: SessionId,
    /// What pays it. Stored as `token`, or as `nothing_due`.
    #[serde(flatten)]
    pub payer: Payer,
    /// What is charged: the total of the confirmed revision.
    pub amount: Money,
    /// How far it is.
    pub state: AttemptState,
    /// Key of the resolve call to Stripe.
    pub resolve_key: String,
    /// Key of the charge at the processor.
    pub charge_key: String,
    /// Key of the report to Stripe.
    pub report_key: String,
    /// Our reference of the charge at the processor.
    pub reference: String,
    /// The order that it would become.
    pub order: OrderIdentity,
    /// The stock that it holds.
    pub reservation: Reservation,
    /// The codes whose use it took.
    pub redeemed: Vec<String>,
    /// Billing address, kept so that the charge can be sent again with the same bytes.
    #[serde(default)]
    pub billing: Option<Address>,
    /// SHA-256 of the charge request before card data was filled in.
    pub charge_digest: Option<String>,
    /// Where the charge goes: the processor's plugin and its upstreams. It is looked up there and nowhere else.
    #[serde(default)]
    pub destination: Option<String>,
    /// What the wire saw.
    pub wire: WireEvidence,
    /// The processor's reference, once known.
    pub processor_reference: Option<ProcessorReference>,
    /// Why it was declined or failed.
    pub reason: Option<String>,
    /// When it began: `initiated_at` of the report.
    pub initiated: Timestamp,
    /// When the charge was sent.
    pub charge_sent: Option<Timestamp>,
    /// Since when its outcome is unknown: the last moment at which something may have been on its way.
    #[serde(default)]
    pub unknown_since: Option<Timestamp>,
    /// When its outcome was known.
    pub settled: Option<Timestamp>,
    /// How often somebody tried to find out what became of it.
    #[serde(default)]
    pub tries: u32,
    /// Nobody needs to look at it before then.
    #[serde(default)]
    pub next_try: Option<Timestamp>,
    /// It ended, and its token was never resolved: the store lets the token pay another attempt.
    #[serde(default)]
    pub token_unused: bool,
    /// Which lease this copy was read under. The store sets it, and compares it with every write.
    #[serde(skip)]
    pub epoch: u64,
}

impl Attempt {
    /// The token that pays it, if one does.
    #[must_use]
    pub const fn token(&self) -> Option<&TokenId> {
        self.payer.token()
    }

    /// Whether it may be in its state after that one.
    #[must_use]
    pub const fn may_follow(&self, before: AttemptState) -> bool {
        self.payer.may_move(before, self.state)
    }

    /// Whether whoever writes it keeps its lease: a task drives it on. One that is to be looked at later is for any host to claim.
    #[must_use]
    pub const fn keeps_lease(&self) -> bool {
        self.state.is_driven() && self.next_try.is_none()
    }

    /// Whether its token may have been used up. Resolving burns a token (reliability reference §0.1), and `Resolving` is committed
    /// before that is tried. `Failed` says nothing by itself: what was burned before stays burned.
    #[must_use]
    pub const fn burns_token(&self) -> bool {
        self.token().is_some()
            && !self.token_unused
            && !matches!(self.state, AttemptState::Reserved | AttemptState::Failed)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use serde::de::IntoDeserializer;
    use serde::de::value::Error;
    use serde::{Deserialize, Serialize};

    use super::AttemptState::{self, *};
    use super::WireEvidence;

    /// The name under which a level of evidence is stored.
    struct Stored(WireEvidence);

    impl fmt::Display for Stored {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.serialize(f)
        }
    }

    fn read(name: &'static str) -> WireEvidence {
        let name: serde::de::value::StrDeserializer<'_, Error> = name.into_deserializer();
        WireEvidence::deserialize(name).unwrap()
    }

    #[test]
    fn an_attempt_moves_only_along_its_recovery_points() {
        let allowed = [
            (Reserved, Resolving),
            (Reserved, Unknown),
            (Reserved, Failed),
            (Resolving, Resolving),
            (Resolving, Charging),
            (Resolving, Unknown),
            (Resolving, Failed),
            (Charging, Approved),
            (Charging, Declined),
            (Charging, Unknown),
            (Charging, NeedsReview),
            (Charging, Voiding),
            (Charging, Failed),
            (Unknown, Approved),
            (Unknown, Declined),
            (Unknown, Unknown),
            (Unknown, NeedsReview),
            (Unknown, Voiding),
            (Unknown, Voided),
            (NeedsReview, Approved),
            (NeedsReview, Declined),
            (NeedsReview, Unknown),
            (NeedsReview, NeedsReview),
            (NeedsReview, Voiding),
            (NeedsReview, Voided),
            (Voiding, Voiding),
            (Voiding, Voided),
            (Voiding, NeedsReview),
        ];
        for from in AttemptState::ALL {
            for to in AttemptState::ALL {
                assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from:?} -> {to:?}");
            }
        }
    }

    #[test]
    fn an_attempt_that_is_not_over_is_live() {
        for state in AttemptState::ALL {
            assert!(!state.is_open() || state.is_live(), "{state:?}");
            assert_eq!(AttemptState::named(state.name()), Some(state));
        }
    }

    #[test]
    fn only_a_known_refusal_lets_another_attempt_begin() {
        let ended: Vec<_> = AttemptState::ALL.into_iter().filter(|state| !state.is_live()).collect();
        assert_eq!(ended, [Declined, Voided, Failed]);
    }

    #[test]
    fn only_the_first_four_levels_of_evidence_prove_that_nothing_left() {
        let proven: Vec<_> = WireEvidence::ALL
            .into_iter()
            .filter(|wire| wire.nothing_left())
            .collect();
        assert_eq!(proven, WireEvidence::ALL[..4]);
        assert!(WireEvidence::ALL.is_sorted());
        let open: Vec<_> = WireEvidence::ALL.into_iter().filter(|wire| wire.is_open()).collect();
        assert_eq!(open, WireEvidence::ALL[4..7]);
    }

    #[test]
    fn evidence_is_stored_under_names_that_stay_and_older_names_are_read() {
        let names = [
            "nothing_sent",
            "not_connected",
            "tls_failed",
            "zero_bytes_written",
            "some_bytes_written",
            "full_request",
            "status_line_seen",
            "answered",
        ];
        for (wire, name) in WireEvidence::ALL.into_iter().zip(names) {
            assert_eq!(Stored(wire).to_string(), name);
            assert_eq!(read(name), wire);
        }
        assert_eq!(read("maybe_sent"), WireEvidence::SomeBytesWritten);
    }
}
