//! Times as people read and write them: RFC 3339, in UTC.

use tillhouse_checkout::time::Timestamp;

/// `2026-11-21T19:09:23.123Z`.
#[must_use]
pub fn text(at: Timestamp) -> String {
    i64::try_from(at.millis())
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
        .unwrap_or(jiff::Timestamp::MAX)
        .to_string()
}

/// `20261121T190923Z`, for the name of a file.
#[must_use]
pub fn stamp(at: Timestamp) -> String {
    let kept = |letter: &char| letter.is_ascii_alphanumeric();
    let whole = text(Timestamp(at.seconds().saturating_mul(1000)));
    whole.chars().filter(kept).collect()
}

/// Reads `2026-11-21T19:09:23Z`, or `2026-11-21` for the midnight (UTC) that the day begins with.
///
/// # Errors
/// What it must look like.
pub fn parse(text: &str) -> Result<Timestamp, String> {
    let at = match text.parse::<jiff::Timestamp>() {
        Ok(at) => Ok(at),
        Err(_) => text
            .parse::<jiff::civil::Date>()
            .and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC))
            .map(|midnight| midnight.timestamp()),
    };
    at.ok()
        .and_then(|at| u64::try_from(at.as_millisecond()).ok())
        .map(Timestamp)
        .ok_or_else(|| "must be a time such as 2026-11-21T19:09:23Z, or a day such as 2026-11-21".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        let at = Timestamp(1_700_000_000_123);
        assert_eq!(parse(&text(at)), Ok(at));
        assert_eq!(parse("1970-01-02"), Ok(Timestamp(86_400_000)));
        assert_eq!(stamp(Timestamp(86_400_123)), "19700102T000000Z");
        for wrong in ["", "yesterday", "1969-12-31", "2026-13-01"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
