//! Inventory and price feeds: rows that change an item in part.

use tillhouse_checkout::catalog::CatalogRow;
use tillhouse_checkout::feed::FeedType;

use crate::cells::{self, CellColumn, Cells};
use crate::check::{Checker, Header};
use crate::columns::{COLUMNS, code};
use crate::problem::{Fault, Problem};
use crate::row::RowCells;
use crate::rule::Rule;

/// The row of an item with the cells of a change in place of its own. A blank cell of the change takes the item's away.
///
/// # Errors
/// Every problem for which the item could not be sold any more, such as a sale price above the price. Other problems of the item
/// come with the row.
pub fn merge(current: &CatalogRow, change: &CatalogRow) -> Result<(CatalogRow, Vec<Problem>), Vec<Problem>> {
    let damaged = |error: cells::DecodeError| {
        let fault = Fault::new(Rule::RowEncoding, error.to_string(), "");
        vec![Problem::of_row(change.line, fault)]
    };
    let mut merged = RowCells::default();
    merged.set(code::ID, current.id.as_str());
    let mut others = Vec::new();
    for content in [&current.content, &change.content] {
        for (column, value) in Cells::new(content).map_err(damaged)?.cells() {
            match column {
                CellColumn::Known(code) => merged.set(code, value),
                CellColumn::Named(name) => others.push((name, value)),
            }
        }
    }
    let mut content = Vec::with_capacity(current.content.len() + change.content.len());
    cells::start(&mut content);
    for column in COLUMNS.iter().filter(|column| column.code != code::ID) {
        let value = merged.get(column.code);
        if !value.is_empty() {
            cells::push_known(&mut content, column.code, value);
        }
    }
    for (name, value) in others {
        cells::push_named(&mut content, name, value);
    }
    let mut problems = Vec::new();
    Checker::new(FeedType::Product).check_cells(change.line, &merged, Header::WHOLE, &mut problems);
    if problems.iter().any(Problem::refuses) {
        problems.retain(Problem::refuses);
        return Err(problems);
    }
    let row = CatalogRow {
        id: current.id.clone(),
        line: change.line,
        content,
    };
    Ok((row, problems))
}
