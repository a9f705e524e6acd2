//! Which releases were loaded into a merchant, as its record keeps it across restarts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use tillhouse_checkout::ids::PluginId;
use tillhouse_checkout::time::Timestamp;
use tillhouse_payments::operator::served::{ReleaseSource, ReleaseView};

/// Version of the record's format.
const VERSION: u32 = 1;

/// Number of loaded releases that are kept for the way back. Loading another one forgets the oldest.
const KEPT: usize = 10;

/// A release that an operator loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LoadedRelease {
    /// SHA-256 of the component, in hex: the name of its copy.
    pub(super) sha256: String,
    /// Version, from its manifest.
    pub(super) version: String,
    /// Text of its manifest.
    pub(super) manifest: String,
    /// File name of its manifest.
    pub(super) manifest_name: String,
    /// Path that it was loaded from.
    pub(super) file: String,
    /// When it was loaded.
    pub(super) loaded: Timestamp,
    /// The operator that loaded it.
    pub(super) actor: String,
}

impl LoadedRelease {
    pub(super) fn view(&self) -> ReleaseView {
        ReleaseView {
            version: self.version.clone(),
            sha256: self.sha256.clone(),
            source: ReleaseSource::Loaded,
            file: Some(self.file.clone()),
        }
    }
}

/// The loaded releases of one plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LoadedReleases {
    /// Since when the last of them is in force.
    pub(super) since: Timestamp,
    /// From the oldest to the one in force.
    pub(super) releases: Vec<LoadedRelease>,
}

impl LoadedReleases {
    /// The releases with another one, which is in force from now on.
    pub(super) fn with(mut releases: Vec<LoadedRelease>, next: LoadedRelease) -> Vec<LoadedRelease> {
        releases.push(next);
        let surplus = releases.len().saturating_sub(KEPT);
        releases.drain(..surplus);
        releases
    }
}

/// The loaded releases of one merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ReleaseRecord {
    version: u32,
    /// By plugin; one without loaded releases is not in it.
    pub(super) plugins: BTreeMap<PluginId, LoadedReleases>,
}

impl Default for ReleaseRecord {
    fn default() -> Self {
        Self {
            version: VERSION,
            plugins: BTreeMap::new(),
        }
    }
}

impl ReleaseRecord {
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let record: Self = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if record.version == VERSION {
            Ok(record)
        } else {
            Err(format!(
                "its format is version {}, and this host knows {VERSION}",
                record.version
            ))
        }
    }

    /// Digests of every component that it names.
    pub(super) fn components(&self) -> impl Iterator<Item = &str> {
        let releases = self.plugins.values().flat_map(|plugin| &plugin.releases);
        releases.map(|release| release.sha256.as_str())
    }
}
