//! The operators' service and their edge.

use super::{ABOVE, Breach, Source, finds, holds, host, must_not_name};

/// What serves operators asks payments and the ports, and is named by nobody below it.
fn operators_are_served_from_above(sources: &[Source]) -> Vec<Breach> {
    let frameworks = ["axum", "wasmtime", "reqwest", "rusqlite"];
    let layers = ["crate::plugin", "crate::store", "crate::http", "crate::egress"];
    let rule = |folders: &[&str], more: &[&str]| {
        let names: Vec<&str> = [&frameworks[..], &layers, &ABOVE, more].concat();
        must_not_name(sources, folders, &names)
    };
    let below =
        ["checkout", "payments", "plugin", "store", "egress", "http", "catalog"].map(|it| format!("host/src/{it}"));
    let below: Vec<&str> = below.iter().map(String::as_str).collect();
    [
        rule(&["host/src/operator"], &["hyper", "crate::admin"]),
        rule(&["host/src/admin"], &["crate::payments", "crate::checkout"]),
        must_not_name(sources, &below, &["crate::operator", "crate::admin"]),
    ]
    .concat()
}

#[test]
fn operators_are_served_over_the_ports() {
    let rule = operators_are_served_from_above;
    finds(
        rule,
        "host/src/operator/x.rs",
        1,
        "use crate::store::sqlite::SqliteStore;\n",
    );
    finds(rule, "host/src/admin/x.rs", 1, "use crate::payments::Payments;\n");
    finds(rule, "host/src/payments/x.rs", 1, "use crate::operator::Operator;\n");
    holds(&rule(&host()));
}
