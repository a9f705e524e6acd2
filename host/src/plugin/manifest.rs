//! `plugin.toml`: what a plugin is called, and what authority it asks for. Asking is not getting: the operator grants.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::checkout::ids::PluginId;

/// A manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Id: lower-case letters, digits and dashes, at most 64.
    pub id: PluginId,
    /// Version of the plugin.
    pub version: String,
    /// Version of the contract: `tillhouse:merchant@0.1`.
    pub api: String,
    /// Where it wants to send requests.
    pub upstreams: Vec<UpstreamWish>,
}

/// An upstream that a plugin asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamWish {
    /// The name that its requests use.
    pub name: String,
    /// What for, for the operator.
    #[serde(default)]
    pub description: Option<String>,
    /// Hosts it is meant for; empty where the operator decides.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Secrets that are filled into its requests.
    #[serde(default)]
    pub secrets: BTreeSet<String>,
    /// Credential slots that are filled into its requests.
    #[serde(default)]
    pub credential_slots: BTreeSet<String>,
}

/// What is wrong with a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Not TOML, or not in this form.
    #[error("plugin.toml: {0}")]
    Form(String),
    /// A value that cannot be.
    #[error("plugin.toml: {key}: {reason}")]
    Value {
        /// Where.
        key: String,
        /// What is wrong and what would be right.
        reason: String,
    },
}

#[derive(Deserialize)]
struct File {
    plugin: Head,
    #[serde(default)]
    upstream: Vec<UpstreamWish>,
}

#[derive(Deserialize)]
struct Head {
    id: String,
    version: String,
    api: String,
}

impl Manifest {
    /// Read a manifest. Tables that the host does not know (`[config]`, `[provides]` …) are for tools and ignored.
    ///
    /// # Errors
    /// Everything that is wrong with the values; the form stops at its first mistake.
    pub fn parse(text: &str) -> Result<Self, Vec<ManifestError>> {
        let file: File = toml::from_str(text).map_err(|error| vec![ManifestError::Form(error.to_string())])?;
        let mut errors = Vec::new();
        let mut wrong = |key: &str, reason: &str| {
            errors.push(ManifestError::Value {
                key: key.to_owned(),
                reason: reason.to_owned(),
            });
        };
        if !is_name(&file.plugin.id) {
            wrong("plugin.id", "must be 1 to 64 lower-case letters, digits and dashes");
        }
        if file.plugin.version.is_empty() || file.plugin.version.len() > 64 {
            wrong("plugin.version", "must be 1 to 64 characters, as in 1.0.0");
        }
        if !matches!(
            file.plugin.api.as_str(),
            "tillhouse:merchant@0.1" | "tillhouse:merchant@0.1.0"
        ) {
            wrong(
                "plugin.api",
                "must be tillhouse:merchant@0.1, which is what this host speaks",
            );
        }
        let mut seen = BTreeSet::new();
        for upstream in &file.upstream {
            if !is_name(&upstream.name) {
                wrong("upstream.name", "must be 1 to 64 lower-case letters, digits and dashes");
            }
            if !seen.insert(&upstream.name) {
                wrong("upstream.name", "must be there once");
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self {
            id: PluginId::new(file.plugin.id),
            version: file.plugin.version,
            api: file.plugin.api,
            upstreams: file.upstream,
        })
    }
}

fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_names_the_authority_it_asks_for() {
        let manifest = Manifest::parse(
            r#"
            [plugin]
            id = "sandbox-processor"
            version = "0.1.0"
            api = "tillhouse:merchant@0.1"
            [[upstream]]
            name = "acquirer"
            secrets = ["api_key"]
            credential_slots = ["number", "exp-month"]
            "#,
        )
        .unwrap();
        assert_eq!(manifest.id.as_str(), "sandbox-processor");
        let upstream = manifest.upstreams.first().unwrap();
        assert!(upstream.secrets.contains("api_key") && upstream.credential_slots.contains("number"));
    }

    #[test]
    fn every_wrong_value_is_reported() {
        let errors = Manifest::parse(
            "[plugin]\nid = \"A B\"\nversion = \"\"\napi = \"tillhouse:merchant@9\"\n[[upstream]]\nname = \"x\"\n[[upstream]]\nname = \"x\"\n",
        )
        .unwrap_err();
        assert_eq!(errors.len(), 4, "{errors:?}");
        let unknown = "[plugin]\nid=\"a\"\nversion=\"1\"\napi=\"x\"\n[[upstream]]\nname=\"x\"\nscopes=[]\n";
        assert!(matches!(
            Manifest::parse(unknown).unwrap_err().as_slice(),
            [ManifestError::Form(_)]
        ));
    }
}
