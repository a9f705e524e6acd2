//! `[feeds]`: how often it is looked how far what was uploaded is from what the plugins say.

use std::time::Duration;

use super::section::Section;

/// Audits of feeds that the host makes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedAuditConfig {
    /// `audit_seconds`: pause between two audits, of which each is one event in the log; 0 for none. Default: 3600.
    pub interval: Option<Duration>,
    /// `audit_sample`: items of each destination that an audit compares, 1 to 100000. Default: 100.
    pub sample: usize,
}

impl FeedAuditConfig {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let seconds = section.number("audit_seconds", 0..=604_800).unwrap_or(3600);
        let sample = section.number("audit_sample", 1..=100_000).unwrap_or(100);
        section.finish();
        Self {
            interval: Some(Duration::from_secs(seconds)).filter(|interval| !interval.is_zero()),
            sample,
        }
    }
}
