//! Checks that the shipped program contains no crash points.

use std::path::Path;
use std::process::{Command, Stdio};

use libtest_mimic::Trial;
use tillhouse_tests::crashpoints::{crashpoints, shipped};
use tillhouse_tests::workspace;

use crate::trial;

/// Text of an injected error: `tillhouse_crash_points::INJECTED_ERROR`, which this program cannot name, because it is built without
/// the feature.
const INJECTED_ERROR: &[u8] = b"injected by a crash point of a test";

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("the shipped binary contains no crash points", async || {
            assert!(
                holds(&crashpoints(), INJECTED_ERROR),
                "the text of injected errors has changed: crashpoints does not contain {INJECTED_ERROR:?}"
            );
            assert!(
                !holds(&shipped(), INJECTED_ERROR),
                "tillhouse is built with the feature crash-points"
            );
        }),
        trial("no build of the workspace enables the crash points", async || {
            let turned_on = |more: &[&str]| features(more).contains("tillhouse-crash-points feature \"crash-points\"");
            assert!(
                turned_on(&["--features", "tillhouse-tests/crash-points"]),
                "{}",
                features(&[])
            );
            assert!(!turned_on(&[]), "{}", features(&[]));
        }),
    ]
}

/// The features of the host that a build of the workspace enables, and the crates that enable them.
fn features(more: &[&str]) -> String {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(workspace()).args([
        "tree",
        "--workspace",
        "--edges",
        "features",
        "--invert",
        "tillhouse-crash-points",
    ]);
    let output = cargo.args(more).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

fn holds(file: &Path, words: &[u8]) -> bool {
    let bytes = std::fs::read(file).unwrap();
    bytes.windows(words.len()).any(|window| window == words)
}
