//! What must never happen, whatever crashes, races or lies.

mod declines;
pub(crate) mod eventually;
mod hostile;
mod plugins;
mod processors;
mod races;
mod restarts;
mod saturation;
mod store_down;
mod stripe_down;
mod tokens;
mod totals;
mod unknown;
