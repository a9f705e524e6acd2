//! The lines of an order, and what has become of their units.

use serde::{Deserialize, Serialize};

use super::Order;
use super::adjusting::takes_units;
use super::fulfilling::Stage;
use super::status::OrderStatus;
use crate::decision::LineUnits;
use crate::quote::Quote;

/// A line of an order, as it was ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderedLine {
    /// Id of the cart line.
    pub line: String,
    /// Id of the item.
    pub item: String,
    /// Units that were ordered.
    pub ordered: u32,
}

/// A line of an order, and what has become of its units: `fulfilled ≤ dispatched ≤ current ≤ ordered`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// Id of the cart line.
    pub line: String,
    /// Id of the item.
    pub item: String,
    /// Units that were ordered.
    pub ordered: u32,
    /// Units that are still ordered: less what was canceled or returned.
    pub current: u32,
    /// Units of these that have left the merchant, or wait for the buyer to collect them.
    pub dispatched: u32,
    /// Units of these that were delivered or handed over.
    pub fulfilled: u32,
}

/// What has become of the units of a line, without what was returned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LineCounts {
    pub(super) ordered: u64,
    pub(super) canceled: u64,
    pub(super) returned: u64,
    /// In a fulfillment that has not failed.
    pub(super) assigned: u64,
    /// Of these, on their way or delivered.
    pub(super) dispatched: u64,
    /// Of the dispatched ones, those that were delivered.
    pub(super) delivered: u64,
}

impl LineCounts {
    /// Units that were not canceled.
    pub(super) const fn kept(&self) -> u64 {
        self.ordered.saturating_sub(self.canceled)
    }

    /// Units that are in no fulfillment and not canceled.
    pub(super) const fn unassigned(&self) -> u64 {
        self.kept().saturating_sub(self.assigned)
    }

    /// Units that are with the merchant, in no fulfillment and not canceled.
    pub(super) fn cancelable(&self) -> u64 {
        self.kept().saturating_sub(self.assigned.max(self.dispatched))
    }

    /// Units that have left the merchant and did not come back.
    pub(super) const fn returnable(&self) -> u64 {
        self.dispatched.saturating_sub(self.returned)
    }
}

impl Order {
    /// The lines, and what has become of their units.
    #[must_use]
    pub fn lines(&self) -> Vec<OrderLine> {
        let counted = self.progress.lines.iter().zip(self.line_counts());
        // No count is larger than what was ordered.
        let units = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let line = |(line, counts): (&OrderedLine, LineCounts)| OrderLine {
            line: line.line.clone(),
            item: line.item.clone(),
            ordered: line.ordered,
            current: units(counts.kept().saturating_sub(counts.returned)),
            dispatched: units(counts.returnable()),
            fulfilled: units(counts.delivered.saturating_sub(counts.returned)),
        };
        counted.map(line).collect()
    }

    /// The same order with the lines of this quote, if an earlier release of the host stored it without lines.
    #[must_use]
    pub fn with_lines_of(mut self, quote: &Quote) -> Self {
        if self.progress.lines.is_empty() {
            self.progress.lines = OrderedLine::of(quote);
        }
        self
    }

    /// What has become of the units of each line, in the order of the lines.
    pub(super) fn line_counts(&self) -> Vec<LineCounts> {
        self.progress.lines.iter().map(|line| self.counts_of(line)).collect()
    }

    fn counts_of(&self, line: &OrderedLine) -> LineCounts {
        let mut counts = LineCounts {
            ordered: line.ordered.into(),
            ..LineCounts::default()
        };
        for adjustment in &self.progress.adjustments {
            let units = units_of(&adjustment.lines, &line.line);
            match adjustment.kind.as_str() {
                _ if !takes_units(adjustment) => {}
                "return" => counts.returned += units,
                _ => counts.canceled += units,
            }
        }
        for fulfillment in &self.progress.fulfillments {
            let units = units_of(&fulfillment.lines, &line.line);
            let stage = Stage::of(&fulfillment.status);
            counts.assigned += if stage == Stage::Ended { 0 } else { units };
            counts.dispatched += if stage >= Stage::Dispatched { units } else { 0 };
            counts.delivered += if stage == Stage::Delivered { units } else { 0 };
        }
        // The merchant's own system says so of the order as a whole, and need not say in which parcels.
        match self.progress.stated {
            Some(OrderStatus::Shipped) => counts.dispatched = counts.kept(),
            Some(OrderStatus::Completed) => (counts.dispatched, counts.delivered) = (counts.kept(), counts.kept()),
            _ => {}
        }
        counts
    }
}

impl OrderedLine {
    /// The lines of a quote.
    #[must_use]
    pub fn of(quote: &Quote) -> Vec<Self> {
        let lines = quote.lines.iter().map(|line| Self {
            line: line.id.to_string(),
            item: line.item.to_string(),
            ordered: line.quantity,
        });
        lines.collect()
    }
}

/// How many units of a line these are.
pub(super) fn units_of(lines: &[LineUnits], line: &str) -> u64 {
    let of_line = lines.iter().filter(|units| units.line == line);
    of_line.map(|units| u64::from(units.quantity)).sum()
}
