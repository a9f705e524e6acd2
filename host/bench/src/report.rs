//! The results as text tables.

use super::Results;
use super::calls;
use super::figures::{Latency, Throughput};
use tillhouse_console::output::Printer;

pub(super) fn print(printer: &Printer, results: &Results) {
    machine(printer, results);
    calls(printer, results);
    purchases(printer, results);
    disk(printer, results);
    echo(printer, results);
}

fn machine(printer: &Printer, results: &Results) {
    let machine = &results.machine;
    printer.heading("Tillhouse benchmark: ratios within one run, with the absolute figures beside them");
    printer.line(&format!(
        "  {} cores ({}), rustc {}, wasmtime {}, data on {}, load {:.1} before the start",
        machine.cores, machine.cpu, machine.rustc, machine.engine, machine.filesystem, machine.load_before
    ));
    printer.line(
        "  Clients, host, simulated Stripe and simulated acquirer share these cores, so rates include the work of all of them.",
    );
    if machine.quick {
        printer.line("  --quick: too short to compare machines or versions.");
    }
}

fn calls(printer: &Printer, results: &Results) {
    printer.heading("1. Plugin calls: the reference shop as a component, as native Rust, and behind loopback HTTP");
    printer.line(&printer.dim(
        "  Medians. A fresh instance for every call or quote; all variants gave identical quotes, field by field.",
    ));
    printer.line(&format!(
        "  {:<18} {:>10} {:>11} {:>10} {:>10} {:>10} {:>13} {:>11} {:>11} {:>11}",
        "",
        "wasm",
        "wasm singly",
        "native",
        "HTTP",
        "HTTP once",
        "wasm/native",
        "singly/wasm",
        "HTTP/wasm",
        "once/wasm"
    ));
    type Part = fn(&calls::CallRow) -> &calls::CallFigures;
    let parts: [(&str, Part); 2] = [("price", |row| &row.price), ("quote", |row| &row.quote)];
    for (name, part) in parts {
        for row in &results.calls {
            let figures = part(row);
            let lines = if row.lines == 1 { "line" } else { "lines" };
            printer.line(&format!(
                "  {:<18} {:>10} {:>11} {:>10} {:>10} {:>10} {:>13} {:>11} {:>11} {:>11}",
                format!("{name}, {} {lines}", row.lines),
                time(figures.wasm_us),
                figures.wasm_one_by_one_us.map_or_else(String::new, time),
                time(figures.native_us),
                time(figures.http_us),
                figures.http_one_trip_us.map_or_else(String::new, time),
                times(figures.wasm_vs_native),
                figures.wasm_one_by_one_vs_wasm.map_or_else(String::new, times),
                times(figures.http_vs_wasm),
                figures.http_one_trip_vs_wasm.map_or_else(String::new, times),
            ));
        }
    }
    for row in &results.calls {
        for (name, calls) in [
            ("a quote", &row.quote_calls),
            ("a quote singly", &row.quote_calls_one_by_one),
        ] {
            let parts: Vec<_> = calls
                .iter()
                .map(|call| format!("{} {}", call.function, time(call.us)))
                .collect();
            printer.line(&format!(
                "  Calls of {name}, {:>3} lines: {}",
                row.lines,
                parts.join(", ")
            ));
        }
    }
    printer.line(&format!(
        "  Each call goes to a guest thread and back: {} for an empty call.",
        time(results.hop_us)
    ));
    printer.line(
        &printer
            .dim("  wasm, native, HTTP once: one call for the whole quote. Singly, HTTP: a call for each decision."),
    );
}

fn purchases(printer: &Printer, results: &Results) {
    printer
        .heading("2. Purchases over HTTP (ACP 2026-04-17, 3 lines), every operation durable, SQLite synchronous=FULL");
    printer.line(&format!(
        "  {:<10} {:>12} {:>18} {:>18} {:>18} {:>12} {:>9}",
        "clients", "purchases/s", "create p50/p99", "update p50/p99", "complete p50/p99", "vs commits", "503"
    ));
    for row in &results.purchases {
        printer.line(&format!(
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
    printer.line(&format!(
        "\n  {:<10} {:>12} {:>17} {:>17} {:>17}",
        "clients", "sessions/s", "create p50/p99", "vs echo", "vs commits"
    ));
    for row in &results.purchases {
        printer.line(&format!(
            "  {:<10} {:>12.0} {:>17} {:>17} {:>17}",
            row.clients,
            row.sessions.per_s,
            latency(row.sessions.latency),
            share(row.sessions_vs_echo),
            share(row.sessions_vs_commits),
        ));
    }
    printer.line(&printer.dim(
        "  503: requests refused because all permits of the merchant were taken for 5 s (queue_wait_ms), then retried.",
    ));
    let ledgers = &results.ledgers;
    printer.line(&format!(
        "  Ledgers: {} purchases, {} charges, {} payment records; the last report came at most {:.0} ms after a round.",
        ledgers.purchases, ledgers.charges, ledgers.payment_records, ledgers.reports_behind_ms
    ));
}

fn disk(printer: &Printer, results: &Results) {
    printer.heading("3. The disk: group commit of units of work with one small key each, through the store");
    rates(
        printer,
        "commits/s",
        results.disk.commits.iter().map(|row| (row.clients, row.throughput)),
    );
    let append = results.disk.append_sync_4k;
    printer.line(&format!(
        "  4 KB appended and synced (fdatasync): {} p50/p99, {:.0} a second",
        latency(append.latency),
        append.per_s
    ));
}

fn echo(printer: &Printer, results: &Results) {
    printer.heading(&format!(
        "4. Bare axum echo through serde_json::Value ({} bytes in, {} out)",
        results.echo.request_bytes, results.echo.response_bytes
    ));
    rates(
        printer,
        "requests/s",
        results.echo.rows.iter().map(|row| (row.clients, row.throughput)),
    );
}

fn rates(printer: &Printer, unit: &str, rows: impl Iterator<Item = (usize, Throughput)>) {
    printer.line(&format!("  {:<10} {unit:>12} {:>17}", "clients", "p50/p99"));
    for (clients, throughput) in rows {
        printer.line(&format!(
            "  {clients:<10} {:>12.0} {:>17}",
            throughput.per_s,
            latency(throughput.latency)
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
