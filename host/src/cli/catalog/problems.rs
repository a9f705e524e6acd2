//! Problems of rows, as people read them.

use tillhouse_catalog::Scope;
use tillhouse_console::table::print_line;
use tillhouse_payments::operator::catalogs::{CatalogProblem, FileRead};

/// Print problems one by one.
pub(super) fn print_problems(problems: &[CatalogProblem], more: u64) {
    problems.iter().for_each(print_problem);
    if more > 0 {
        print_line(&format!(
            "and {more} more problems; --errors FILE gets every row that is refused"
        ));
    }
}

/// Line, column, value, rule and what follows.
pub(super) fn print_problem(problem: &CatalogProblem) {
    let column = match problem.column.as_str() {
        "" => String::new(),
        column => format!("column {column} "),
    };
    let value = match problem.value.as_str() {
        "" => String::new(),
        value => format!("{value:?}: "),
    };
    let help = match problem.help.as_str() {
        "" => String::new(),
        help => format!("; {help}"),
    };
    print_line(&format!(
        "line {}: {column}{value}{}{help} [{}: {}]",
        problem.line,
        problem.message,
        problem.rule,
        meaning(&problem.severity)
    ));
}

fn meaning(severity: &str) -> &str {
    if severity == Scope::Checkout.as_str() {
        "refused"
    } else if severity == Scope::Feed.as_str() {
        "not for Stripe"
    } else {
        severity
    }
}

/// Print how the file was read.
pub(super) fn print_file(file: &FileRead) {
    let mut parts = vec![match file.bytes == file.size {
        true => format!("{} bytes", file.bytes),
        false => format!("{} of {} bytes read", file.bytes, file.size),
    }];
    parts.extend(file.encoding.clone().map(|encoding| match file.encoding_guessed {
        true => format!("{encoding} (told from its characters; say --encoding if that is wrong)"),
        false => encoding,
    }));
    parts.extend(file.separator.clone());
    parts.extend(file.sha256.iter().map(|sha256| format!("sha256 {sha256}")));
    print_line(&format!("file: {}", parts.join(", ")));
}
