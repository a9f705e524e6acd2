//! `--help`: every command explains itself, with examples.

use libtest_mimic::Trial;

use crate::author::Author;
use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial(
        "help::every_verb_explains_itself_with_an_example",
        has_description,
    )]
}

fn has_description() {
    let author = Author::of("help");
    let verbs = author.run(&["plugin", "--help"]).expect_exit(0).text;
    let listed = verbs.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed: Vec<&str> = listed
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(listed.len() > 6, "{verbs}");
    for verb in listed.into_iter().filter(|verb| *verb != "help") {
        let help = author.run(&["plugin", verb, "--help"]).expect_exit(0).text;
        assert!(help.contains("Examples:\n  tillhouse plugin"), "{help}");
        assert!(help.contains("--json"), "{help}");
        assert!(help.contains("\nExit codes: 0 ") && help.contains(", 2 "), "{help}");
    }
    let doctor = author.run(&["doctor", "--help"]).expect_exit(0).text;
    assert!(
        doctor.contains("Examples:") && doctor.contains("\nExit codes: 0 "),
        "{doctor}"
    );
    let _ = author.run(&["plugin", "check", "--colour"]).expect_exit(2);
}
