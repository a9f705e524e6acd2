//! Checks `wit/README.md` against the contract and the host.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use tillhouse_checkout::quote::QuoteRule;
use tillhouse_runtime::Limits;
use tillhouse_runtime::function::{Access, Function};
use tillhouse_runtime::limits::{
    CATALOG_IDS, CHARGE_SENDS, CORE_INSTANCES, COUNTER_OPS, CallLimits, KEY_BYTES, KV_OPS, LOG_LINE_BYTES, MEMORIES,
    STORE_WAIT, TABLES, VALUE_BYTES,
};

use super::source::root;

/// Functions of the contract that the host does not call yet.
const NOT_CALLED: [&str; 2] = ["lifecycle.describe", "payments-capture.capture"];

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn page() -> String {
    read("wit/README.md")
}

/// The functions of a package as `interface.function`. A method of a resource counts as a function of its interface.
fn declared(package: &str) -> BTreeSet<String> {
    let mut functions = BTreeSet::new();
    for entry in fs::read_dir(root().join("wit").join(package)).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut interface = "";
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix("interface ") {
                interface = name.trim_end_matches(" {");
            }
            if let Some((name, _)) = line.split_once(": func(") {
                functions.insert(format!("{interface}.{name}"));
            }
        }
    }
    assert!(!functions.is_empty(), "found no functions in wit/{package}");
    functions
}

/// The functions that a chapter describes, each with its text.
fn described(page: &str, chapter: &str) -> Vec<(String, String)> {
    let begin = page
        .find(&format!("\n## {chapter}\n"))
        .unwrap_or_else(|| panic!("wit/README.md has no chapter {chapter}"));
    let rest = &page[begin + 1..];
    let chapter = rest.split("\n## ").next().unwrap();
    let sections = chapter.split("\n#### `").skip(1);
    sections
        .map(|section| {
            section
                .split_once('`')
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .unwrap()
        })
        .collect()
}

fn names(described: &[(String, String)]) -> BTreeSet<String> {
    described.iter().map(|(name, _)| name.clone()).collect()
}

#[test]
fn the_page_describes_every_function_of_the_contract_and_no_other() {
    let page = page();
    for (chapter, package) in [("Exports", "merchant"), ("Imports", "host")] {
        let described = described(&page, chapter);
        assert_eq!(
            names(&described),
            declared(package),
            "{chapter} of wit/README.md, wit/{package}"
        );
        assert_eq!(
            described.len(),
            declared(package).len(),
            "wit/README.md describes a function twice"
        );
    }
    let called: BTreeSet<String> = Function::ALL
        .iter()
        .map(|function| function.name().to_owned())
        .collect();
    let declared = declared("merchant");
    let uncalled: Vec<&str> = declared.difference(&called).map(String::as_str).collect();
    assert_eq!(uncalled, NOT_CALLED);
    assert!(
        called.is_subset(&declared),
        "the host calls functions that the contract does not have"
    );
}

#[test]
fn each_function_says_what_there_is_to_say() {
    let labels = |text: &str, labels: &[&str], name: &str| {
        for label in labels {
            assert!(
                text.contains(&format!("\n- **{label}**")),
                "{name}: wit/README.md has no `{label}`"
            );
        }
    };
    for (name, text) in described(&page(), "Exports") {
        labels(&text, &["Decides", "When", "Takes", "Gives", "Again", "Fails"], &name);
        let uncalled = text.contains("This host does not call it yet.");
        assert_eq!(uncalled, NOT_CALLED.contains(&name.as_str()), "{name}");
    }
    for (name, text) in described(&page(), "Imports") {
        labels(&text, &["Does", "Limits", "Errors"], &name);
    }
}

/// What a function may use, in the wording of wit/README.md and the SDK.
fn uses(function: Function) -> String {
    let data = match function.data() {
        Access::No => "",
        Access::Read => ", `kv` and `counters` to read",
        Access::Write => ", `kv` and `counters`",
    };
    let egress = if function.egress() { ", `egress`" } else { "" };
    let credentials = if function == Function::Charge {
        ", `credentials`"
    } else {
        ""
    };
    format!("`log`, `config`, `catalog`, `clock`{data}{egress}{credentials}")
}

/// The limits of a function, in the wording of wit/README.md and the SDK.
fn limits(function: Function) -> String {
    let all = Limits::default();
    let limits = all.of(function.kind());
    let http = if function.egress() {
        format!("{} HTTP requests", limits.http_calls)
    } else {
        "no HTTP".to_owned()
    };
    let (cpu, memory) = (limits.cpu_ticks, mib(limits.memory_bytes));
    format!(
        "{cpu} ms of CPU, {} in all, {memory} of memory, {http}",
        seconds(limits.wall)
    )
}

#[test]
fn the_page_and_the_sdk_say_what_each_function_may_use_and_its_limits() {
    let described = described(&page(), "Exports");
    for function in Function::ALL {
        let (_, text) = described.iter().find(|(name, _)| name == function.name()).unwrap();
        let kind = format!("{:?}", function.kind()).to_lowercase();
        let uses_of_page = format!("\n- **May use**: {}\n", uses(*function));
        let limits_of_page = format!("\n- **Limits** ({kind}): {}\n", limits(*function));
        assert!(
            text.contains(&uses_of_page),
            "{}: wit/README.md needs:{uses_of_page}",
            function.name()
        );
        assert!(
            text.contains(&limits_of_page),
            "{}: wit/README.md needs:{limits_of_page}",
            function.name()
        );

        let doc = doc_in_sdk(function.name());
        for line in [
            format!("May use {}.", uses(*function)),
            format!("Limits: {}.", limits(*function)),
        ] {
            assert!(
                doc.contains(&line),
                "{}: its trait in the SDK needs: {line}",
                function.name()
            );
        }
    }
}

