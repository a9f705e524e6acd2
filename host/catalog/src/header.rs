//! The header of a file: which column of the table each of its columns is.

use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::ItemId;

use crate::check::{Checker, Header};
use crate::columns::{COLUMNS, Column, code, column};
use crate::problem::{Fault, Problem, shown};
use crate::rule::{Rule, Scope};

/// A column of a file.
#[derive(Clone, Debug)]
pub(crate) enum FileColumn {
    Known(&'static Column),
    /// Kept for plugins under its name, in lower case.
    Named(Box<str>),
    /// Without a name, or of another feed: its cells are not read.
    Passed,
}

/// The columns of a file.
#[derive(Debug)]
pub(crate) struct FileColumns {
    /// As they are written.
    pub(crate) names: Vec<String>,
    pub(crate) columns: Vec<FileColumn>,
    /// The places of the columns in a row, in the order in which their cells are stored.
    pub(crate) order: Vec<usize>,
    pub(crate) header: Header,
    /// What is wrong, although rows can be read.
    pub(crate) problems: Vec<Problem>,
}

impl FileColumns {
    /// Read a header. `Err`: no row can be read with it.
    pub(crate) fn read(
        names: Vec<String>,
        line: u64,
        checker: &Checker,
        feed: &FeedType,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut columns = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        for (index, written) in names.iter().enumerate() {
            let name = written.trim().trim_start_matches('\u{feff}').to_lowercase();
            if !name.is_empty() && seen.contains(&name) {
                let fault = Fault::new(Rule::HeaderTwice, "occurs twice", "remove or rename one of the two");
                problems.push(Problem::of_row(line, fault).named(name.clone()));
            }
            columns.push(file_column(&name, index, line, feed, &mut problems));
            seen.push(name);
        }
        let known = columns.iter().filter_map(|column| match column {
            FileColumn::Known(column) => Some(*column),
            _ => None,
        });
        let header = Header::of(known);
        problems.extend(
            checker
                .check_header(header)
                .into_iter()
                .map(|problem| Problem { line, ..problem }),
        );
        if problems.iter().any(Problem::refuses) {
            problems.retain(Problem::refuses);
            return Err(problems);
        }
        let mut order: Vec<usize> = (0..columns.len()).collect();
        order.sort_by(|one, other| place(columns.get(*one)).cmp(&place(columns.get(*other))));
        Ok(Self {
            names,
            columns,
            order,
            header,
            problems,
        })
    }
}

impl FileColumns {
    /// The id in a record that is refused as a whole, as far as it can be told. Where the number of cells is wrong, only what comes
    /// before the first separator is in its place for sure; and a line break in a cell may be a quote that has swallowed other rows.
    pub(crate) fn id(&self, bytes: &[u8], ends: &[usize]) -> Option<ItemId> {
        let is_key = |column: &FileColumn| matches!(column, FileColumn::Known(known) if known.code == code::ID);
        let place = self.columns.iter().position(is_key)?;
        let has_break = || bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r'));
        if ends.len() != self.columns.len() && (place > 0 || ends.len() < 2 || has_break()) {
            return None;
        }
        let start = place.checked_sub(1).and_then(|before| ends.get(before).copied());
        let cell = bytes.get(start.unwrap_or_default()..*ends.get(place)?)?;
        let id = std::str::from_utf8(cell).ok()?.trim();
        (!id.is_empty() && !id.contains('\0')).then(|| ItemId::new(id))
    }
}

/// Columns of the table come first, by code, and others by name.
fn place(column: Option<&FileColumn>) -> (u8, &str) {
    match column {
        Some(FileColumn::Known(column)) => (column.code, ""),
        Some(FileColumn::Named(name)) => (u8::MAX, name),
        Some(FileColumn::Passed) | None => (u8::MAX, ""),
    }
}

fn file_column(name: &str, index: usize, line: u64, feed: &FeedType, problems: &mut Vec<Problem>) -> FileColumn {
    let mut advise = |rule, message: String, help: String| {
        let problem = Problem::of_row(line, Fault::new(rule, message, help));
        problems.push(problem.named(name.to_owned()));
    };
    if name.is_empty() {
        let message = format!("column {} has no name, so its cells are not read", index + 1);
        advise(Rule::HeaderUnnamed, message, "name it, or remove it".to_owned());
        return FileColumn::Passed;
    }
    let increment = matches!(feed, FeedType::Inventory | FeedType::Pricing);
    match column(name) {
        Some(known) if known.feeds.has(feed) || (!increment && *feed != FeedType::Promotion) => {
            FileColumn::Known(known)
        }
        Some(_) | None if increment => {
            let message = format!("is not a column of the {feed} feed, so its cells are not read");
            advise(Rule::HeaderOther, message, "import it with a product feed".to_owned());
            FileColumn::Passed
        }
        Some(_) => FileColumn::Named(name.into()),
        None => {
            if let Some(similar) = similar(name) {
                let message = "is not a column of the feed, so it is kept for plugins only".to_owned();
                advise(
                    Rule::HeaderSpelling,
                    message,
                    format!("rename it if it is {}", shown(similar)),
                );
            }
            FileColumn::Named(name.into())
        }
    }
}

/// The column of the table that was probably meant.
fn similar(name: &str) -> Option<&'static str> {
    let plain = |text: &str| text.replace([' ', '-', '_'], "");
    let written = plain(name);
    let meant = COLUMNS
        .iter()
        .map(|column| (column, distance(&written, &plain(column.name))));
    let close = meant.filter(|(column, distance)| match distance {
        0 => true,
        1 => column.name.len() >= 5,
        2 => column.name.len() >= 5 && column.name.get(..1) == name.get(..1),
        _ => false,
    });
    close
        .min_by_key(|(_, distance)| *distance)
        .map(|(column, _)| column.name)
}

/// How many letters differ (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut before = index;
        let mut left = index + 1;
        for (cell, second) in row.iter_mut().skip(1).zip(&other) {
            let replaced = before + usize::from(letter != *second);
            before = *cell;
            left = replaced.min(before + 1).min(left + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Feed problems of a header refuse the file where the import is strict.
pub(crate) fn refused_if_strict(problems: &[Problem], strict: bool) -> Option<Vec<Problem>> {
    let refusing = problems.iter().filter(|problem| problem.scope != Scope::Advice);
    let refusing: Vec<Problem> = refusing.cloned().collect();
    (strict && !refusing.is_empty()).then_some(refusing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_almost_one_of_the_feed_is_found() {
        for (written, meant) in [
            ("titel", Some("title")),
            ("image link", Some("image_link")),
            ("image-link", Some("image_link")),
            ("additional_image_links", Some("additional_image_link")),
            ("sale_price_efective_date", Some("sale_price_effective_date")),
            ("prices", Some("price")),
            ("colour", Some("color")),
            ("tax_category", None),
            ("shipping_weight", None),
            ("supplier", None),
            ("sizes", None),
        ] {
            assert_eq!(similar(written), meant, "{written}");
        }
    }
}
