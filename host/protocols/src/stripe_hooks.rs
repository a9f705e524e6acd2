//! Stripe's lighter hooks, for a merchant who is paid through Stripe: it runs the checkout and takes the payment, and asks the merchant to
//! approve the order, for shipping options and tax rates, and for the price and stock of a product.
//!
//! They come to the endpoint of Stripe's events, signed with a secret of their own, and are questions: the answer decides. What Stripe
//! reports of such a checkout afterwards are events (`events`). `README.md` has every member.

mod answer;
mod approval;
mod call;
mod comparison;
mod customization;
mod envelope;
mod errors;
mod events;
mod from_wire;
mod price_availability;
mod tax_rates;
mod to_wire;
mod wire;

#[cfg(test)]
mod tests;

pub(crate) use call::answer;
pub(crate) use envelope::is_hook;
pub(crate) use events::report;
