//! What must never happen, whatever crashes, races or misbehaves.

mod authentication;
mod catalog_versions;
mod commit_with_outcome;
mod compensation;
mod consent;
mod deadlines;
mod declines;
mod expiry;
mod nothing_due;
mod other_quotes;
mod out_of_service;
mod ownership;
mod party_units;
mod plugins;
mod processors;
mod races;
mod refunds;
mod releases;
mod restarts;
mod retrieval;
mod risk_decisions;
mod saturation;
mod stampede;
mod store_down;
mod stripe_api;
mod stripe_approvals;
mod stripe_down;
mod three_d_secure;
mod token_service;
mod tokens;
mod totals;
mod unknown;
mod vault;
mod whole_quotes;

use tillhouse_tests::{eventually, hostile};
