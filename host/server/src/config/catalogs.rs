//! `[catalogs]`: when the merchants' catalog files are read again.

use std::time::Duration;

use super::section::Section;

/// When the merchants' catalog files are read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatalogsConfig {
    /// `poll_ms`: how often the files are looked at for changes; 0 for never: only by `tillhouse catalog reload`. Default: 2000.
    pub poll: Option<Duration>,
}

impl CatalogsConfig {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let poll = section
            .millis("poll_ms", 0..=3_600_000)
            .unwrap_or(Duration::from_secs(2));
        section.finish();
        Self {
            poll: Some(poll).filter(|poll| !poll.is_zero()),
        }
    }
}
