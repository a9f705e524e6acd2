//! The rules of a quote, with answers that keep them and answers that break them.

mod addresses;
mod digest;
mod inclusive;
mod party_limits;
mod random;
mod selection;
mod shop;
mod wrong_answers;
