//! What is wrong with a feed, and how to fix it.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use tillhouse_checkout::catalog::DuplicateRow;
use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::text::is_unprintable;

use super::columns::{self, Column, code};
use super::rule::{Rule, RuleScope, Scope};

/// Characters of a cell that a problem repeats.
const SHOWN: usize = 60;

/// Ids that a problem repeats.
const SHOWN_IDS: usize = 3;

/// One broken rule, in one cell, one row, or the whole file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Line of the file on which the row begins; the first line is 1.
    pub line: u64,
    /// Name of the column; empty if it is about the whole row or file.
    pub column: Cow<'static, str>,
    /// The cell, or the entry in it, with at most 60 characters; empty if it has none.
    pub value: String,
    /// The rule that it breaks.
    pub rule: Rule,
    /// What follows from it.
    pub scope: Scope,
    /// What is wrong; with the column before it, a sentence.
    pub message: String,
    /// How to fix it.
    pub help: Cow<'static, str>,
}

/// A broken rule that is not placed in a file yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) rule: Rule,
    pub(crate) message: String,
    pub(crate) help: Cow<'static, str>,
}

impl Fault {
    pub(crate) fn new(rule: Rule, message: impl Into<String>, help: impl Into<Cow<'static, str>>) -> Self {
        Self {
            rule,
            message: message.into(),
            help: help.into(),
        }
    }
}

impl Problem {
    /// A problem of a file as a whole.
    pub(crate) fn of_file(rule: Rule, message: impl Into<String>, help: impl Into<Cow<'static, str>>) -> Self {
        Self::of_row(1, Fault::new(rule, message, help))
    }

    /// A problem of a row as a whole.
    pub(crate) fn of_row(line: u64, fault: Fault) -> Self {
        Self::placed(line, "".into(), fault, Scope::Checkout)
    }

    /// A problem of a cell.
    pub(crate) fn of_cell(line: u64, column: &'static Column, value: &str, fault: Fault) -> Self {
        let of_column = if column.sells { Scope::Checkout } else { Scope::Feed };
        Self {
            value: clipped(value),
            ..Self::placed(line, column.name.into(), fault, of_column)
        }
    }

    fn placed(line: u64, column: Cow<'static, str>, fault: Fault, of_column: Scope) -> Self {
        Self {
            line,
            column,
            value: String::new(),
            rule: fault.rule,
            scope: match fault.rule.scope() {
                RuleScope::Fixed(scope) => scope,
                RuleScope::OfColumn => of_column,
            },
            message: fault.message,
            help: fault.help,
        }
    }

    pub(crate) fn named(mut self, column: impl Into<Cow<'static, str>>) -> Self {
        self.column = column.into();
        self
    }

    /// A row that was not kept, because an earlier one has its id.
    #[must_use]
    pub fn duplicate(row: &DuplicateRow, feed: &FeedType) -> Self {
        let message = format!("is {:?}, as on line {}", row.id.as_str(), row.first_line);
        let fault = Fault::new(Rule::RowTwice, message, "keep one of the two rows");
        Self::of_cell(row.line, columns::key(feed), row.id.as_str(), fault)
    }

    /// A promotion that names items which the catalog does not have.
    pub(crate) fn unknown_targets(line: u64, column: &'static Column, ids: &[&ItemId]) -> Self {
        let named: Vec<&str> = ids.iter().take(SHOWN_IDS).map(|id| id.as_str()).collect();
        let more = if ids.len() > SHOWN_IDS { ", …" } else { "" };
        let named = format!("{}{more}", named.join(", "));
        let message = format!("names what the catalog does not have: {}", clipped(&named));
        let help = "import these products, or take their ids out";
        Self::of_cell(line, column, &named, Fault::new(Rule::TargetUnknown, message, help))
    }

    /// A row of an increment for an item that the catalog does not have.
    #[must_use]
    pub fn unknown_item(id: &ItemId, line: u64) -> Self {
        let message = format!("is {:?}, which the catalog does not have", id.as_str());
        let fault = Fault::new(
            Rule::UnknownItem,
            message,
            "import its product row first, or remove this row",
        );
        Self::of_cell(line, columns::of(code::ID), id.as_str(), fault)
    }

    /// Whether the item is not sold for it.
    #[must_use]
    pub fn refuses(&self) -> bool {
        self.scope == Scope::Checkout
    }
}

/// A cell as a message repeats it: in quotes, clipped, without characters that would not be seen.
pub(crate) fn shown(value: &str) -> String {
    format!("{:?}", clipped(value))
}

fn clipped(value: &str) -> String {
    let printable = |letter: char| if is_unprintable(letter) { '\u{fffd}' } else { letter };
    match value.char_indices().nth(SHOWN) {
        None => value.chars().map(printable).collect(),
        Some((end, _)) => value
            .get(..end)
            .unwrap_or_default()
            .chars()
            .map(printable)
            .chain(['…'])
            .collect(),
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if !self.column.is_empty() {
            write!(f, "column {} ", self.column)?;
        }
        f.write_str(&self.message)?;
        if !self.help.is_empty() {
            write!(f, "; {}", self.help)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
