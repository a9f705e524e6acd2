//! The results as text tables.

use super::Results;
use super::calls;
use super::figures::{Latency, Pace};
use tillhouse_console::output::Story;

pub(super) fn print(story: &Story, results: &Results) {
    machine(story, results);
    calls(story, results);
    purchases(story, results);
    disk(story, results);
    echo(story, results);
}

fn machine(story: &Story, results: &Results) {
    let machine = &results.machine;
    story.heading("Tillhouse benchmark: ratios within one run, with the absolute figures beside them");
    story.line(&format!(
        "  {} cores ({}), rustc {}, wasmtime {}, data on {}, load {:.1} before the start",
        machine.cores, machine.cpu, machine.rustc, machine.engine, machine.filesystem, machine.load_before
    ));
    story.line(
        "  Clients, host, simulated Stripe and simulated acquirer share these cores, so rates include the work of all of them.",
    );
    if machine.quick {
        story.line("  --quick: too short to compare machines or versions.");
    }
}

fn calls(story: &Story, results: &Results) {
    story.heading("1. Plugin calls: the reference shop as a component, as native Rust, and behind loopback HTTP");
    story.line(&story.dim(
        "  Medians. A fresh instance for every call or quote; all variants gave identical quotes, field by field.",
    ));
    story.line(&format!(
        "  {:<18} {:>10} {:>10} {:>10} {:>10} {:>13} {:>11} {:>13}",
        "", "wasm", "native", "HTTP", "HTTP once", "wasm/native", "HTTP/wasm", "once/wasm"
    ));
    type Part = fn(&calls::Row) -> &calls::Figures;
    let parts: [(&str, Part); 2] = [("price", |row| &row.price), ("quote", |row| &row.quote)];
    for (name, part) in parts {
        for row in &results.calls {
            let figures = part(row);
            let lines = if row.lines == 1 { "line" } else { "lines" };
            story.line(&format!(
                "  {:<18} {:>10} {:>10} {:>10} {:>10} {:>13} {:>11} {:>13}",
                format!("{name}, {} {lines}", row.lines),
                time(figures.wasm_us),
                time(figures.native_us),
                time(figures.http_us),
                figures.http_one_trip_us.map_or_else(String::new, time),
                times(figures.wasm_vs_native),
                times(figures.http_vs_wasm),
                figures.http_one_trip_vs_wasm.map_or_else(String::new, times),
            ));
        }
    }
    for row in &results.calls {
        let parts: Vec<_> = row
            .quote_calls
            .iter()
            .map(|call| format!("{} {}", call.function, time(call.us)))
            .collect();
        story.line(&format!(
            "  Calls of a quote, {:>3} lines: {}",
            row.lines,
            parts.join(", ")
        ));
    }
    story.line(&format!(
        "  Each call goes to a guest thread and back: {} for an empty call.",
        time(results.hop_us)
    ));
    story.line(&story.dim(
        "  HTTP: one round trip per function, as plugins are called. HTTP once: one round trip for the whole quote.",
    ));
}

fn purchases(story: &Story, results: &Results) {
    story.heading("2. Purchases over HTTP (ACP 2026-04-17, 3 lines), every operation durable, SQLite synchronous=FULL");
    story.line(&format!(
        "  {:<10} {:>12} {:>18} {:>18} {:>18} {:>12} {:>9}",
        "clients", "purchases/s", "create p50/p99", "update p50/p99", "complete p50/p99", "vs commits", "503"
    ));
    for row in &results.purchases {
        story.line(&format!(
            "  {:<10} {:>12.0} {:>18} {:>18} {:>18} {:>12} {:>9}",
            row.clients,
            row.purchases_per_s,
            latency(row.create),
            latency(row.update),
            latency(row.complete),
            share(row.purchases_vs_commits),
            row.turned_away,
        ));
    }
    story.line(&format!(
        "\n  {:<10} {:>12} {:>17} {:>17} {:>17}",
        "clients", "sessions/s", "create p50/p99", "vs echo", "vs commits"
    ));
    for row in &results.purchases {
        story.line(&format!(
            "  {:<10} {:>12.0} {:>17} {:>17} {:>17}",
            row.clients,
            row.sessions.per_s,
            latency(row.sessions.latency),
            share(row.sessions_vs_echo),
            share(row.sessions_vs_commits),
        ));
    }
    story.line(
        &story.dim("  503: requests refused because the merchant's share of the host was used up for 5 s (queue_wait_ms), then retried."),
    );
    let books = &results.books;
    story.line(&format!(
        "  Ledgers: {} purchases, {} charges, {} payment records; the last report came at most {:.0} ms after a round.",
        books.purchases, books.charges, books.payment_records, books.reports_behind_ms
    ));
}

fn disk(story: &Story, results: &Results) {
    story.heading("3. The disk: group commit of units of work with one small key each, through the store");
    rates(
        story,
        "commits/s",
        results.disk.commits.iter().map(|row| (row.clients, row.pace)),
    );
    let append = results.disk.append_sync_4k;
    story.line(&format!(
        "  4 KB appended and synced (fdatasync): {} p50/p99, {:.0} a second",
        latency(append.latency),
        append.per_s
    ));
}

fn echo(story: &Story, results: &Results) {
    story.heading(&format!(
        "4. Bare axum echo through serde_json::Value ({} bytes in, {} out)",
        results.echo.request_bytes, results.echo.response_bytes
    ));
    rates(
        story,
        "requests/s",
        results.echo.rows.iter().map(|row| (row.clients, row.pace)),
    );
}

fn rates(story: &Story, unit: &str, rows: impl Iterator<Item = (usize, Pace)>) {
    story.line(&format!("  {:<10} {unit:>12} {:>17}", "clients", "p50/p99"));
    for (clients, pace) in rows {
        story.line(&format!(
            "  {clients:<10} {:>12.0} {:>17}",
            pace.per_s,
            latency(pace.latency)
        ));
    }
}

/// Format microseconds: `12.3 µs`, or `10.0 ms` from 10 ms on.
fn time(micros: f64) -> String {
    if micros < 1e4 {
        format!("{micros:.1} µs")
    } else {
        format!("{:.1} ms", micros / 1e3)
    }
}

fn times(ratio: f64) -> String {
    format!("{ratio:.1}x")
}

fn share(ratio: f64) -> String {
    format!("{ratio:.3}x")
}

/// The percentiles p50 and p99: `0.80 / 2.10 ms`.
fn latency(latency: Latency) -> String {
    format!("{:.2} / {:.2} ms", latency.p50_ms, latency.p99_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_the_unit_that_suits_them() {
        assert_eq!(time(12.345), "12.3 µs");
        assert_eq!(time(9_999.0), "9999.0 µs");
        assert_eq!(time(10_000.0), "10.0 ms");
    }

    #[test]
    fn ratios_and_latencies_are_shown_as_such() {
        assert_eq!(times(1.26), "1.3x");
        assert_eq!(share(0.5), "0.500x");
        let shown = latency(Latency {
            p50_ms: 0.804,
            p99_ms: 2.1,
        });
        assert_eq!(shown, "0.80 / 2.10 ms");
    }
}
