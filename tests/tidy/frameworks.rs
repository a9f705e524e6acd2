//! Frameworks, and the one layer that names each.

use super::{Breach, Source, finds, holds, host, only_in};

fn one_place_for_each_framework(sources: &[Source]) -> Vec<Breach> {
    [
        only_in(sources, &["host/src/egress"], "reqwest"),
        only_in(sources, &["host/src/plugin"], "wasmtime"),
        only_in(sources, &["host/src/plugin"], "wasmparser"),
        only_in(sources, &["host/src/store"], "rusqlite"),
        only_in(sources, &["host/src/store"], "tokio_postgres"),
        // There every connection gets what all of them need.
        only_in(sources, &["host/src/store/sqlite/connection"], "open_with_flags"),
        // The benchmark serves what the host is compared with: a bare echo, and the shop as a service to call out to.
        only_in(sources, &["host/src/http", "host/src/cli/bench"], "axum"),
    ]
    .concat()
}

#[test]
fn each_framework_is_named_by_one_layer() {
    for (path, snippet) in [
        ("host/src/payments/x.rs", "use reqwest::Client;\n"),
        ("host/src/cli/x.rs", "use wasmtime::Engine;\n"),
        ("host/src/guests/x.rs", "use wasmparser::Parser;\n"),
        (
            "host/src/store/sqlite/x.rs",
            "fn f() { Connection::open_with_flags(file, flags); }\n",
        ),
    ] {
        finds(one_place_for_each_framework, path, 1, snippet);
    }
    holds(&one_place_for_each_framework(&host()));
}
