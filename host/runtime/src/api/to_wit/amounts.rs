//! Line amounts, and what may be taxed.

use super::people::{address, buyer};
use super::wit;
use crate::api::bindings::tillhouse::merchant::tax_types as tax;
use tillhouse_checkout::decision::{LineAmount, TaxRequest, TaxableFee, TaxableOption};
use tillhouse_checkout::ids::GroupId;

pub(crate) fn line_amounts(amounts: &[LineAmount]) -> Vec<wit::LineAmount> {
    amounts
        .iter()
        .map(|line| wit::LineAmount {
            line: line.line.as_str().to_owned(),
            item: line.item.as_str().to_owned(),
            group: group_id(line.group.as_ref()),
            quantity: line.quantity,
            unit_price: line.unit_price.minor(),
            tax_included: line.tax_included,
            base: line.base.minor(),
            discount: line.discount.minor(),
            subtotal: line.subtotal.minor(),
            order_discount: line.order_discount.minor(),
            taxable: line.taxable.minor(),
        })
        .collect()
}

pub(super) fn group_id(group: Option<&GroupId>) -> Option<String> {
    group.map(|group| group.as_str().to_owned())
}

pub(crate) fn tax_request(request: &TaxRequest) -> tax::Request {
    let destinations = request.destinations.iter();
    tax::Request {
        lines: line_amounts(&request.lines),
        options: request.options.iter().map(taxable_option).collect(),
        fees: request.fees.iter().map(taxable_fee).collect(),
        destinations: destinations
            .map(|(group, to)| tax::Destination {
                group: group_id(group.as_ref()),
                address: address(to),
            })
            .collect(),
        billing: request.billing.as_ref().map(address),
        buyer: request.buyer.as_ref().map(buyer),
        extensions: Vec::new(),
    }
}

fn taxable_option(option: &TaxableOption) -> tax::TaxableOption {
    tax::TaxableOption {
        id: option.id.as_str().to_owned(),
        price: option.price.minor(),
        tax_included: option.tax_included,
        group: group_id(option.group.as_ref()),
    }
}

fn taxable_fee(fee: &TaxableFee) -> tax::TaxableFee {
    tax::TaxableFee {
        id: fee.id.clone(),
        kind: fee.kind.clone(),
        amount: fee.amount.minor(),
        tax_included: fee.tax_included,
    }
}
