//! Layers inside the crate of payments: the operators' service and the webhooks must not depend on how payments are made.

use super::{Breach, Source, finds, holds, host, must_not_name};

/// The operators' service may use payments and the ports, and no lower layer may use it; the admin interface only forwards
/// requests.
fn operators_are_served_from_above(sources: &[Source]) -> Vec<Breach> {
    let own = ["host/payments/src/operator"];
    let payments = sources
        .iter()
        .filter(|source| source.path.starts_with("host/payments/src/"));
    let below = payments.filter(|source| !source.lies_in(&own));
    let named = below.flat_map(|source| source.names("crate::operator"));
    let asked = must_not_name(sources, &own, &["tillhouse_egress", "crate::webhooks"]);
    let above = ["checkout", "store", "runtime", "egress", "protocols"].map(|layer| format!("tillhouse_{layer}"));
    let above: Vec<&str> = above.iter().map(String::as_str).collect();
    let edge = must_not_name(sources, &["host/server/src/admin"], &above);
    named.chain(asked).chain(edge).collect()
}

/// To the rest of the crate, order events are ordinary outbox messages: neither side depends on the other. The crate's own test
/// fixtures assemble both.
fn payments_and_webhooks_are_apart(sources: &[Source]) -> Vec<Breach> {
    let payments = || {
        sources
            .iter()
            .filter(|source| source.path.starts_with("host/payments/src/"))
    };
    let own = ["host/payments/src/webhooks"];
    let fixtures = ["host/payments/src/testing.rs"];
    let others = payments().filter(|source| !source.lies_in(&own) && !source.lies_in(&fixtures));
    let named = others.flat_map(|source| source.names("crate::webhooks"));
    let inside = payments().filter(|source| source.lies_in(&own));
    let names =
        inside.flat_map(|source| source.lines(|line| line.contains("crate::") && !line.contains("crate::webhooks")));
    named.chain(names).collect()
}

#[test]
fn webhooks_do_not_depend_on_the_services_of_payments() {
    let rule = payments_and_webhooks_are_apart;
    finds(
        rule,
        "host/payments/src/webhooks/x.rs",
        1,
        "use crate::paying::Paying;\n",
    );
    finds(rule, "host/payments/src/x.rs", 1, "use crate::webhooks::Webhooks;\n");
    holds(&rule(&host()));
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
