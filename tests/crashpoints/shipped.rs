//! What is shipped holds no such place.

use std::path::Path;

use libtest_mimic::Trial;
use tillhouse_tests::crashpoints::{crashpoints, shipped};

use crate::trial;

/// The words of an injected error: `tillhouse::crash::MARK`, which this program cannot name, because it is built without.
const MARK: &[u8] = b"injected by a crash point of a test";

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("the binary that is shipped holds no crash point", async || {
        assert!(holds(&crashpoints(), MARK), "the words have changed: {MARK:?} looks for nothing");
        assert!(!holds(&shipped(), MARK), "tillhouse is built with the feature crash-points");
    })]
}

fn holds(file: &Path, words: &[u8]) -> bool {
    let bytes = std::fs::read(file).unwrap();
    bytes.windows(words.len()).any(|window| window == words)
}
