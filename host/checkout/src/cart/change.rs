//! What a request does to one member of the cart.

/// A change of a member that need not be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// The request does not mention it: it stays as it is.
    #[default]
    Keep,
    /// The request takes it away.
    Clear,
    /// The request gives a new value, which replaces the old one.
    Set(T),
}

impl<T> Change<T> {
    /// Convert the new value.
    #[must_use]
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(new) => Change::Set(convert(new)),
        }
    }

    /// The new value, if there is one.
    #[must_use]
    pub fn new_value(self) -> Option<T> {
        match self {
            Self::Set(new) => Some(new),
            Self::Keep | Self::Clear => None,
        }
    }

    /// The member after the change.
    #[must_use]
    pub fn apply(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Keep => old,
            Self::Clear => None,
            Self::Set(new) => Some(new),
        }
    }
}

impl<T> From<Option<T>> for Change<T> {
    /// A change by a request that cannot take a member away: without a value, the old one stays.
    fn from(given: Option<T>) -> Self {
        given.map_or(Self::Keep, Self::Set)
    }
}
