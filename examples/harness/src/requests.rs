//! Arguments of functions that a host computes from a cart, for calls of single functions.

use tillhouse_plugin::types::{Cart, LineAmount};
use tillhouse_plugin::{risk, tax, testing};

/// Amounts of the lines at one unit price without tax, and without discounts.
pub(crate) fn line_amounts(cart: &Cart, unit_price: i64) -> Vec<LineAmount> {
    let lines = cart.lines.iter();
    let amount = lines.map(|line| LineAmount {
        group: cart.group_of(&line.id).map(|group| group.id.clone()),
        ..testing::line_amount(&line.id, &line.item, line.quantity, unit_price)
    });
    amount.collect()
}

/// The request of a tax assessment of a cart without options and fees.
pub(crate) fn tax_request(cart: &Cart, unit_price: i64) -> tax::Request {
    let of_groups = cart.groups.iter().filter_map(|group| {
        Some(tax::Destination {
            group: Some(group.id.clone()),
            address: group.destination.clone()?,
        })
    });
    let of_cart = cart.destination.clone().map(tax::Destination::from);
    tax::Request {
        destinations: of_cart.into_iter().chain(of_groups).collect(),
        billing: cart.billing.clone(),
        buyer: cart.buyer.clone(),
        ..testing::tax_request(line_amounts(cart, unit_price))
    }
}

/// The request of a risk assessment of a cart, without card and device.
pub(crate) fn risk_request(cart: Cart, total: i64) -> risk::Request {
    risk::Request {
        billing: cart.billing.clone(),
        cart,
        total,
        ..risk::Request::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{address, cart};

    #[test]
    fn groups_of_the_cart_are_in_its_amounts_and_in_the_destinations_of_its_taxes() {
        let cart: Cart = cart()
            .line("tee", 2)
            .line("mug", 1)
            .to(address::us("CA"))
            .billed_to(address::us("NY"))
            .lines_to("gift", &["line_2"], address::of("FR"))
            .into();
        let request = tax_request(&cart, 25_00);
        let lines: Vec<_> = request
            .lines
            .iter()
            .map(|line| (line.taxable, line.group.as_deref()))
            .collect();
        assert_eq!(lines, [(50_00, None), (25_00, Some("gift"))]);
        let countries = request
            .destinations
            .iter()
            .map(|it| (it.group.as_deref(), it.address.country.as_str()));
        assert_eq!(countries.collect::<Vec<_>>(), [(None, "US"), (Some("gift"), "FR")]);
        assert_eq!(request.billing, cart.billing);
        assert_eq!(risk_request(cart.clone(), 75_00).billing, cart.billing);
    }
}
