//! What the protocols promise, over real HTTP.

mod acp;
