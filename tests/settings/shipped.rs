//! The shipped plugins, with their schemas and default configurations.

use std::collections::BTreeSet;

use tillhouse_plugin::lifecycle::{Diagnostic, Lifecycle};
use tillhouse_plugin::testing::Host;
use tillhouse_runtime::flatten;
use toml::{Table, Value};

use crate::literals;
use crate::schema::Schema;

/// Parts of the plugins' messages about an unknown key or name.
const UNKNOWN: [&str; 10] = [
    "have the country",
    "is not a key of this plugin",
    "is not a property of",
    "unknown kind of page",
    "must be a two-letter country code",
    "is not a tax table",
    "must be in a named table",
    "invalid category name",
    "expected the code of a US state",
    "invalid code:",
];

/// How a problem quotes the value that every key is tried with: what is wrong is the value, not the key.
const VALUE: &str = "`1`";

/// A plugin that is shipped with the host.
pub(crate) struct Shipped {
    pub(crate) name: &'static str,
    pub(crate) schema: Schema,
    pub(crate) defaults: Table,
    /// Tables whose entries are named by the operator.
    named: &'static [&'static str],
    /// Minimum number of accepted keys, to detect that the search for literals failed.
    pub(crate) min_keys: usize,
    validate: fn() -> Vec<Diagnostic>,
}

impl Shipped {
    pub(crate) fn all() -> [Self; 4] {
        let table = |text: &str| text.parse::<Table>().unwrap();
        [
            Self {
                name: "reference-shop",
                schema: Schema::read(include_str!("../../plugins/reference-shop/config.schema.json")),
                defaults: table(reference_shop::DEFAULT_CONFIG),
                named: &["shipping.zone", "pickup.place"],
                min_keys: 200,
                validate: reference_shop::Shop::validate_config,
            },
            Self {
                name: "sandbox-processor",
                schema: Schema::read(include_str!("../../plugins/sandbox-processor/config.schema.json")),
                defaults: Table::new(),
                named: &[],
                min_keys: 6,
                validate: sandbox_processor::Processor::validate_config,
            },
            Self {
                name: "adyen-processor",
                schema: Schema::read(include_str!("../../plugins/adyen-processor/config.schema.json")),
                defaults: table("merchant-account = \"AcmeECOM\""),
                named: &[],
                min_keys: 20,
                validate: adyen_processor::Processor::validate_config,
            },
            Self {
                name: "tax-table",
                schema: Schema::read(include_str!("../../plugins/tax-table/config.schema.json")),
                defaults: table(tax_table::DEFAULT_CONFIG),
                named: &[],
                min_keys: 100,
                validate: tax_table::TaxTable::validate_config,
            },
        ]
    }

    /// Problems that the plugin reports for its default configuration, with one more key if given.
    pub(crate) fn problems(&self, key: Option<&str>) -> Vec<String> {
        let mut host = Host::new();
        for (key, value) in flatten(&self.defaults.to_string(), None, None).unwrap() {
            host = host.config(&key, &value);
        }
        let _host = key.into_iter().fold(host, |host, key| host.config(key, "1")).install();
        let text = |problem: Diagnostic| format!("{}: {}", problem.key, problem.message);
        (self.validate)().into_iter().map(text).collect()
    }

    /// Whether the plugin's code accepts a key; problems about its value are ignored.
    pub(crate) fn code_accepts(&self, key: &str) -> bool {
        let problems = self.problems(Some(key));
        !problems
            .iter()
            .any(|problem| !problem.contains(VALUE) && UNKNOWN.iter().any(|phrase| problem.contains(phrase)))
    }

    /// Candidate keys: every literal of the sources, and each of its dotted parts in every table.
    pub(crate) fn keys(&self) -> BTreeSet<String> {
        let folder = tillhouse_tests::workspace().join("plugins").join(self.name).join("src");
        let literals = literals::of_folder(&folder);
        let parts: BTreeSet<&str> = literals
            .iter()
            .flat_map(|literal| literal.split('.'))
            .chain(["colour"])
            .collect();
        let mut tables = BTreeSet::from([String::new()]);
        collect("", &self.defaults, &mut tables);
        let tables = tables
            .iter()
            .filter(|table| !self.named.contains(&table.trim_end_matches('.')));
        let inside = tables.flat_map(|table| parts.iter().map(move |part| format!("{table}{part}")));
        inside
            .chain(literals.iter().cloned())
            .filter(|key| !key.ends_with('.') && !key.contains(".."))
            .collect()
    }
}

fn collect(prefix: &str, table: &Table, tables: &mut BTreeSet<String>) {
    for (name, value) in table {
        if let Value::Table(inner) = value {
            let path = format!("{prefix}{name}.");
            collect(&path, inner, tables);
            tables.insert(path);
        }
    }
}
