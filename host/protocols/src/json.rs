//! Parsing of request bodies: bytes to a bounded tree with exact numbers, and from there to the types of a release.
//!
//! Two steps, because the idempotency key is looked up between them: a body is compared with the recorded one before it is
//! checked against the schema of a release.

mod added_members;
mod body_error;
mod canonical;
mod decimal;
mod json_value;
mod read;

pub(crate) use added_members::read_added;
pub(crate) use body_error::{BodyError, BodyErrorKind};
pub(crate) use canonical::{fingerprint, fingerprint_of_nothing, fingerprint_with_cards};
pub(crate) use decimal::Decimal;
pub(crate) use json_value::{JsonValue, parse};
pub(crate) use read::{EXACT, LINES, Nulls, read, read_ignoring_unknown};
