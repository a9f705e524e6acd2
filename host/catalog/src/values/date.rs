//! Dates, and periods between two of them.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use tillhouse_checkout::time::Timestamp;

use crate::problem::{Fault, shown};
use crate::rule::Rule;

/// A date as it is written.
enum Written {
    /// A time with a zone, or from one.
    Moment(jiff::Timestamp),
    /// A time of day without a zone.
    Local(DateTime),
    Day(Date),
}

/// A period, and what is wrong with it although it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) fault: Option<Fault>,
}

/// A day, or a time of day with a zone.
pub(crate) fn day_or_moment(text: &str) -> Result<(), Fault> {
    match written(text) {
        None => Err(malformed(text, "a date (ISO 8601)", "write it as 2026-02-24")),
        Some(Written::Local(_)) => Err(without_zone(text)),
        Some(Written::Day(_) | Written::Moment(_)) => Ok(()),
    }
}

/// `start/end`, end exclusive. A date without a time is the whole day in UTC, a time without a zone is in UTC.
pub(crate) fn dates(text: &str) -> Result<Period, Fault> {
    period(
        text,
        "two dates with a slash between",
        "write them as 2026-01-01/2026-01-31",
    )
}

/// `start/end` of two times with zones.
pub(crate) fn times(text: &str) -> Result<(), Fault> {
    const HELP: &str = "write them as 2026-01-01T00:00:00Z/2026-02-01T00:00:00Z";
    let found = period(text, "two times with zones and a slash between", HELP)?;
    let days = text
        .split('/')
        .any(|date| matches!(written(date.trim()), Some(Written::Day(_))));
    match found.fault {
        Some(fault) => Err(fault),
        None if days => Err(Fault::new(
            Rule::DateZone,
            format!("is {}, without times", shown(text)),
            HELP,
        )),
        None => Ok(()),
    }
}

fn period(text: &str, expected: &str, help: &'static str) -> Result<Period, Fault> {
    let fault = || malformed(text, expected, help);
    let (start, end) = text.split_once('/').ok_or_else(fault)?;
    let [start, end] = [start, end].map(|date| written(date.trim()));
    let (start, end) = (start.ok_or_else(fault)?, end.ok_or_else(fault)?);
    let local = matches!(start, Written::Local(_)) || matches!(end, Written::Local(_));
    let start = start.moment(false).ok_or_else(fault)?;
    let end = end.moment(true).ok_or_else(fault)?;
    if end <= start {
        let message = format!("is {}, which ends before it starts", shown(text));
        return Err(Fault::new(Rule::DatesOrder, message, "write the earlier date first"));
    }
    Ok(Period {
        start,
        end,
        fault: local.then(|| without_zone(text)),
    })
}

fn malformed(text: &str, expected: &str, help: &'static str) -> Fault {
    Fault::new(Rule::DateForm, format!("is {}, not {expected}", shown(text)), help)
}

fn without_zone(text: &str) -> Fault {
    let message = format!("is {}, a time without a zone", shown(text));
    Fault::new(
        Rule::DateZone,
        message,
        "end it with Z for UTC, or with an offset such as -05:00",
    )
}

fn written(text: &str) -> Option<Written> {
    if !text.contains(['T', 't', ' ']) {
        return text.parse().ok().map(Written::Day);
    }
    if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        return Some(Written::Moment(stamp));
    }
    text.parse().ok().map(Written::Local)
}

impl Written {
    /// The moment; of a day its beginning, or its end.
    fn moment(self, ends: bool) -> Option<Timestamp> {
        let stamp = match self {
            Self::Moment(stamp) => stamp,
            Self::Local(local) => local.to_zoned(TimeZone::UTC).ok()?.timestamp(),
            Self::Day(day) => {
                let day = if ends { day.tomorrow().ok()? } else { day };
                day.to_zoned(TimeZone::UTC).ok()?.timestamp()
            }
        };
        u64::try_from(stamp.as_millisecond()).ok().map(Timestamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_alone_is_its_whole_day() {
        let day = dates("2026-01-01/2026-01-01").unwrap();
        assert_eq!(day.end.millis() - day.start.millis(), 24 * 3600 * 1000);
        assert_eq!(dates("2026-01-02/2026-01-01").unwrap_err().rule, Rule::DatesOrder);
        assert_eq!(dates("2026-01-01").unwrap_err().rule, Rule::DateForm);
        assert_eq!(dates("2026-02-30/2026-03-01").unwrap_err().rule, Rule::DateForm);
    }

    #[test]
    fn a_zone_is_kept_and_a_missing_one_is_utc() {
        let zoned = dates("2026-01-01T00:00:00-05:00/2026-01-02T00:00:00Z").unwrap();
        assert_eq!(zoned.end.millis() - zoned.start.millis(), 19 * 3600 * 1000);
        assert_eq!(zoned.fault, None);
        let local = dates("2026-01-01T00:00:00/2026-01-02T00:00:00").unwrap();
        assert_eq!(local.end.millis() - local.start.millis(), 24 * 3600 * 1000);
        assert_eq!(local.fault.unwrap().rule, Rule::DateZone);
    }

    #[test]
    fn a_time_of_day_needs_a_zone() {
        assert_eq!(day_or_moment("2026-02-24"), Ok(()));
        assert_eq!(day_or_moment("2026-02-24T10:00:00+01:00"), Ok(()));
        assert_eq!(day_or_moment("2026-02-24T10:00:00").unwrap_err().rule, Rule::DateZone);
        assert_eq!(day_or_moment("24.02.2026").unwrap_err().rule, Rule::DateForm);
        assert_eq!(times("2026-05-01T00:00:00Z/2026-12-15T23:59:59Z"), Ok(()));
        assert_eq!(times("2026-05-01/2026-12-15").unwrap_err().rule, Rule::DateZone);
        assert_eq!(
            times("2026-05-01T00:00:00/2026-12-15T00:00:00Z").unwrap_err().rule,
            Rule::DateZone
        );
    }
}
