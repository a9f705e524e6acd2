//! The merchant's processor behind its plugin.

mod charge;
mod powers;
mod processor;
