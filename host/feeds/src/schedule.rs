//! When all products are uploaded, without being asked for.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, ToSpan as _};

use tillhouse_checkout::time::Timestamp;

/// A time of each day, by the clocks of a place.
#[derive(Clone, Debug)]
pub struct DailyTime {
    time: Time,
    zone: TimeZone,
}

/// Why there is no such time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DailyTimeError {
    /// It is not a time of the day.
    #[error("is not a time of the day, such as 03:00")]
    Time,
    /// The zone is not known on this machine.
    #[error("is not a time zone that this machine knows, such as Europe/Berlin or UTC")]
    Zone,
}

impl DailyTime {
    /// `03:00` in a zone of the IANA's database.
    ///
    /// # Errors
    /// Which of the two is wrong.
    pub fn new(time: &str, zone: &str) -> Result<Self, DailyTimeError> {
        let is_short = time.len() == 5 && time.as_bytes().get(2) == Some(&b':');
        let time = time.parse().ok().filter(|_| is_short).ok_or(DailyTimeError::Time)?;
        let zone = match zone {
            "UTC" => TimeZone::UTC,
            name => TimeZone::get(name).map_err(|_| DailyTimeError::Zone)?,
        };
        Ok(Self { time, zone })
    }

    /// The last time that it was before or at a moment, and the name of that day: `20261130`. Where clocks are put forward over it, it is
    /// as much later; where it comes twice, the first counts.
    #[must_use]
    pub fn last(&self, now: Timestamp) -> Option<(Timestamp, String)> {
        let instant = Instant::from_millisecond(i64::try_from(now.millis()).ok()?).ok()?;
        let today = self.zone.to_datetime(instant).date();
        for day in [today, today.checked_sub(1.day()).ok()?] {
            let at = day.to_datetime(self.time).to_zoned(self.zone.clone()).ok()?.timestamp();
            if at <= instant {
                let at = Timestamp(u64::try_from(at.as_millisecond()).ok()?);
                return Some((at, format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())));
            }
        }
        None
    }
}

impl DailyTime {
    /// The first time that it is after a moment.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let instant = Instant::from_millisecond(i64::try_from(now.millis()).ok()?).ok()?;
        let today = self.zone.to_datetime(instant).date();
        for days in 0..=2 {
            let day = today.checked_add(days.days()).ok()?;
            let at = day.to_datetime(self.time).to_zoned(self.zone.clone()).ok()?.timestamp();
            if at > instant {
                return Some(Timestamp(u64::try_from(at.as_millisecond()).ok()?));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let at: Instant = text.parse().unwrap();
        Timestamp(u64::try_from(at.as_millisecond()).unwrap())
    }

    fn last(time: &str, zone: &str, now: &str) -> (String, String) {
        let (last, day) = DailyTime::new(time, zone).unwrap().last(at(now)).unwrap();
        (last.rfc3339(), day)
    }

    #[test]
    fn the_day_is_that_of_the_zone() {
        let expect = |at: &str, day: &str| (at.to_owned(), day.to_owned());
        assert_eq!(
            last("03:00", "UTC", "2026-11-30T03:00:00Z"),
            expect("2026-11-30T03:00:00Z", "20261130")
        );
        assert_eq!(
            last("03:00", "UTC", "2026-11-30T02:59:59Z"),
            expect("2026-11-29T03:00:00Z", "20261129")
        );
        let berlin = last("03:00", "Europe/Berlin", "2026-11-30T02:00:00Z");
        assert_eq!(berlin, expect("2026-11-30T02:00:00Z", "20261130"));
        let auckland = last("00:30", "Pacific/Auckland", "2026-11-30T12:00:00Z");
        assert_eq!(auckland, expect("2026-11-30T11:30:00Z", "20261201"));
    }

    #[test]
    fn a_time_that_clocks_leave_out_or_repeat_comes_once() {
        // In 2027 clocks go from 02:00 to 03:00 on 28 March, and from 03:00 back to 02:00 on 31 October.
        let forward = last("02:30", "Europe/Berlin", "2027-03-28T10:00:00Z");
        assert_eq!(forward, ("2027-03-28T01:30:00Z".to_owned(), "20270328".to_owned()));
        let back = last("02:30", "Europe/Berlin", "2027-10-31T10:00:00Z");
        assert_eq!(back, ("2027-10-31T00:30:00Z".to_owned(), "20271031".to_owned()));
    }

    #[test]
    fn the_next_time_is_later_than_now() {
        let next = |time: &str, zone: &str, now: &str| {
            let next = DailyTime::new(time, zone).unwrap().next(at(now)).unwrap();
            next.rfc3339()
        };
        assert_eq!(next("03:00", "UTC", "2026-11-30T02:59:59Z"), "2026-11-30T03:00:00Z");
        assert_eq!(next("03:00", "UTC", "2026-11-30T03:00:00Z"), "2026-12-01T03:00:00Z");
        assert_eq!(
            next("00:30", "Pacific/Auckland", "2026-11-30T12:00:00Z"),
            "2026-12-01T11:30:00Z"
        );
        // Clocks go from 02:00 to 03:00 on that day.
        assert_eq!(
            next("02:30", "Europe/Berlin", "2027-03-28T00:00:00Z"),
            "2027-03-28T01:30:00Z"
        );
    }

    #[test]
    fn what_is_no_time_or_no_zone_is_refused() {
        for time in ["", "3:00", "24:00", "03:60", "03:00:00", "now"] {
            assert_eq!(DailyTime::new(time, "UTC").unwrap_err(), DailyTimeError::Time, "{time}");
        }
        assert_eq!(DailyTime::new("03:00", "Mars/Base").unwrap_err(), DailyTimeError::Zone);
    }
}
