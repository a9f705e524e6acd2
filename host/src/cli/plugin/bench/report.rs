//! The measurements, as text and as JSON.

use serde_json::{Value, json};

use super::SIZES;
use super::limit_projection::LimitProjection;
use super::quotes::{QuoteCost, QuoteCosts, QuoteRow};
use super::series::{CartCost, Series};
use crate::cli::plugin::faults::bytes;
use tillhouse_console::output::{self, Printer};
use tillhouse_console::table::or_dash;
use tillhouse_runtime::Manifest;
use tillhouse_runtime::limits::Limits;

/// The measurements of all functions, to be printed.
pub(super) struct Report<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) samples: u16,
    pub(super) limits: &'a Limits,
    pub(super) all: &'a [Series],
    /// Costs of whole quotes, if the plugin decides all of one.
    pub(super) quotes: Option<&'a QuoteCosts>,
    /// Notes that may explain the figures.
    pub(super) notes: Vec<String>,
}

const LARGEST: u64 = super::LARGEST as u64;

impl Report<'_> {
    pub(super) fn print(&self, printer: &Printer) {
        for series in self.all {
            printer.heading(&format!("{} of {}", series.function.name(), self.manifest.id));
            printer.line(&format!(
                "  {:>7}  {:>13}  {:>9}  {:>9}  {:>9}",
                "lines", "instructions", "µs", "memory", "answer"
            ));
            for row in series.rows.iter().filter(|row| is_usual(row)) {
                printer.line(&line(row));
            }
            if let Some(no_answer) = &series.no_answer {
                printer.line(&format!(
                    "  a cart of {} got no answer: {}",
                    counted(no_answer.lines as u64),
                    no_answer.why
                ));
            }
            for projection in &series.projections {
                printer.line(&format!(
                    "  {:<20} {}",
                    projection.name(),
                    describe_projection(projection)
                ));
            }
        }
        if let Some(quotes) = self.quotes {
            self.print_quotes(printer, quotes);
        }
        for note in &self.notes {
            output::print_progress(&format!("note: {note}"));
        }
    }

    fn print_quotes(&self, printer: &Printer, quotes: &QuoteCosts) {
        printer.heading(&format!("A whole quote by {}", self.manifest.id));
        printer.line(&format!(
            "  {:>7}  {:>24}  {:>24}",
            "", "one call", "a call for each decision"
        ));
        let (instructions, micros) = ("instructions", "µs");
        printer.line(&format!(
            "  {:>7}  {instructions:>13}  {micros:>9}  {instructions:>13}  {micros:>9}",
            "lines"
        ));
        for row in &quotes.rows {
            printer.line(&quote_line(row));
        }
        if let Some(no_quote) = &quotes.no_quote {
            printer.line(&format!(
                "  a cart of {} was not quoted: {}",
                counted(no_quote.lines as u64),
                no_quote.why
            ));
        }
    }

    pub(super) fn document(&self) -> Value {
        let functions: Vec<Value> = self.all.iter().map(|series| self.function(series)).collect();
        json!({
            "ok": self.all.iter().all(is_within_limits),
            "plugin": self.manifest.id.as_str(),
            "version": self.manifest.version,
            "samples": self.samples,
            "largest_cart": LARGEST,
            "functions": functions,
            "quote": self.quotes.map(quotes_json),
            "notes": self.notes,
        })
    }

    fn function(&self, series: &Series) -> Value {
        let row = |row: &CartCost| {
            json!({
                "lines": row.lines,
                "instructions": row.instructions,
                "us": row.elapsed.as_secs_f64() * 1e6,
                "memory_bytes": row.memory_bytes,
                "answer_bytes": row.answer_bytes,
            })
        };
        let no_answer = series.no_answer.as_ref();
        json!({
            "function": series.function.name(),
            "cpu_ms": self.limits.of(series.function.kind()).cpu_ms,
            "sizes": series.rows.iter().filter(|row| is_usual(row)).map(row).collect::<Vec<_>>(),
            "limits": series.projections,
            "no_answer": no_answer.map(|no_answer| json!({"lines": no_answer.lines, "why": no_answer.why})),
        })
    }
}

fn quotes_json(quotes: &QuoteCosts) -> Value {
    let cost = |cost: QuoteCost| json!({"instructions": cost.instructions, "us": cost.elapsed.as_secs_f64() * 1e6});
    let row =
        |row: &QuoteRow| json!({"lines": row.lines, "whole": row.whole.map(cost), "one_by_one": cost(row.one_by_one)});
    let no_quote = quotes.no_quote.as_ref();
    json!({
        "sizes": quotes.rows.iter().map(row).collect::<Vec<_>>(),
        "no_quote": no_quote.map(|no_quote| json!({"lines": no_quote.lines, "why": no_quote.why})),
    })
}

fn is_usual(row: &CartCost) -> bool {
    SIZES.contains(&row.lines)
}

/// Whether every cart that a host accepts is answered within every limit.
fn is_within_limits(series: &Series) -> bool {
    let silent = series
        .no_answer
        .as_ref()
        .is_some_and(|no_answer| no_answer.lines as u64 <= LARGEST);
    let met =
        |projection: &LimitProjection| projection.measured && projection.lines.is_some_and(|lines| lines <= LARGEST);
    !silent && !series.projections.iter().any(met)
}

fn line(row: &CartCost) -> String {
    format!(
        "  {:>7}  {:>13}  {:>9}  {:>9}  {:>9}",
        row.lines,
        or_dash(row.instructions.as_ref()),
        row.elapsed.as_micros(),
        bytes(row.memory_bytes),
        bytes(row.answer_bytes),
    )
}

fn quote_line(row: &QuoteRow) -> String {
    let cost = |cost: Option<QuoteCost>| {
        let instructions = cost.and_then(|cost| cost.instructions);
        let micros = cost.map(|cost| cost.elapsed.as_micros());
        format!(
            "{:>13}  {:>9}",
            or_dash(instructions.as_ref()),
            or_dash(micros.as_ref())
        )
    };
    format!(
        "  {:>7}  {}  {}",
        row.lines,
        cost(row.whole),
        cost(Some(row.one_by_one))
    )
}

fn describe_projection(projection: &LimitProjection) -> String {
    match (projection.lines, projection.no_answer_at) {
        (None, Some(lines)) => format!("unknown: no answer at {}", counted(lines)),
        (None, None) => "not reached: cart size makes no difference".to_owned(),
        (Some(lines), _) if lines <= LARGEST && projection.measured => {
            format!("reached at {}; hosts accept up to {LARGEST}", counted(lines))
        }
        (Some(lines), _) => {
            let about = if projection.measured { "" } else { "~" };
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
    use super::super::limit_projection::Resource;
    use super::super::series::NoAnswer;
    use super::*;

    #[test]
    fn an_unknown_limit_is_not_reported_as_reached() {
        let no_answer = |exhausted| NoAnswer {
            lines: 1,
            why: "there was no answer".to_owned(),
            exhausted,
        };
        let of = |resource| {
            describe_projection(&LimitProjection::without_answer(
                Resource::Cpu,
                50_000,
                &no_answer(resource),
            ))
        };
        assert_eq!(of(None), "unknown: no answer at 1 line");
        assert_eq!(of(Some(Resource::Cpu)), "reached at 1 line; hosts accept up to 200");
    }
}
