//! The kind that an agent takes a chosen option for.

use super::FulfillmentKind;

/// What the request says of the kind of an option that it chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedKind {
    /// One of the four kinds.
    Exactly(FulfillmentKind),
    /// Anything but a download: the protocol has no other kinds, and shows pickups and local deliveries as parcels.
    NotDigital,
}

impl ExpectedKind {
    /// The kind that the request names.
    #[must_use]
    pub const fn named(self) -> FulfillmentKind {
        match self {
            Self::Exactly(kind) => kind,
            Self::NotDigital => FulfillmentKind::Shipping,
        }
    }

    /// Whether an option that is shown as this kind is what the agent takes it for.
    #[must_use]
    pub fn fits(self, shown: FulfillmentKind) -> bool {
        match self {
            Self::Exactly(kind) => kind == shown,
            Self::NotDigital => shown != FulfillmentKind::Digital,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_protocol_shows_as_a_parcel_fits_its_parcel() {
        use FulfillmentKind::{Digital, LocalDelivery, Pickup, Shipping};
        for (shown, is_parcel_there, is_parcel) in [
            (Shipping, true, true),
            (Pickup, true, false),
            (LocalDelivery, true, false),
            (Digital, false, false),
        ] {
            assert_eq!(ExpectedKind::NotDigital.fits(shown), is_parcel_there, "{shown:?}");
            assert_eq!(ExpectedKind::Exactly(Shipping).fits(shown), is_parcel, "{shown:?}");
        }
    }
}
