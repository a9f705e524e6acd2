//! What the other party refused, told in terms of the merchant's file: item, row, line, column and rule, as far as each can be told.

use std::collections::HashMap;

use tillhouse_catalog::{COLUMNS, Checker, Problem, Scope};
use tillhouse_checkout::feed::FeedRowError;
use tillhouse_checkout::ids::ItemId;

use super::error_file::{self, ErrorRows};
use super::feed_rows::{FeedRow, RowSource};
use super::refused_items::RefusedItems;
use super::rendering::{RenderError, in_thread};
use super::transport::{RefusedRow, RefusedRows};

/// Most rows that are kept of an upload.
pub(crate) const MOST_KEPT: usize = 10_000;

/// The rows that were refused and those that were not sent, as many as are kept; how many were refused, and which items.
#[derive(Debug, Default)]
pub(crate) struct Explained {
    pub(crate) errors: Vec<FeedRowError>,
    pub(crate) refused: u64,
    pub(crate) items: RefusedItems,
}

/// Read the rows that were refused, and find them in the upload. `refused` is how many there are, as the other party says.
pub(crate) async fn explain(
    source: &RowSource,
    rows: RefusedRows,
    refused: Option<u64>,
    withheld: u64,
) -> Result<Explained, RenderError> {
    let ErrorRows { kept, all, items } = list(rows).await?;
    let mut explained = Explained {
        errors: kept.into_iter().map(told).collect(),
        refused: all,
        items,
    };
    explained.items.sort();
    let mut found = 0;
    if !explained.errors.is_empty() || withheld > 0 {
        found = find(source, &mut explained).await?;
    }
    // A file that is cut short, or that names no items, or none that were uploaded.
    explained.items.others_unknown |= found < refused.unwrap_or(all);
    Ok(explained)
}

async fn list(refused: RefusedRows) -> Result<ErrorRows, RenderError> {
    match refused {
        RefusedRows::None => Ok(ErrorRows::default()),
        RefusedRows::Listed(listed) => {
            let mut rows = ErrorRows::default();
            listed.into_iter().for_each(|row| rows.add(row, MOST_KEPT));
            Ok(rows)
        }
        RefusedRows::File { file, samples } => {
            let mut rows = in_thread(move || error_file::read(file.from_start()?, MOST_KEPT)).await?;
            add_columns(&mut rows.kept, &samples);
            Ok(rows)
        }
    }
}

/// A sample names the column, and a row of the file does not.
fn add_columns(rows: &mut [RefusedRow], samples: &[RefusedRow]) {
    for sample in samples {
        let of_sample = |row: &&mut RefusedRow| row.id == sample.id && row.column.is_none();
        if let Some(row) = rows.iter_mut().find(of_sample) {
            row.column.clone_from(&sample.column);
        }
    }
}

fn told(row: RefusedRow) -> FeedRowError {
    let named = |column: &String| COLUMNS.iter().any(|known| known.name == column.as_str());
    let is_id = |column: &String| matches!(column.as_str(), "id" | "promotion_id");
    // Of a row, the id says nothing that the message does not say better.
    let column = row.column.clone().filter(|column| named(column) && !is_id(column));
    FeedRowError {
        row: None,
        line: None,
        item: row.id,
        column: column.or_else(|| column_in(&row.message)).or(row.column.filter(named)),
        rule: None,
        message: row.message,
    }
}

/// The column that a message names: the longest one that stands in it as a word.
fn column_in(message: &str) -> Option<String> {
    let message = message.to_ascii_lowercase();
    let names = COLUMNS.iter().map(|column| column.name);
    let named = names
        .filter(|name| has_word(&message, name) || name.contains('_') && has_word(&message, &name.replace('_', " ")));
    named.max_by_key(|name| name.len()).map(str::to_owned)
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|text| text.chars().next());
        !is_part(before) && !is_part(after)
    })
}

/// Find the rows in the upload, in one pass over it; and add those that were not sent, as far as there is room. Returns how many of the
/// upload's rows are of refused items.
async fn find(source: &RowSource, Explained { errors, items, .. }: &mut Explained) -> Result<u64, RenderError> {
    let mut by_item: HashMap<ItemId, Vec<usize>> = HashMap::new();
    for (at, error) in errors.iter().enumerate() {
        if let Some(item) = &error.item {
            by_item.entry(item.clone()).or_default().push(at);
        }
    }
    let mut checker = Checker::new(source.feed.clone());
    let (mut rows, mut number, mut found) = (source.rows(None), 0, 0);
    loop {
        let page = rows.next_page().await?;
        if page.is_empty() {
            return Ok(found);
        }
        for row in &page {
            if let Some(problem) = row.withheld() {
                if errors.len() < MOST_KEPT {
                    errors.push(not_sent(row, problem));
                }
                if !row.is_sent() {
                    continue;
                }
            }
            number += 1;
            found += u64::from(items.has(&row.uploaded.id));
            for at in by_item.get(&row.uploaded.id).into_iter().flatten() {
                if let Some(error) = errors.get_mut(*at) {
                    place(error, row, number, &mut checker);
                }
            }
        }
    }
}

fn place(error: &mut FeedRowError, row: &FeedRow, number: u64, checker: &mut Checker) {
    error.row = Some(number);
    error.line = row.line;
    let Some(stored) = &row.uploaded.row else { return };
    let problems = if row.problems.is_empty() {
        checker.check(stored)
    } else {
        row.problems.clone()
    };
    let of_column = |problem: &&Problem| error.column.as_deref() == Some(problem.column.as_ref());
    error.rule = problems
        .iter()
        .find(of_column)
        .map(|problem| problem.rule.id().to_owned());
}

fn not_sent(row: &FeedRow, problem: &Problem) -> FeedRowError {
    let why = if problem.scope == Scope::Feed {
        "breaks a rule of the feed"
    } else {
        "breaks a rule"
    };
    let what = if row.uploaded.deleted {
        "deleted there and not sent"
    } else {
        "not sent"
    };
    FeedRowError {
        row: None,
        line: row.line,
        item: Some(row.uploaded.id.clone()),
        column: (!problem.column.is_empty()).then(|| problem.column.to_string()),
        rule: Some(problem.rule.id().to_owned()),
        message: format!("{what}, because it {why}: {}; {}", problem.message, problem.help),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_column_that_stands_in_a_message_is_its_column() {
        for (message, column) in [
            (
                "Invalid value for `sale_price`: must be below price",
                Some("sale_price"),
            ),
            ("The sale price is not a number", Some("sale_price")),
            ("price: missing currency", Some("price")),
            ("Overpriced", None),
            ("Something went wrong", None),
            ("Link must be an absolute URL", Some("link")),
        ] {
            assert_eq!(column_in(message).as_deref(), column, "{message}");
        }
    }
}
