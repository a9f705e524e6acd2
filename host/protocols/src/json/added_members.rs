//! Bodies that a release made of those of its predecessor, by adding members.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::{BodyError, BodyErrorKind, JsonValue, Nulls, read};

/// Read the members of an object that a release added to the body of its predecessor, and the rest of the body as before.
///
/// # Errors
/// Those of both. A member that neither has is unknown to both.
pub(crate) fn read_added<Added: DeserializeOwned, Before>(
    body: &JsonValue,
    added: &[&str],
    nulls: Nulls,
    read_before: impl FnOnce(&JsonValue) -> Result<Before, BodyError>,
) -> Result<(Before, Added), BodyError> {
    let (new, before) = split(body, added);
    let new = read(&new, nulls)?;
    let before = read_before(&before).map_err(|error| naming(added, error))?;
    Ok((before, new))
}

fn split(body: &JsonValue, added: &[&str]) -> (JsonValue, JsonValue) {
    let JsonValue::Object(members) = body else {
        return (JsonValue::Object(BTreeMap::new()), body.clone());
    };
    let members = members.clone().into_iter();
    let (new, before) = members.partition(|(name, _)| added.contains(&name.as_str()));
    (JsonValue::Object(new), JsonValue::Object(before))
}

/// The error of an unknown member of the body lists the members that are known: those that were added, too.
fn naming(added: &[&str], mut error: BodyError) -> BodyError {
    if error.kind == BodyErrorKind::Unknown && error.depth() == 1 {
        error.message = format!("{}, {}", error.message, added.join(", "));
    }
    error
}
