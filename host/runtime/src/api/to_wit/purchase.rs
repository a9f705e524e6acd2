//! What is bought, with every amount of the quote.

use super::amounts::group_id;
use super::cart::line_ids;
use crate::api::bindings::tillhouse::merchant::purchase as wit;
use tillhouse_checkout::cart::Choice;
use tillhouse_checkout::decision::TaxPart;
use tillhouse_checkout::quote::{Discount, Fee, Quote, QuoteLine, QuoteOption, Totals};

pub(super) fn purchase(quote: &Quote) -> wit::Purchase {
    let options = quote.selected.iter().filter_map(|choice| {
        let option = quote.options.iter().find(|option| option.id == choice.option)?;
        Some(purchased_option(option, choice))
    });
    wit::Purchase {
        lines: quote.lines.iter().map(|line| purchased_line(quote, line)).collect(),
        options: options.collect(),
        fees: quote.fees.iter().map(purchased_fee).collect(),
        discounts: quote.discounts.iter().map(purchased_discount).collect(),
        totals: totals(&quote.totals),
    }
}

fn purchased_line(quote: &Quote, line: &QuoteLine) -> wit::PurchasedLine {
    let applied = quote.selected.iter().find(|choice| choice.lines.contains(&line.id));
    let net = line.subtotal.minor() - line.order_discount.minor();
    wit::PurchasedLine {
        line: line.id.as_str().to_owned(),
        item: line.item.as_str().to_owned(),
        group: group_id(line.group.as_ref()),
        option: applied.map(|choice| choice.option.as_str().to_owned()),
        quantity: line.quantity,
        unit_price: line.unit_price.minor(),
        tax_included: line.tax_included,
        base: line.prices.base.minor(),
        discount: line.prices.discount.minor() + line.prices.order_discount.minor(),
        net,
        tax: line.tax.minor(),
        taxes: line.tax_parts.iter().map(tax_part).collect(),
        total: net + line.tax.minor(),
    }
}

fn tax_part(part: &TaxPart) -> wit::TaxPart {
    wit::TaxPart {
        jurisdiction: part.jurisdiction.clone(),
        rate: part.rate,
        amount: part.amount,
    }
}

fn purchased_option(option: &QuoteOption, choice: &Choice) -> wit::PurchasedOption {
    // What was shown less what is left of it: both with tax if the price includes it.
    let left = if option.tax_included {
        option.total
    } else {
        option.subtotal
    };
    wit::PurchasedOption {
        option: option.id.as_str().to_owned(),
        kind: option.kind.clone(),
        title: option.title.clone(),
        lines: line_ids(&choice.lines),
        price: option.shown_price.minor(),
        tax_included: option.tax_included,
        discount: option.shown_price.minor() - left.minor(),
        net: option.subtotal.minor(),
        tax: option.tax.minor(),
        total: option.total.minor(),
    }
}

fn purchased_fee(fee: &Fee) -> wit::PurchasedFee {
    wit::PurchasedFee {
        id: fee.id.clone(),
        kind: fee.kind.clone(),
        title: fee.title.clone(),
        net: fee.amount.minor(),
        tax: fee.tax.minor(),
        total: fee.amount.minor() + fee.tax.minor(),
    }
}

fn purchased_discount(discount: &Discount) -> wit::PurchasedDiscount {
    wit::PurchasedDiscount {
        id: discount.id.clone(),
        code: discount.code.clone(),
        coupon: discount.coupon.id.clone(),
        amount: discount.amount.minor(),
    }
}

fn totals(totals: &Totals) -> wit::Totals {
    wit::Totals {
        items_base: totals.items_base.minor(),
        items_discount: totals.items_discount.minor(),
        subtotal: totals.subtotal.minor(),
        discount: totals.discount.minor(),
        fulfillment: totals.fulfillment.minor(),
        fees: totals.fees.minor(),
        tax: totals.tax.minor(),
        total: totals.total.minor(),
    }
}
