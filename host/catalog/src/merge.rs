//! Inventory and price feeds: rows that change an item in part.

use tillhouse_checkout::catalog::CatalogRow;
use tillhouse_checkout::feed::FeedType;

use crate::cells::{self, CellColumn, Cells};
use crate::check::{Checker, Header};
use crate::columns::code;
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
    let mut changes = RowCells::default();
    let mut changed = [false; 256];
    for (column, value) in Cells::new(&change.content).map_err(damaged)?.cells() {
        if let CellColumn::Known(code) = column {
            changes.set(code, value);
            if let Some(changed) = changed.get_mut(usize::from(code)) {
                *changed = true;
            }
        }
    }
    let mut content = Vec::with_capacity(current.content.len() + change.content.len());
    cells::start(&mut content);
    let mut merged = RowCells::default();
    merged.set(code::ID, current.id.as_str());
    for (column, value) in Cells::new(&current.content).map_err(damaged)?.cells() {
        match column {
            CellColumn::Known(code) if changed.get(usize::from(code)) == Some(&true) => {}
            CellColumn::Known(code) => {
                merged.set(code, value);
                cells::push_known(&mut content, code, value);
            }
            CellColumn::Named(name) => cells::push_named(&mut content, name, value),
        }
    }
    for (column, value) in Cells::new(&change.content).map_err(damaged)?.cells() {
        if let CellColumn::Known(code) = column
            && !value.is_empty()
        {
            merged.set(code, value);
            cells::push_known(&mut content, code, value);
        }
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
