//! Parses points in time in configurations.

use core::str::FromStr;

pub(crate) const DAY_MS: u64 = 86_400_000;
/// Milliseconds of an hour.
pub(crate) const HOUR_MS: u64 = 3_600_000;

/// Difference between the local time of a shop and UTC: `-08:00`, `+05:30` or `Z`. It is fixed: daylight saving time does not change
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UtcOffset {
    minutes: i64,
}

impl UtcOffset {
    pub(crate) const UTC: Self = Self { minutes: 0 };

    /// A point in time that is so many milliseconds after the local epoch; `None` before 1970.
    fn utc(self, local_ms: u64) -> Option<u64> {
        local_ms.checked_add_signed(self.minutes.checked_neg()?.checked_mul(60_000)?)
    }
}

impl FromStr for UtcOffset {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case("z") {
            return Ok(Self::UTC);
        }
        let read = || {
            let (sign, rest) = match text.split_at_checked(1)? {
                ("+", rest) => (1, rest),
                ("-", rest) => (-1, rest),
                _ => return None,
            };
            let (hours, minutes) = rest.split_once(':')?;
            let minutes = part(hours, 2, 14)? * 60 + part(minutes, 2, 59)?;
            Some(sign * i64::try_from(minutes).ok()?)
        };
        read()
            .map(|minutes| Self { minutes })
            .ok_or("expected the difference to UTC: -08:00, +05:30 or Z")
    }
}

/// Parses `2026-01-31` (midnight at the shop), `2026-01-31T10:00:00Z`, `2026-01-31T10:00:00-08:00` or epoch milliseconds; returns
/// epoch milliseconds.
pub(crate) fn instant(text: &str, shop: UtcOffset) -> Option<u64> {
    if !text.contains('-') {
        return text.parse().ok();
    }
    let Some((date, time)) = text.split_once(['T', 't']) else {
        return shop.utc(midnight(text)?);
    };
    let (time, offset) = time.split_at(time.find(['Z', 'z', '+', '-'])?);
    let mut parts = time.split(':');
    let (hour, minute, second) = (
        part(parts.next()?, 2, 23)?,
        part(parts.next()?, 2, 59)?,
        part(parts.next()?, 2, 60)?,
    );
    if parts.next().is_some() {
        return None;
    }
    let offset: UtcOffset = offset.parse().ok()?;
    offset.utc(midnight(date)? + (hour * 3_600 + minute * 60 + second) * 1_000)
}

/// Like [`instant`], but a date without a time means the end of that day: a sale that ends on the 31st includes the 31st.
pub(crate) fn end(text: &str, shop: UtcOffset) -> Option<u64> {
    let date_alone = text.contains('-') && !text.contains(['T', 't']);
    Some(instant(text, shop)? + if date_alone { DAY_MS } else { 0 })
}

fn midnight(date: &str) -> Option<u64> {
    let mut parts = date.split('-');
    let (year, month, day) = (
        part(parts.next()?, 4, 9_999)?,
        part(parts.next()?, 2, 12)?,
        part(parts.next()?, 2, 31)?,
    );
    if parts.next().is_some() || year < 1970 || month == 0 || day == 0 || day > month_length(year, month) {
        return None;
    }
    Some(days_since_epoch(year, month, day) * DAY_MS)
}

fn part(text: &str, digits: usize, max: u64) -> Option<u64> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|value| plain && *value <= max)
}

fn month_length(year: u64, month: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since the Unix epoch in the proleptic Gregorian calendar. Years start in March here, so that the leap day comes last.
fn days_since_epoch(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year / 400, year % 400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn dates_times_and_milliseconds_are_read() {
        for (text, ms) in [
            ("1970-01-01", 0),
            ("2024-02-29", 1_709_164_800_000),
            ("2026-01-01T00:00:00Z", 1_767_225_600_000),
            ("2026-01-01T01:02:03Z", 1_767_229_323_000),
            ("2026-01-01T00:00:00+00:00", 1_767_225_600_000),
            ("2025-12-31T16:00:00-08:00", 1_767_225_600_000),
            ("2026-01-01T05:30:00+05:30", 1_767_225_600_000),
            ("1767225600000", 1_767_225_600_000),
        ] {
            assert_eq!(instant(text, UtcOffset::UTC), Some(ms), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let wrong = [
            "",
            "soon",
            "2026-13-01",
            "2025-02-29",
            "2026-1-1",
            "2026-01-01T25:00:00Z",
            "2026-01-01T10:00",
            "2026-01-01T10:00:00",
            "2026-01-01T10:00:00 PST",
            "2026-01-01T10:00:00-8:00",
            "2026-01-01T10:00:00+15:00",
            "2026-01-01T10:00:00-08",
            "1970-01-01T00:00:00+01:00",
        ];
        for text in wrong {
            assert_eq!(instant(text, UtcOffset::UTC), None, "{text}");
        }
    }

    #[test]
    fn a_day_named_as_the_end_is_included() {
        assert_eq!(end("1970-01-01", UtcOffset::UTC), Some(DAY_MS));
        assert_eq!(end("1970-01-01T00:00:01Z", UtcOffset::UTC), Some(1_000));
    }

    #[test]
    fn a_date_is_a_day_at_the_shop() {
        let los_angeles: UtcOffset = "-08:00".parse().unwrap();
        assert_eq!(instant("1970-01-02", los_angeles), Some(DAY_MS + 8 * 3_600_000));
        assert_eq!(end("1970-01-02", los_angeles), Some(2 * DAY_MS + 8 * 3_600_000));
        let kolkata: UtcOffset = "+05:30".parse().unwrap();
        assert_eq!(instant("1970-01-02", kolkata), Some(DAY_MS - 330 * 60_000));
        assert_eq!(instant("1970-01-02T00:00:00Z", kolkata), Some(DAY_MS));
        for wrong in ["", "8", "-8:00", "+0530", "PST", "+15:00", "-08:60", "08:00"] {
            assert!(wrong.parse::<UtcOffset>().is_err(), "{wrong}");
        }
    }
}
