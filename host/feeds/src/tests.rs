//! The saga of an upload against the simulated Stripe.

mod interrupted;
mod loop_of_a_feed;
mod order;
mod promotions;
mod remembered;
mod remembered_offers;
mod rendered;
mod stuck;
mod whatever_happens;
