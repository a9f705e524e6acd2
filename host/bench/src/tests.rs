//! Runs the whole benchmark once, in seconds, and checks the shape of its document, not the figures.

use std::collections::BTreeSet;

use serde_json::Value;

use super::plan::{CLIENTS, LINES};
use super::*;

/// Every leaf of the JSON document. Programs read these names: removing or renaming one breaks them.
const DOCUMENT: [&str; 59] = [
    "books.charges",
    "books.payment_records",
    "books.purchases",
    "books.reports_behind_ms",
    "calls[].lines",
    "calls[].price.http_us",
    "calls[].price.http_vs_wasm",
    "calls[].price.native_us",
    "calls[].price.wasm_us",
    "calls[].price.wasm_vs_native",
    "calls[].quote.http_one_trip_us",
    "calls[].quote.http_one_trip_vs_wasm",
    "calls[].quote.http_us",
    "calls[].quote.http_vs_wasm",
    "calls[].quote.native_us",
    "calls[].quote.wasm_one_by_one_us",
    "calls[].quote.wasm_one_by_one_vs_wasm",
    "calls[].quote.wasm_us",
    "calls[].quote.wasm_vs_native",
    "calls[].quote_calls[].function",
    "calls[].quote_calls[].us",
    "calls[].quote_calls_one_by_one[].function",
    "calls[].quote_calls_one_by_one[].us",
    "disk.append_sync_4k.p50_ms",
    "disk.append_sync_4k.p99_ms",
    "disk.append_sync_4k.per_s",
    "disk.commits[].clients",
    "disk.commits[].p50_ms",
    "disk.commits[].p99_ms",
    "disk.commits[].per_s",
    "echo.request_bytes",
    "echo.response_bytes",
    "echo.rows[].clients",
    "echo.rows[].p50_ms",
    "echo.rows[].p99_ms",
    "echo.rows[].per_s",
    "hop_us",
    "machine.cores",
    "machine.cpu",
    "machine.filesystem",
    "machine.load_before",
    "machine.quick",
    "machine.rustc",
    "machine.wasmtime",
    "purchases[].clients",
    "purchases[].complete.p50_ms",
    "purchases[].complete.p99_ms",
    "purchases[].create.p50_ms",
    "purchases[].create.p99_ms",
    "purchases[].purchases_per_s",
    "purchases[].purchases_vs_commits",
    "purchases[].sessions.p50_ms",
    "purchases[].sessions.p99_ms",
    "purchases[].sessions.per_s",
    "purchases[].sessions_vs_commits",
    "purchases[].sessions_vs_echo",
    "purchases[].turned_away",
    "purchases[].update.p50_ms",
    "purchases[].update.p99_ms",
];

fn leaves(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let separator = if path.is_empty() { "" } else { "." };
                leaves(field, &format!("{path}{separator}{name}"), found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(item, &format!("{path}[]"), found)),
        Value::Null => panic!("{path} is not known"),
        _ => {
            found.insert(path.to_owned());
        }
    }
}

fn column<'a>(rows: &'a Value, name: &str) -> Vec<&'a Value> {
    rows.as_array().unwrap().iter().map(|row| &row[name]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_measures_everything_into_the_document_that_programs_read() {
    let plugins = bundled::plugins().unwrap();
    let results = Results::collect(&Plan::smoke(), &plugins, &std::env::temp_dir())
        .await
        .unwrap();
    report::print(&Printer::new(false), &results);
    let document = serde_json::to_value(&results).unwrap();

    let mut found = BTreeSet::new();
    leaves(&document, "", &mut found);
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), DOCUMENT);
    assert_eq!(column(&document["calls"], "lines"), LINES);
    for rows in [
        &document["purchases"],
        &document["disk"]["commits"],
        &document["echo"]["rows"],
    ] {
        assert_eq!(column(rows, "clients"), CLIENTS);
    }
    let ledgers = &document["books"];
    assert!(ledgers["purchases"].as_u64() > Some(0));
    assert_eq!(ledgers["charges"], ledgers["purchases"]);
    assert_eq!(ledgers["payment_records"], ledgers["purchases"]);
}
