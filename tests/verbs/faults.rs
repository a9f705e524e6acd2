//! What a limit that was met looks like.

use libtest_mimic::Trial;

use crate::{run_with, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial(
        "faults::a_fault_names_its_limit_its_size_and_what_to_do",
        a_fault_names_its_limit_its_size_and_what_to_do,
    )]
}

async fn a_fault_names_its_limit_its_size_and_what_to_do() {
    for (misdeed, fault, limit, remedy) in [
        ("spin", "cpu-budget", Some("50 ms of CPU"), "do less in one call"),
        (
            "memory",
            "memory",
            Some("32 MiB of memory"),
            "keep less at the same time",
        ),
        (
            "huge-output",
            "output-too-large",
            Some("1 MiB from the plugin"),
            "shorter texts",
        ),
        ("deep-recursion", "trap", None, "recurse less deeply"),
        ("trap", "trap", None, "the plugin panicked"),
    ] {
        let cart = format!(r#"{{"lines": [{{"id": "l1", "item": "price:{misdeed}", "quantity": 1}}]}}"#);
        let said = run_with("tests/hostile-plugin", "pricing.price", &cart, &[]).exits(1);
        assert_eq!(said.json["outcome"], "fault", "{}", said.text);
        let told = &said.json["fault"];
        assert_eq!(told["name"], fault, "{}", said.text);
        match limit {
            Some(limit) => assert!(told["limit"].as_str().unwrap().contains(limit), "{told:#}"),
            None => assert!(told["limit"].is_null(), "{told:#}"),
        }
        assert!(told["remedy"].as_str().unwrap().contains(remedy), "{told:#}");
    }
}
