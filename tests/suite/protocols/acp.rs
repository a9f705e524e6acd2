//! ACP: the session from create to its end.

mod clearing;
mod discount_arithmetic;
mod discounts;
mod ends;
mod groups;
mod purchase;
mod refusals;
mod statuses;
mod stock;
mod updates;
