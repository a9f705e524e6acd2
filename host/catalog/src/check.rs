//! Checks rows: each cell by what its column allows, then what the cells of a row say together.

mod cell;
mod groups;
mod product;
mod promotion;
mod report;

use tillhouse_checkout::catalog::CatalogRow;
use tillhouse_checkout::feed::FeedType;

use crate::cells::{CellColumn, Cells};
use crate::columns::{COLUMNS, Column, by_code, code, key};
use crate::problem::{Fault, Problem};
use crate::row::RowCells;
use crate::rule::{Rule, Scope};
use groups::Groups;
use report::Report;

/// Checks rows of one feed, one after the other.
#[derive(Debug)]
pub struct Checker {
    feed: FeedType,
    memo: Memo,
    groups: Groups,
}

/// What was looked up for the row before, and is asked for again.
#[derive(Debug, Default)]
struct Memo {
    /// A currency, and whether it is assigned.
    currency: Option<(tillhouse_checkout::money::Currency, bool)>,
}

/// The columns that the header of the file has. What is missing in every row is said once, of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header(u128);

impl Header {
    /// As if the header had every column.
    pub(crate) const WHOLE: Self = Self(u128::MAX);

    pub(crate) fn of(columns: impl Iterator<Item = &'static Column>) -> Self {
        Self(columns.fold(0, |set, column| set | 1 << column.code))
    }

    pub(crate) const fn has(self, code: u8) -> bool {
        self.0 & (1 << code) != 0
    }

    /// The columns of the table that it has, by code.
    fn columns(self) -> impl Iterator<Item = &'static Column> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let code = u8::try_from(rest.trailing_zeros()).ok().filter(|_| rest != 0)?;
            rest &= rest - 1;
            Some(by_code(code))
        })
        .flatten()
    }

    fn has_one_of(self, codes: &[u8]) -> bool {
        codes.iter().any(|code| self.has(*code))
    }
}

impl Checker {
    /// For rows of a feed of this type.
    #[must_use]
    pub fn new(feed: FeedType) -> Self {
        Self {
            feed,
            memo: Memo::default(),
            groups: Groups::default(),
        }
    }

    /// Every problem of a stored row, with the line that it came from.
    #[must_use]
    pub fn check(&mut self, row: &CatalogRow) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut cells = match Cells::new(&row.content) {
            Ok(cells) => cells,
            Err(error) => {
                let fault = Fault::new(Rule::RowEncoding, error.to_string(), "");
                return vec![Problem::of_row(row.line, fault)];
            }
        };
        let mut known = RowCells::default();
        known.set(key(&self.feed).code, row.id.as_str());
        for (column, value) in cells.cells() {
            if let CellColumn::Known(code) = column {
                known.set(code, value);
            }
        }
        self.check_cells(row.line, &known, Header::WHOLE, &mut problems);
        problems
    }

    /// Every problem of the cells of a row.
    pub(crate) fn check_cells(&mut self, line: u64, cells: &RowCells<'_>, header: Header, problems: &mut Vec<Problem>) {
        let mut report = Report::new(line, cells, header, problems);
        for column in header.columns().filter(|column| is_of(&self.feed, column)) {
            let value = cells.get(column.code);
            if !value.is_empty() {
                cell::check(&mut report, &mut self.memo, column, value);
            } else if column.required.has(&self.feed) || column.essential.has(&self.feed) {
                required(&mut report, column, column.essential.has(&self.feed));
            }
        }
        match self.feed {
            FeedType::Product => {
                product::check(&mut report);
                self.groups.check(&mut report);
            }
            FeedType::Pricing => product::sale(&mut report),
            FeedType::Inventory => product::preorder(&mut report),
            FeedType::Promotion => promotion::check(&mut report),
            FeedType::Other(_) => {}
        }
    }

    /// What the header of a file lacks for every row.
    pub(crate) fn check_header(&self, header: Header) -> Vec<Problem> {
        let mut problems = Vec::new();
        for column in columns_of(&self.feed).filter(|column| !header.has(column.code)) {
            let essential = column.essential.has(&self.feed);
            if essential || column.required.has(&self.feed) {
                problems.push(missing(column, essential));
            }
        }
        if self.feed == FeedType::Product {
            problems.extend(product::missing_columns(header));
        }
        problems
    }
}

/// Every problem of one stored row.
#[must_use]
pub fn check(feed: &FeedType, row: &CatalogRow) -> Vec<Problem> {
    Checker::new(feed.clone()).check(row)
}

/// The columns whose cells count in a feed of this type.
fn columns_of(feed: &FeedType) -> impl Iterator<Item = &'static Column> {
    COLUMNS.iter().filter(move |column| is_of(feed, column))
}

fn is_of(feed: &FeedType, column: &Column) -> bool {
    column.feeds.has(feed) || (column.code == code::SHIPPING_TYPE && *feed == FeedType::Product)
}

fn required(report: &mut Report<'_, '_>, column: &'static Column, essential: bool) {
    if report.header.has(column.code) {
        report.add_as(
            column,
            "",
            Fault::new(Rule::Required, "is required", "give it a value"),
            scope(essential),
        );
    }
}

fn missing(column: &'static Column, essential: bool) -> Problem {
    let help = format!("add it to the header, with a value in each row: {}", column.limit());
    Problem {
        scope: scope(essential),
        ..Problem::of_cell(1, column, "", Fault::new(Rule::HeaderMissing, "is missing", help))
    }
}

const fn scope(essential: bool) -> Scope {
    if essential { Scope::Checkout } else { Scope::Feed }
}
