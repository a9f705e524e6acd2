//! Parses points in time in configurations.

pub(crate) const DAY_MS: u64 = 86_400_000;

/// Parses `2026-01-31` (midnight UTC), `2026-01-31T10:00:00Z` or epoch milliseconds; returns epoch milliseconds.
pub(crate) fn instant(text: &str) -> Option<u64> {
    if !text.contains('-') {
        return text.parse().ok();
    }
    let Some((date, time)) = text.split_once(['T', 't']) else {
        return midnight(text);
    };
    let time = time.strip_suffix(['Z', 'z'])?;
    let mut parts = time.split(':');
    let (hour, minute, second) = (
        part(parts.next()?, 2, 23)?,
        part(parts.next()?, 2, 59)?,
        part(parts.next()?, 2, 60)?,
    );
    if parts.next().is_some() {
        return None;
    }
    Some(midnight(date)? + (hour * 3_600 + minute * 60 + second) * 1_000)
}

/// Like [`instant`], but a date without a time means the end of that day: a sale that ends on the 31st includes the 31st.
pub(crate) fn end(text: &str) -> Option<u64> {
    let date_alone = text.contains('-') && !text.contains(['T', 't']);
    Some(instant(text)? + if date_alone { DAY_MS } else { 0 })
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
    use super::*;

    #[test]
    fn dates_times_and_milliseconds_are_read() {
        for (text, ms) in [
            ("1970-01-01", 0),
            ("2024-02-29", 1_709_164_800_000),
            ("2026-01-01T00:00:00Z", 1_767_225_600_000),
            ("2026-01-01T01:02:03Z", 1_767_229_323_000),
            ("1767225600000", 1_767_225_600_000),
        ] {
            assert_eq!(instant(text), Some(ms), "{text}");
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
        ];
        for text in wrong {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_named_as_the_end_is_included() {
        assert_eq!(end("1970-01-01"), Some(DAY_MS));
        assert_eq!(end("1970-01-01T00:00:01Z"), Some(1_000));
    }
}
