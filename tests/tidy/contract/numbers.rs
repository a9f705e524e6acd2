//! Every number of the chapter on limits is the host's.

use tillhouse_runtime::Limits;
use tillhouse_runtime::limits::{
    ANSWER_TIME, CATALOG_IDS, CHARGE_SENDS, CORE_INSTANCES, COUNTER_OPS, CallLimits, KEY_BYTES, KV_OPS, LOG_LINE_BYTES,
    MEMORIES, STORE_WAIT, TABLES, VALUE_BYTES,
};

use super::{chapter, mib, page, read, seconds};

/// Header rows of the three tables.
const HEADERS: usize = 3;

fn kib(bytes: usize) -> String {
    format!("{} KiB", bytes >> 10)
}

/// A row of the table of limits per call; a kind of call without HTTP has no value in rows about HTTP.
fn row(what: &str, value: impl Fn(&CallLimits) -> String) -> String {
    let all = Limits::default();
    let cells = [&all.decision, &all.effect, &all.processor, &all.charge].map(|limits| match value(limits).as_str() {
        "0" | "0 s" | "0 KiB" => "none".to_owned(),
        value => value.to_owned(),
    });
    format!("| {what} | {} |", cells.join(" | "))
}

fn rows() -> Vec<String> {
    let all = Limits::default();
    let one = |what: &str, limit: String| format!("| {what} | {limit} |");
    vec![
        row(
            "CPU time, of imports too; waiting does not count (`cpu-budget`)",
            |it| format!("{} ms", it.cpu_ms),
        ),
        row("total time, including waits (`wall-clock`)", |it| seconds(it.wall)),
        row("linear memory, all memories together (`memory`)", |it| {
            mib(it.memory_bytes)
        }),
        row("elements of tables, all together (`memory`)", |it| {
            it.table_elements.to_string()
        }),
        row(
            "bytes out of the guest: results, and arguments of imports (`output-too-large`)",
            |it| mib(it.guest_to_host_bytes),
        ),
        row("live resource handles (`handles`)", |it| it.handles.to_string()),
        row("pseudo-random bytes (`random`)", |it| kib(it.random_bytes)),
        row("log lines; more are dropped and counted", |it| it.log_lines.to_string()),
        row("log bytes", |it| kib(it.log_bytes)),
        row("HTTP requests per phase; more are `denied`", |it| {
            it.http_calls.to_string()
        }),
        row("bytes of a request body", |it| kib(it.http_request_bytes)),
        row("bytes of a response body", |it| kib(it.http_response_bytes)),
        row("one HTTP exchange", |it| seconds(it.http_timeout)),
        one("size of a component", mib(all.component_bytes)),
        one(
            "memories of a component, including those of composed components",
            MEMORIES.to_string(),
        ),
        one(
            "core instances of a component, counted likewise",
            CORE_INSTANCES.to_string(),
        ),
        one("tables of a component, counted likewise", TABLES.to_string()),
        one(
            "concurrent phases of one merchant, without payments",
            all.phases_per_merchant.to_string(),
        ),
        one(
            "concurrent payments of one merchant",
            all.payments_per_merchant.to_string(),
        ),
        one(
            "wait for a permit, before the caller is asked to retry",
            seconds(all.queue_wait),
        ),
        one("`kv` operations per phase", KV_OPS.to_string()),
        one("`counters` operations per phase", COUNTER_OPS.to_string()),
        one("a key of `kv` or `counters`", format!("{KEY_BYTES} bytes")),
        one("a value of `kv`", kib(VALUE_BYTES)),
        one(
            "keys that a plugin keeps in `kv` and `counters` for one merchant",
            all.data.keys.to_string(),
        ),
        one(
            "bytes of these keys and their values",
            format!("{} MiB", all.data.bytes >> 20),
        ),
        one("one read of `kv`, `counters` or `catalog`", seconds(STORE_WAIT)),
        one("ids in one `catalog.get`", CATALOG_IDS.to_string()),
        one("a log line, fields included", kib(LOG_LINE_BYTES)),
        one("sends of one charge, byte for byte identical", CHARGE_SENDS.to_string()),
    ]
}

/// Limits of answers that only constants in the host's sources give: the label of the row, and the name of the constant.
const BOUNDS: [(&str, &str); 14] = [
    ("lines", "LINES"),
    ("fulfillment options", "OPTIONS"),
    ("rejected discount codes", "CODES"),
    ("fees", "FEES"),
    ("discounts", "DISCOUNTS"),
    ("amounts or targets of one discount", "TARGETS"),
    ("messages, diagnostics of a configuration", "MESSAGES"),
    ("links, images, consents, parts or rates of a tax", "FEW"),
    ("events or changes in one notice", "EVENTS"),
    ("bytes of the response to a notice", "REPLY"),
    ("bytes of an id, code or kind", "ID"),
    ("bytes of a title, message or reason", "TEXT"),
    ("bytes of a description of an item", "LONG_TEXT"),
    ("bytes of a URL", "URL"),
];

/// The value of a constant: a number, a shifted number, another constant, or a sum of these. Of a limit of a string, its bytes.
fn constant(text: &str, name: &str) -> u64 {
    let value = text.lines().find_map(|line| {
        let (_, declared) = line.split_once(&format!("const {name}: "))?;
        Some(declared.split_once(" = ")?.1)
    });
    let value = value
        .unwrap_or_else(|| panic!("found no constant {name}"))
        .trim_end_matches(';');
    let string = value.strip_prefix("at_most(").and_then(|rest| rest.split_once(','));
    let value = string.map_or(value, |(bytes, _)| bytes);
    let number = |text: &str| text.replace('_', "").parse::<u64>();
    let terms = value.split(" + ").map(|term| match term.split_once(" << ") {
        Some((factor, bits)) => number(factor).unwrap() << number(bits).unwrap(),
        None => number(term).unwrap_or_else(|_| constant(text, term)),
    });
    terms.sum()
}

#[test]
fn every_number_of_the_page_is_the_hosts() {
    let page = page();
    let limits = chapter(&page, "Limits");
    let check = read("host/runtime/src/api/check.rs");
    let bounds = BOUNDS.map(|(what, name)| format!("| {what} | {} |", constant(&check, name)));
    for row in rows().into_iter().chain(bounds) {
        assert!(limits.contains(&format!("\n{row}\n")), "wit/README.md needs: {row}");
    }
    let egress = read("host/runtime/src/guest/imports/egress.rs");
    let of_egress = |name: &str| constant(&egress, name);
    for sentence in [
        format!(
            "at most {} headers, and its body at most {} fields or fills. Its query has at most {} parameters.",
            of_egress("MAX_HEADERS"),
            of_egress("MAX_FILLS"),
            of_egress("MAX_PARAMETERS")
        ),
        format!(
            "most {} headers are an `hmac`, each of at most {} parts",
            of_egress("MAX_SIGNATURES"),
            of_egress("MAX_PARTS")
        ),
        format!(
            "An HTTP exchange ends {} ms before its call does",
            ANSWER_TIME.as_millis()
        ),
    ] {
        assert!(limits.contains(&sentence), "wit/README.md needs: {sentence}");
    }
    let tables = limits
        .lines()
        .filter(|line| line.starts_with("| ") && line.ends_with(" |"));
    assert_eq!(
        tables.count(),
        rows().len() + BOUNDS.len() + HEADERS,
        "wit/README.md has rows that this test does not know"
    );
}
