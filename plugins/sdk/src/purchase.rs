//! What is bought, with every amount of the quote, as orders and charges get it.

pub use crate::bindings::tillhouse::merchant::purchase::{
    Purchase, PurchasedDiscount, PurchasedFee, PurchasedLine, PurchasedOption, TaxPart, Totals,
};
