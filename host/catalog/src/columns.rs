//! The columns of the four feeds (<https://docs.stripe.com/agentic-commerce/product-feed>): the one table of their names, their
//! codes in the store, and what a cell of each may be.

mod kind;
mod table;

use tillhouse_checkout::feed::FeedType;

pub(crate) use kind::Kind;
pub use table::COLUMNS;
pub(crate) use table::code;

/// A set of feed types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feeds(u8);

impl Feeds {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const PRODUCT: Self = Self(1);
    pub(crate) const INVENTORY: Self = Self(2);
    pub(crate) const PRICING: Self = Self(4);
    pub(crate) const PROMOTION: Self = Self(8);

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a feed of this type is in the set. A type that this release does not know is in none.
    #[must_use]
    pub const fn has(self, feed: &FeedType) -> bool {
        let of = match feed {
            FeedType::Product => Self::PRODUCT,
            FeedType::Inventory => Self::INVENTORY,
            FeedType::Pricing => Self::PRICING,
            FeedType::Promotion => Self::PROMOTION,
            FeedType::Other(_) => Self::NONE,
        };
        self.0 & of.0 != 0
    }
}

/// A column of a feed.
#[derive(Debug)]
pub struct Column {
    /// Its name in a header.
    pub name: &'static str,
    /// Its code in stored rows: permanent, never used again for another column.
    pub code: u8,
    /// The feeds that have it at Stripe. None, if only the host reads it.
    pub feeds: Feeds,
    /// The feeds of which each row needs it at Stripe.
    pub required: Feeds,
    /// The feeds of which each row needs it, so that its item can be sold.
    pub essential: Feeds,
    /// Whether a wrong cell keeps the item from being sold; otherwise only from being uploaded.
    pub sells: bool,
    /// What a cell may be.
    pub(crate) kind: Kind,
    /// When a cell is needed, in words.
    pub requirement: &'static str,
}

impl Column {
    /// What a cell may be, in words.
    #[must_use]
    pub fn limit(&self) -> String {
        self.kind.to_string()
    }
}

/// A column by its name; `None` if the host does not know it and keeps its cells for plugins only.
#[must_use]
pub fn column(name: &str) -> Option<&'static Column> {
    COLUMNS.iter().find(|column| column.name == name)
}

/// The column whose cells are the ids of a feed's rows.
#[must_use]
pub const fn key(feed: &FeedType) -> &'static Column {
    match feed {
        FeedType::Promotion => table::of(code::PROMOTION_ID),
        _ => table::of(code::ID),
    }
}

/// A column by its code; `None` if a later release has written it.
pub(crate) fn by_code(code: u8) -> Option<&'static Column> {
    COLUMNS.get(usize::from(code).checked_sub(1)?)
}

pub(crate) const fn of(code: u8) -> &'static Column {
    table::of(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_count_from_one_without_a_gap() {
        for (index, known) in COLUMNS.iter().enumerate() {
            assert_eq!(usize::from(known.code), index + 1, "{}", known.name);
            assert_eq!(by_code(known.code).unwrap().name, known.name);
            assert_eq!(column(known.name).unwrap().code, known.code, "twice: {}", known.name);
        }
        assert!(by_code(0).is_none());
    }

    #[test]
    fn a_code_that_was_given_stays() {
        let some = [
            "id",
            "price",
            "availability",
            "sale_price",
            "inventory_quantity",
            "shipping_type",
            "promotion_id",
        ];
        let codes = some.map(|name| column(name).unwrap().code);
        assert_eq!(codes, [1, 38, 33, 39, 37, 62, 63]);
    }
}
