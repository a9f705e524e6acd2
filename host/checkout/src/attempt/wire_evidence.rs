//! How much of a charge request may have reached the processor, as the host's own connection saw it.

use serde::{Deserialize, Serialize};

/// How much of a charge request may have reached the processor, from nothing to a complete response.
///
/// The host's connection counts it; the plugin is not asked, because what a plugin says cannot prove that nothing was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireEvidence {
    /// No request was made.
    #[default]
    NothingSent,
    /// No TCP connection: the name does not resolve, the address is refused, or the connect failed.
    NotConnected,
    /// TCP connected and the TLS handshake failed.
    TlsFailed,
    /// Connected, and no byte of the request was written.
    ZeroBytesWritten,
    /// Bytes of the request were written, or may have been. A charge that is about to be sent is stored with this.
    #[serde(alias = "maybe_sent")]
    SomeBytesWritten,
    /// The whole request was written, and no response began.
    FullRequest,
    /// A response began and cannot be used: it broke off, is not valid HTTP, or decides nothing.
    StatusLineSeen,
    /// A complete response was received.
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

    /// Whether part of the request may have reached the processor; only the processor can then say what became of it.
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

    /// Whether a request may have arrived that has no usable response.
    #[must_use]
    pub const fn is_open(self) -> bool {
        self.may_have_arrived() && !matches!(self, Self::Answered)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use serde::de::IntoDeserializer;
    use serde::de::value::Error;
    use serde::{Deserialize, Serialize};

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
