//! The measurements, as text and as JSON.

use serde_json::{Value, json};

use super::SIZES;
use super::reach::Reach;
use super::series::{Row, Series};
use crate::cli::plugin::faults::bytes;
use tillhouse_console::output::{self, Story};
use tillhouse_runtime::Manifest;
use tillhouse_runtime::limits::Limits;

/// The measurements of all functions, to be printed.
pub(super) struct Report<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) samples: u16,
    pub(super) limits: &'a Limits,
    pub(super) all: &'a [Series],
    /// Notes that may explain the figures.
    pub(super) notes: Vec<String>,
}

const LARGEST: u64 = super::LARGEST as u64;

impl Report<'_> {
    pub(super) fn tell(&self, story: &Story) {
        for series in self.all {
            story.heading(&format!("{} of {}", series.function.name(), self.manifest.id));
            story.line(&format!(
                "  {:>7}  {:>13}  {:>9}  {:>9}  {:>9}",
                "lines", "instructions", "µs", "memory", "answer"
            ));
            for row in series.rows.iter().filter(|row| is_usual(row)) {
                story.line(&line(row));
            }
            if let Some(silence) = &series.silence {
                story.line(&format!(
                    "  a cart of {} got no answer: {}",
                    counted(silence.lines as u64),
                    silence.why
                ));
            }
            for reach in &series.reaches {
                story.line(&format!("  {:<20} {}", reach.name(), met(reach)));
            }
        }
        for note in &self.notes {
            output::progress(&format!("note: {note}"));
        }
    }

    pub(super) fn document(&self) -> Value {
        let functions: Vec<Value> = self.all.iter().map(|series| self.function(series)).collect();
        json!({
            "ok": self.all.iter().all(is_well),
            "plugin": self.manifest.id.as_str(),
            "version": self.manifest.version,
            "samples": self.samples,
            "largest_cart": LARGEST,
            "functions": functions,
            "notes": self.notes,
        })
    }

    fn function(&self, series: &Series) -> Value {
        let row = |row: &Row| {
            json!({
                "lines": row.lines,
                "instructions": row.instructions,
                "us": row.elapsed.as_secs_f64() * 1e6,
                "memory_bytes": row.memory_bytes,
                "answer_bytes": row.answer_bytes,
            })
        };
        let silence = series.silence.as_ref();
        json!({
            "function": series.function.name(),
            "cpu_ms": self.limits.of(series.function.kind()).cpu_ticks,
            "sizes": series.rows.iter().filter(|row| is_usual(row)).map(row).collect::<Vec<_>>(),
            "limits": series.reaches,
            "no_answer": silence.map(|silence| json!({"lines": silence.lines, "why": silence.why})),
        })
    }
}

fn is_usual(row: &Row) -> bool {
    SIZES.contains(&row.lines)
}

/// Whether every cart that a host accepts is answered within every limit.
fn is_well(series: &Series) -> bool {
    let silent = series
        .silence
        .as_ref()
        .is_some_and(|silence| silence.lines as u64 <= LARGEST);
    let met = |reach: &Reach| reach.measured && reach.lines.is_some_and(|lines| lines <= LARGEST);
    !silent && !series.reaches.iter().any(met)
}

fn line(row: &Row) -> String {
    let instructions = row
        .instructions
        .map_or_else(|| "-".to_owned(), |count| count.to_string());
    format!(
        "  {:>7}  {instructions:>13}  {:>9}  {:>9}  {:>9}",
        row.lines,
        row.elapsed.as_micros(),
        bytes(row.memory_bytes),
        bytes(row.answer_bytes),
    )
}

fn met(reach: &Reach) -> String {
    match (reach.lines, reach.silent_at) {
        (None, Some(lines)) => format!("unknown: no answer at {}", counted(lines)),
        (None, None) => "not reached: cart size makes no difference".to_owned(),
        (Some(lines), _) if lines <= LARGEST && reach.measured => {
            format!("reached at {}; hosts accept up to {LARGEST}", counted(lines))
        }
        (Some(lines), _) => {
            let about = if reach.measured { "" } else { "~" };
            format!(
                "reached at {about}{lines} lines, {about}{} times the largest cart",
                lines / LARGEST
            )
        }
    }
}

/// Number with noun: `1 line`, `200 lines`.
fn counted(lines: u64) -> String {
    if lines == 1 {
        "1 line".to_owned()
    } else {
        format!("{lines} lines")
    }
}

#[cfg(test)]
mod tests {
    use super::super::reach::Resource;
    use super::super::series::Silence;
    use super::*;

    #[test]
    fn what_is_not_known_is_not_called_met() {
        let silence = |of| Silence {
            lines: 1,
            why: "there was no answer".to_owned(),
            of,
        };
        let of = |resource| met(&Reach::silent(Resource::Cpu, 50_000, &silence(resource)));
        assert_eq!(of(None), "unknown: no answer at 1 line");
        assert_eq!(of(Some(Resource::Cpu)), "reached at 1 line; hosts accept up to 200");
    }
}
