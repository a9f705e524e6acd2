//! `[retention]`: how long what has ended is kept.

use std::time::Duration;

use tillhouse_payments::Retention;

use super::section::Section;

/// How long what has ended is kept. `None` keeps the built-in value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetentionConfig {
    /// `unpaid_days`: checkouts that were canceled or expired and for which no money was taken, with their attempts. 3 to 3650 days;
    /// answers under an idempotency key are gone before that.
    pub unpaid: Option<Duration>,
    /// `paid_days`: completed checkouts with their attempts and orders. 180 to 36500 days, so that a refund or a dispute still finds its
    /// payment; without it they are kept.
    pub paid: Option<Duration>,
    /// `messages_days`: messages that were delivered, to Stripe, plugins and webhook targets. 1 to 365 days.
    pub delivered: Option<Duration>,
    /// `events_days`: messages that were given up, and events received. 7 to 365 days.
    pub ended: Option<Duration>,
    /// `audit_days`: records of the audit log. 90 to 36500 days.
    pub audit: Option<Duration>,
    /// `feeds_days`: uploads of feeds that are over, with the rows that were refused. 7 to 3650 days, and 90 without it. The last one of each
    /// kind stays, and what later ones are made after.
    pub feeds: Option<Duration>,
}

impl RetentionConfig {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let mut days = |key, allowed| {
            let days: Option<u64> = section.number(key, allowed);
            days.map(|days| Duration::from_secs(days * 24 * 3600))
        };
        let config = Self {
            unpaid: days("unpaid_days", 3..=3_650),
            paid: days("paid_days", 180..=36_500),
            delivered: days("messages_days", 1..=365),
            ended: days("events_days", 7..=365),
            audit: days("audit_days", 90..=36_500),
            feeds: days("feeds_days", 7..=3_650),
        };
        section.finish();
        config
    }

    /// The configured times, and `built_in` for the rest.
    #[must_use]
    pub fn over(&self, built_in: &Retention) -> Retention {
        Retention {
            unpaid: self.unpaid.unwrap_or(built_in.unpaid),
            paid: self.paid.or(built_in.paid),
            delivered: self.delivered.unwrap_or(built_in.delivered),
            ended: self.ended.unwrap_or(built_in.ended),
            audit: self.audit.unwrap_or(built_in.audit),
        }
    }
}
