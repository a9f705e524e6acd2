//! ACP: the session from create to its end.

mod clearing;
mod discount_arithmetic;
mod discounts;
mod ends;
mod purchase;
mod refusals;
mod stock;
mod updates;
