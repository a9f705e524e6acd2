//! A fulfillment option that applies (schema `SelectedFulfillmentOption`).

use serde::Serialize;

use crate::acp::rendering::selected;
use tillhouse_checkout::quote::Quote;

#[derive(Debug, Serialize)]
pub(crate) struct SelectedFulfillmentOption<'a> {
    r#type: &'static str,
    option_id: &'a str,
    /// Ids of items, not of line items, as in the examples of the specification.
    item_ids: Vec<&'a str>,
}

/// The options that apply, each with its items.
pub(crate) fn of_quote(quote: &Quote) -> Vec<SelectedFulfillmentOption<'_>> {
    selected(quote)
        .map(|(option, lines)| SelectedFulfillmentOption {
            r#type: option.shown_kind().name(),
            option_id: option.id.as_str(),
            item_ids: lines.iter().map(|line| line.item.as_str()).collect(),
        })
        .collect()
}
