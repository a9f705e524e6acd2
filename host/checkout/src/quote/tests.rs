//! The rules of a quote, with answers that keep them and answers that break them.

mod addresses;
mod digest;
mod expectations;
mod groups;
mod inclusive;
mod party_limits;
mod random;
mod readiness;
mod selection;
mod shop;
mod wrong_answers;
