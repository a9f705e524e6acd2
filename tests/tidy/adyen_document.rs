//! The tables about Adyen's document: every row is there, and so is every test that a row names.

use std::collections::BTreeSet;
use std::fs;
use std::sync::LazyLock;

use super::source::root;
use super::words::collect;

const FOLDER: &str = "host/protocols/src/adyen";
const REQUIREMENTS: usize = 176;
const WRONG_REQUESTS: usize = 127;

const DONE: &str = "done";
const STATES: [&str; 3] = [DONE, "decided otherwise", "not for a merchant"];

fn page(file: &str) -> String {
    fs::read_to_string(root().join(FOLDER).join(file)).unwrap()
}

/// The cells of each numbered row: the number, and what follows.
fn rows(page: &str) -> Vec<(usize, Vec<&str>)> {
    let rows = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|'));
    rows.filter_map(|row| {
        let (number, rest) = row.split_once(" | ")?;
        let cells = rest.split(" |").map(str::trim).collect();
        Some((number.parse().ok()?, cells))
    })
    .collect()
}

/// The names in backquotes.
fn names(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The name that a line gives to a function, or to a trial of a harness of its own: `"leak_search::…"`.
fn named_in(line: &str) -> Option<&str> {
    let of_function = || line.split("fn ").nth(1)?.split_once('(').map(|(name, _)| name);
    let of_trial = || line.rsplit_once("::")?.1.split_once('"').map(|(name, _)| name);
    of_function().or_else(of_trial)
}

/// The tests of a file: functions below their attribute. In `tests`, any function may be a trial.
fn tests_in(text: &str, all: bool) -> impl Iterator<Item = &str> {
    let is_test = |line: &str| {
        ["#[test", "#[tokio::test"]
            .iter()
            .any(|it| line.trim_start().starts_with(it))
    };
    let lines = text.lines().zip(text.lines().skip(1));
    let below = lines.filter(move |(above, _)| all || is_test(above));
    below.filter_map(|(_, line)| named_in(line))
}

/// The names of all tests.
static WRITTEN: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut written = BTreeSet::new();
    for folder in ["host", "plugins", "examples", "tests"] {
        let mut files = Vec::new();
        collect(&root().join(folder), &mut files);
        for file in files
            .iter()
            .filter(|file| file.extension().is_some_and(|it| it == "rs"))
        {
            let text = fs::read_to_string(file).unwrap();
            written.extend(tests_in(&text, folder == "tests").map(str::to_owned));
        }
    }
    written
});

/// Names in these cells that are not the name of a test.
fn unwritten<'a>(cells: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let named = cells.into_iter().flat_map(names);
    named.filter(|name| !WRITTEN.contains(*name)).collect()
}

#[test]
fn every_requirement_has_a_row_and_every_test_of_a_row_exists() {
    assert_eq!(unwritten(["`a_test_that_was_renamed`"]), ["a_test_that_was_renamed"]);
    let page = page("REQUIREMENTS.md");
    let rows = rows(&page);
    let numbers: Vec<usize> = rows.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=REQUIREMENTS).collect::<Vec<_>>());
    for (number, cells) in &rows {
        let [_, state, tests, remark] = cells[..] else {
            panic!("row {number} has the cells {cells:?}")
        };
        assert!(STATES.contains(&state), "row {number} is {state:?}");
        assert!(
            state != DONE || !names(tests).is_empty(),
            "row {number} is done without a test"
        );
        assert!(
            state == DONE || !remark.is_empty(),
            "row {number} does not say why it is {state}"
        );
    }
    let counts = STATES.map(|state| rows.iter().filter(|(_, cells)| cells[1] == state).count());
    let [done, otherwise, not_ours] = counts;
    let stated = format!("{done} are done, {otherwise} decided otherwise, {not_ours} not for a merchant's side");
    let words: Vec<&str> = page.split_whitespace().collect();
    assert!(words.join(" ").contains(&stated), "the page does not say {stated:?}");
    assert_eq!(unwritten(rows.iter().map(|(_, cells)| cells[2])), [""; 0]);
    let decisions = page.split("## Where the document contradicts itself").nth(1).unwrap();
    let decided = decisions
        .lines()
        .filter_map(|line| line.strip_suffix(" |")?.rsplit(" | ").next());
    assert_eq!(unwritten(decided), [""; 0]);
}

#[test]
fn every_wrong_request_has_a_row_and_every_test_of_a_row_exists() {
    let page = page("WRONG_REQUESTS.md");
    let rows = rows(&page);
    let numbers: Vec<usize> = rows.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=WRONG_REQUESTS).collect::<Vec<_>>());
    for (number, cells) in &rows {
        let [edge, _, _, tests] = cells[..] else {
            panic!("row {number} has the cells {cells:?}")
        };
        assert!(["A", "M", "V", "N"].contains(&edge), "row {number} is of {edge:?}");
        assert!(!names(tests).is_empty(), "row {number} has no test");
    }
    assert_eq!(unwritten(rows.iter().map(|(_, cells)| cells[3])), [""; 0]);
}
