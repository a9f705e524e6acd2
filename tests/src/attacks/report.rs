//! The measurements of all attacks, and whether they are within the limits.

use std::fmt;

use serde_json::{Value, json};

use super::ResponseTimes;

/// Limit for p99 of health checks under attack, unless ten times the value without attack is more.
const LIVEZ_MS: f64 = 50.0;

/// The measurements under one attack.
#[derive(Clone, Copy, Debug)]
pub struct ReportRow {
    name: &'static str,
    seen: ResponseTimes,
}

impl ReportRow {
    pub(super) const fn new(name: &'static str, seen: ResponseTimes) -> Self {
        Self { name, seen }
    }
}

/// The measurements of all attacks, the one without attack first.
#[derive(Clone, Debug)]
pub struct Report {
    pub(super) rows: Vec<ReportRow>,
}

impl Report {
    fn bound(&self) -> f64 {
        (self.rows[0].seen.livez.p99 * 10.0).max(LIVEZ_MS)
    }

    fn row_holds(&self, row: &ReportRow) -> bool {
        row.seen.livez.p99 <= self.bound() && row.seen.livez.failed == 0
    }

    /// Whether every health check was answered, and within the limit.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.rows.iter().all(|row| self.row_holds(row))
    }

    /// The measurements and the limit as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let row =
            |row: &ReportRow| json!({"attack": row.name, "seen": row.seen.to_json(), "holds": self.row_holds(row)});
        let rows: Vec<Value> = self.rows.iter().map(row).collect();
        json!({"livez_p99_bound_ms": self.bound(), "rows": rows, "holds": self.holds()})
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<15} {:>10} {:>10} {:>10} {:>8} {:>11} {:>11} {:>8}  livez p99 <= {:.0} ms",
            "ms",
            "livez p50",
            "p99",
            "max",
            "failed",
            "create p50",
            "p99",
            "failed",
            self.bound()
        )?;
        for row in &self.rows {
            let ResponseTimes { livez, create } = &row.seen;
            let holds = if self.row_holds(row) { "holds" } else { "DOES NOT HOLD" };
            writeln!(
                f,
                "{:<15} {:>10.1} {:>10.1} {:>10.1} {:>8} {:>11.1} {:>11.1} {:>8}  {holds}",
                row.name, livez.p50, livez.p99, livez.max, livez.failed, create.p50, create.p99, create.failed
            )?;
        }
        Ok(())
    }
}