/// The doc comment of a function's method in the SDK's trait.
fn doc_in_sdk(name: &str) -> String {
    let (interface, function) = name.split_once('.').unwrap();
    let module = interface.split('-').next().unwrap();
    let text = read(&format!("plugins/sdk/src/{module}.rs"));
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let of_trait: String = interface.split('-').map(capital).collect();
    let begin = text
        .find(&format!("\npub trait {of_trait} {{"))
        .unwrap_or_else(|| panic!("the SDK has no trait {of_trait}"));
    let method = format!("    fn {}(", function.replace('-', "_"));
    let before = text[begin..].split(&method).next().unwrap();
    let doc = before.lines().rev().take_while(|line| line.trim().starts_with("///"));
    doc.collect::<Vec<_>>().join("\n")
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs())
}

fn mib(bytes: usize) -> String {
    format!("{} MiB", bytes >> 20)
}

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
        row("CPU time; waiting in imports does not count (`cpu-budget`)", |it| {
            format!("{} ms", it.cpu_ticks)
        }),
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
        one("one read of `kv` or `counters`", seconds(STORE_WAIT)),
        one("ids in one `catalog.get`", CATALOG_IDS.to_string()),
        one("a log line, fields included", kib(LOG_LINE_BYTES)),
        one("sends of one charge, byte for byte identical", CHARGE_SENDS.to_string()),
    ]
}

/// Limits of answers that only constants in the host's sources give: the label of the row, and the name of the constant.
const BOUNDS: [(&str, &str); 11] = [
    ("lines", "LINES"),
    ("fulfillment options", "OPTIONS"),
    ("discount codes", "CODES"),
    ("fees", "FEES"),
    ("discounts", "DISCOUNTS"),
    ("messages", "MESSAGES"),
    ("links, images, consents, parts of a tax", "FEW"),
    ("bytes of an id, code or kind", "ID"),
    ("bytes of a title, message or reason", "TEXT"),
    ("bytes of a description of an item", "LONG_TEXT"),
    ("bytes of a URL", "URL"),
];

fn constant(text: &str, name: &str) -> u64 {
    let value = text
        .lines()
        .find_map(|line| line.split_once(&format!("const {name}: usize = ")));
    let value = value
        .unwrap_or_else(|| panic!("found no constant {name}"))
        .1
        .trim_end_matches(';');
    let number = |text: &str| text.replace('_', "").parse::<u64>().unwrap();
    match value.split_once(" << ") {
        Some((factor, bits)) => number(factor) << number(bits),
        None => number(value),
    }
}

#[test]
fn every_number_of_the_page_is_the_hosts() {
    let page = page();
    let check = read("host/runtime/src/api/check.rs");
    let bounds = BOUNDS.map(|(what, name)| format!("| {what} | {} |", constant(&check, name)));
    for row in rows().into_iter().chain(bounds) {
        assert!(page.contains(&format!("\n{row}\n")), "wit/README.md needs: {row}");
    }
    let egress = read("host/runtime/src/guest/imports/egress.rs");
    let (headers, fills) = (constant(&egress, "MAX_HEADERS"), constant(&egress, "MAX_FILLS"));
    let sentence = format!("at most {headers} headers, and its body at most {fills} fields or fills");
    assert!(page.contains(&sentence), "wit/README.md needs: {sentence}");
    let tables = page
        .lines()
        .filter(|line| line.starts_with("| ") && line.ends_with(" |"));
    assert_eq!(
        tables.count(),
        rows().len() + BOUNDS.len() + QuoteRule::ALL.len() + 4,
        "wit/README.md has rows that this test does not know"
    );
}

#[test]
fn the_page_has_every_rule_of_a_quote_as_the_host_checks_it() {
    let page = page();
    let declared = declared("merchant");
    for rule in QuoteRule::ALL {
        let functions: Vec<String> = rule.functions().iter().map(|name| format!("`{name}`")).collect();
        let cells = [
            format!("`{rule}`"),
            rule.formula().to_owned(),
            functions.join(", "),
            rule.help().to_owned(),
        ];
        let row = format!("| {} |", cells.join(" | "));
        assert!(page.contains(&format!("\n{row}\n")), "wit/README.md needs: {row}");
        for function in rule.functions() {
            assert!(
                declared.contains(*function),
                "{rule}: {function} is not in the contract"
            );
        }
    }
}

/// The host blames a rule on the functions that the table names, and each of them for something.
#[test]
fn each_rule_is_checked_in_the_functions_that_the_table_names() {
    let sources = ["quote/amounts.rs", "quote/assemble.rs"].map(|file| read(&format!("host/checkout/src/{file}")));
    let reserve = read("host/payments/src/paying/reserve.rs");
    let blamed = |function: &str, rule: QuoteRule| {
        let name = match function {
            "pricing.price" => "PRICE",
            "inventory.check" => "CHECK",
            "fulfillment.options" => "OPTIONS",
            "tax.assess" => "ASSESS",
            _ => return reserve.contains(&format!("function: \"{function}\",\n        rule: QuoteRule::{rule:?}")),
        };
        let rule = format!("QuoteRule::{rule:?}");
        sources.iter().any(|text| {
            let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let direct = [format!("({name}, {rule},"), format!("( {name}, {rule},")];
            direct.iter().any(|it| flat.contains(it)) || (name == "PRICE" && flat.contains(&format!("sum({rule},")))
        })
    };
    let called = Function::ALL.iter().map(|function| function.name());
    for function in called {
        for rule in QuoteRule::ALL {
            let named = rule.functions().contains(&function);
            assert_eq!(blamed(function, rule), named, "{rule} and {function}");
        }
    }
}
