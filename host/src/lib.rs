//! Tillhouse: a self-hosted checkout host for agentic commerce. This crate is its command line; `ARCHITECTURE.md` has the map of the
//! crates below it.

pub mod cli;
