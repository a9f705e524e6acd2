//! The rules of a quote, with answers that keep them and answers that break them.

mod addresses;
mod inclusive;
mod selection;
