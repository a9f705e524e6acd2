//! `[catalogs]`: when the merchants' catalog files are read again, how large they may be, and how long a version is kept.

use std::time::Duration;

use super::section::Section;
use tillhouse_catalog::CatalogCacheSettings;

const MEGABYTE: u64 = 1024 * 1024;

/// How the merchants' catalogs are imported and kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatalogsConfig {
    /// `poll_ms`: how often the files are looked at for changes; 0 for never: only by `tillhouse catalog reload`. Default: 2000.
    pub poll: Option<Duration>,
    /// `max_mb`: largest file that is imported. Default: 8192.
    pub max_bytes: u64,
    /// `grace_seconds`: a checkout goes on with the version that it was quoted with for this long after another one came into
    /// force. Default: 900. `cache_mb`: memory for items that were read. Default: 64.
    pub kept: CatalogCacheSettings,
}

impl CatalogsConfig {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let poll = section
            .millis("poll_ms", 0..=3_600_000)
            .unwrap_or(Duration::from_secs(2));
        let max_bytes = section.number("max_mb", 1..=65_536).unwrap_or(8192_u64) * MEGABYTE;
        let kept = CatalogCacheSettings::default();
        let grace: Option<u64> = section.number("grace_seconds", 0..=86_400);
        let cache: Option<u64> = section.number("cache_mb", 1..=16_384);
        section.finish();
        Self {
            poll: Some(poll).filter(|poll| !poll.is_zero()),
            max_bytes,
            kept: CatalogCacheSettings {
                bytes: cache.map_or(kept.bytes, |megabytes| megabytes * MEGABYTE),
                grace: grace.map_or(kept.grace, Duration::from_secs),
            },
        }
    }
}
