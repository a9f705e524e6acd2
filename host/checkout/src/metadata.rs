//! Metadata of the agent: JSON that the host keeps, shows again and passes on without a meaning of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The members of a metadata object, by their names. The values are JSON of any kind and depth.
///
/// Stored as a list of pairs, as an earlier release of the host did, whose values were texts only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(String, Value)>", into = "Vec<(String, Value)>")]
pub struct Metadata(pub BTreeMap<String, Value>);

impl Metadata {
    /// Maximum size of all members together, written as JSON, in bytes.
    pub const MAX_BYTES: usize = 16 * 1024;

    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is larger than [`Self::MAX_BYTES`].
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        self.to_json().len() > Self::MAX_BYTES
    }

    /// All members as one JSON object without white space, sorted by name.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A map whose keys are texts can always be written.
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// The members as the plugin contract has them: names with hyphens, and texts, which are JSON unless the value is a string.
    pub fn pairs(&self) -> impl Iterator<Item = (String, String)> {
        self.0.iter().map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (name.replace('_', "-"), text)
        })
    }
}

impl From<Vec<(String, Value)>> for Metadata {
    fn from(pairs: Vec<(String, Value)>) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl From<Metadata> for Vec<(String, Value)> {
    fn from(metadata: Metadata) -> Self {
        metadata.0.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nested_values_are_stored_and_read_as_they_were() {
        let members = json!({"po": {"lines": [1, 2.5, null]}, "vip": true, "note": "x"});
        let metadata = Metadata(serde_json::from_value(members).unwrap());
        let stored = serde_json::to_string(&metadata).unwrap();
        assert_eq!(serde_json::from_str::<Metadata>(&stored).unwrap(), metadata);
        assert_eq!(
            metadata.to_json(),
            r#"{"note":"x","po":{"lines":[1,2.5,null]},"vip":true}"#
        );
        let pairs = [("note", "x"), ("po", r#"{"lines":[1,2.5,null]}"#), ("vip", "true")];
        let pairs = pairs.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(metadata.pairs().collect::<Vec<_>>(), pairs);
    }

    #[test]
    fn pairs_of_texts_of_an_earlier_release_are_read() {
        let metadata: Metadata = serde_json::from_str(r#"[["gift-wrap","true"]]"#).unwrap();
        assert_eq!(metadata.0["gift-wrap"], "true");
    }
}
