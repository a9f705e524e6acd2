//! A fulfillment option that applies (schema `SelectedFulfillmentOption`), inside a member that is called like its kind.

use serde::Serialize;

use crate::acp::rendering::selected;
use tillhouse_checkout::quote::Quote;

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum SelectedFulfillmentOption<'a> {
    Shipping { shipping: Selection<'a> },
    Digital { digital: Selection<'a> },
}

/// Schemas `SelectedShippingFulfillmentOption` and `SelectedDigitalFulfillmentOption`.
#[derive(Debug, Serialize)]
pub(crate) struct Selection<'a> {
    option_id: &'a str,
    /// Ids of items, not of line items, as in the examples of the specification.
    item_ids: Vec<&'a str>,
}

/// The options that apply. Pickups and local deliveries are shown as shipping, as they are among the options on offer.
pub(crate) fn of_quote(quote: &Quote) -> Vec<SelectedFulfillmentOption<'_>> {
    let selections = selected(quote).map(|(option, lines)| {
        let selection = Selection {
            option_id: option.id.as_str(),
            item_ids: lines.iter().map(|line| line.item.as_str()).collect(),
        };
        if option.kind == "digital" {
            SelectedFulfillmentOption::Digital { digital: selection }
        } else {
            SelectedFulfillmentOption::Shipping { shipping: selection }
        }
    });
    selections.collect()
}
