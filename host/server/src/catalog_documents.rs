//! What was found in a catalog file, as documents for operators.

use tillhouse_catalog::{FileFound, Problem};
use tillhouse_payments::operator::catalogs::{CatalogProblem, FileRead};

/// A problem of a row.
#[must_use]
pub fn problem_view(found: &Problem) -> CatalogProblem {
    CatalogProblem {
        line: found.line,
        column: found.column.to_string(),
        value: found.value.clone(),
        rule: found.rule.id().to_owned(),
        severity: found.scope.as_str().to_owned(),
        message: found.message.clone(),
        help: found.help.to_string(),
    }
}

/// A file as it was read.
#[must_use]
pub fn file_view(file: &FileFound) -> FileRead {
    let (size, bytes) = (file.digest.state.size(), file.digest.bytes);
    FileRead {
        size,
        bytes,
        sha256: (bytes == size).then(|| file.digest.sha256.clone()),
        encoding: file.format.map(|format| format.encoding.to_string()),
        encoding_guessed: file.format.is_some_and(|format| format.guessed),
        separator: file.format.map(|format| format.separator.to_string()),
    }
}
