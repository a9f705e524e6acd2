//! Samples, and the statistics of them.

use std::time::Duration;

use serde::Serialize;

/// Measured times of one kind of operation.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples(Vec<Duration>);

impl Samples {
    pub(super) fn push(&mut self, elapsed: Duration) {
        self.0.push(elapsed);
    }

    pub(super) fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Quantile: the time that this share (0 to 1) of the samples does not exceed; zero without samples.
    pub(super) fn quantile(&self, share: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index between 0 and the number of samples"
        )]
        let index = ((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1);
        sorted.get(index).copied().unwrap_or_default()
    }

    pub(super) fn latency(&self) -> Latency {
        Latency {
            p50_ms: rounded(self.quantile(0.50).as_secs_f64() * 1e3),
            p99_ms: rounded(self.quantile(0.99).as_secs_f64() * 1e3),
        }
    }
}

/// Latency percentiles in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Latency {
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

/// Throughput and latency of an operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Throughput {
    pub(super) per_s: f64,
    #[serde(flatten)]
    pub(super) latency: Latency,
}

impl Throughput {
    /// Throughput and latency of samples taken within this time.
    pub(super) fn of(samples: &Samples, within: Duration) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 samples")]
        let count = samples.len() as f64;
        Self {
            per_s: rounded(ratio(count, within.as_secs_f64())),
            latency: samples.latency(),
        }
    }

    /// The median of each figure over rounds.
    pub(super) fn median(rounds: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(rounds.iter().map(figure).collect());
        Self {
            per_s: of(|throughput| throughput.per_s),
            latency: Latency {
                p50_ms: of(|throughput| throughput.latency.p50_ms),
                p99_ms: of(|throughput| throughput.latency.p99_ms),
            },
        }
    }
}

/// The median; zero without figures.
pub(super) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// `of` divided by `by`, rounded to three decimals; zero if `by` is not positive.
pub(super) fn ratio(of: f64, by: f64) -> f64 {
    if by > 0.0 { rounded(of / by) } else { 0.0 }
}

/// Round to three decimals.
pub(super) fn rounded(figure: f64) -> f64 {
    (figure * 1e3).round() / 1e3
}

/// A duration in microseconds, rounded to three decimals.
pub(super) fn micros(elapsed: Duration) -> f64 {
    rounded(elapsed.as_secs_f64() * 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_the_smallest_sample_that_covers_its_share() {
        let mut samples = Samples::default();
        for millis in (1..=100).rev() {
            samples.push(Duration::from_millis(millis));
        }
        assert_eq!(samples.quantile(0.50), Duration::from_millis(50));
        assert_eq!(samples.quantile(0.99), Duration::from_millis(99));
        assert_eq!(samples.quantile(1.0), Duration::from_millis(100));
        assert_eq!(Samples::default().quantile(0.5), Duration::ZERO);
    }

    #[test]
    fn the_median_ignores_one_slow_round() {
        assert!((median(vec![2.0, 900.0, 1.0]) - 2.0).abs() < f64::EPSILON);
        assert!(ratio(1.0, 0.0).abs() < f64::EPSILON);
    }

    fn throughput(per_s: f64, p50_ms: f64, p99_ms: f64) -> Throughput {
        let latency = Latency { p50_ms, p99_ms };
        Throughput { per_s, latency }
    }

    #[test]
    fn throughput_is_the_count_by_the_time() {
        let mut samples = Samples::default();
        for millis in [4, 8, 4, 4] {
            samples.push(Duration::from_millis(millis));
        }
        let found = Throughput::of(&samples, Duration::from_millis(500));
        assert_eq!(found, throughput(8.0, 4.0, 8.0));
        assert_eq!(
            Throughput::of(&Samples::default(), Duration::ZERO),
            Throughput::default()
        );
    }

    #[test]
    fn the_median_throughput_takes_the_median_of_each_figure() {
        let rounds = [
            throughput(1.0, 9.0, 20.0),
            throughput(3.0, 5.0, 90.0),
            throughput(2.0, 7.0, 30.0),
        ];
        assert_eq!(Throughput::median(&rounds), throughput(2.0, 7.0, 30.0));
        assert_eq!(Throughput::median(&[]), Throughput::default());
    }

    #[test]
    fn figures_have_three_digits_behind_the_point() {
        assert_eq!(micros(Duration::from_nanos(1_234_567)).to_string(), "1234.567");
        assert_eq!(ratio(1.0, 3.0).to_string(), "0.333");
    }
}
