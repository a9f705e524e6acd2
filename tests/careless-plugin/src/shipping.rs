//! Shipping at one price, with mistakes on request.

use tillhouse_plugin::prelude::*;

use crate::{Careless, has_mistake};

impl Fulfillment for Careless {
    fn options(_ctx: Context, cart: Cart, _amounts: Vec<LineAmount>) -> Result<Offer, Failure> {
        let is_sent = |group: &Group| group.destination.is_some();
        if cart.destination.is_none() && !cart.groups.iter().any(is_sent) {
            return Ok(Offer::default());
        }
        let mut standard = FulfillmentOption::shipping("standard", "Standard", Amount::new(599)?);
        if has_mistake("option-of-no-group") {
            standard.group = Some("no-such-group".into());
        }
        if has_mistake("option-for-another-group")
            && let [first, second, ..] = cart.groups.as_slice()
        {
            standard.group = Some(first.id.clone());
            standard.lines = second.lines.iter().take(1).cloned().collect();
        }
        let mut offer = Offer::preselecting(standard);
        if has_mistake("two-preselected") {
            let express = FulfillmentOption::shipping("express", "Express", Amount::new(1_999)?);
            offer.preselected.push(Choice::of(express.id.as_str()));
            offer.options.push(express);
        }
        Ok(offer)
    }
}
