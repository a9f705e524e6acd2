//! The rules of a quote, with answers that keep them and answers that break them.

mod addresses;
mod inclusive;
mod random;
mod selection;
mod shop;
mod wrong_answers;
