//! The operators' service and their edge, which share a crate with what they must not know.

use super::{Breach, Source, finds, holds, host, must_not_name};

/// What serves operators asks payments and the ports, and nothing below it names it; their edge only passes questions on.
fn operators_are_served_from_above(sources: &[Source]) -> Vec<Breach> {
    let own = ["host/payments/src/operator"];
    let payments = sources
        .iter()
        .filter(|source| source.path.starts_with("host/payments/src/"));
    let below = payments.filter(|source| !source.lies_in(&own));
    let named = below.flat_map(|source| source.names("crate::operator"));
    let edge = must_not_name(
        sources,
        &["host/server/src/admin"],
        &["tillhouse_checkout", "tillhouse_store", "tillhouse_runtime"],
    );
    named.chain(edge).collect()
}

#[test]
fn operators_are_served_over_the_ports() {
    let rule = operators_are_served_from_above;
    finds(
        rule,
        "host/server/src/admin/x.rs",
        1,
        "use tillhouse_store::sqlite::SqliteStore;\n",
    );
    finds(rule, "host/payments/src/x.rs", 1, "use crate::operator::Operator;\n");
    holds(&rule(&host()));
}
