//! Collects the problems of one row.

use super::Header;
use crate::columns::{self, Column};
use crate::problem::{Fault, Problem};
use crate::row::RowCells;
use crate::rule::{Rule, Scope};

/// A row under check, and what was found in it.
pub(super) struct Report<'p, 'r> {
    line: u64,
    pub(super) cells: &'p RowCells<'r>,
    pub(super) header: Header,
    problems: &'p mut Vec<Problem>,
}

impl<'p, 'r> Report<'p, 'r> {
    pub(super) const fn new(
        line: u64,
        cells: &'p RowCells<'r>,
        header: Header,
        problems: &'p mut Vec<Problem>,
    ) -> Self {
        Self {
            line,
            cells,
            header,
            problems,
        }
    }

    /// The cell of a column.
    pub(super) fn get(&self, code: u8) -> &'r str {
        self.cells.get(code)
    }

    /// The value of a cell; `None` if it is empty or wrong.
    pub(super) fn read<T>(&self, code: u8, value: impl Fn(&str) -> Result<T, Fault>) -> Option<T> {
        let text = self.get(code);
        (!text.is_empty()).then(|| value(text).ok()).flatten()
    }

    /// A problem of a cell.
    pub(super) fn add(&mut self, column: &'static Column, value: &str, fault: Fault) {
        self.problems.push(Problem::of_cell(self.line, column, value, fault));
    }

    /// A problem of the cell of this column.
    pub(super) fn add_at(&mut self, code: u8, fault: Fault) {
        let value = self.get(code);
        self.add(columns::of(code), value, fault);
    }

    /// A problem of a cell, with another scope than that of its column.
    pub(super) fn add_as(&mut self, column: &'static Column, value: &str, fault: Fault, scope: Scope) {
        let problem = Problem::of_cell(self.line, column, value, fault);
        self.problems.push(Problem { scope, ..problem });
    }

    /// A column that this row needs is empty. One that the header does not have was reported of the header.
    pub(super) fn needs(&mut self, code: u8, rule: Rule, why: &str, help: &'static str) {
        self.add_at(code, Fault::new(rule, format!("is required {why}"), help));
    }
}
