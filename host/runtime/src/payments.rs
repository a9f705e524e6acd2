//! The merchant's processor behind its plugin.

mod powers;
mod processor;
