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
        exempt: line.tax_exempt.clone(),
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
        taxes: option.tax_parts.iter().map(tax_part).collect(),
        exempt: option.tax_exempt.clone(),
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
        taxes: fee.tax_parts.iter().map(tax_part).collect(),
        exempt: fee.tax_exempt.clone(),
        total: fee.amount.minor() + fee.tax.minor(),
    }
}

fn purchased_discount(discount: &Discount) -> wit::PurchasedDiscount {
    wit::PurchasedDiscount {
        id: discount.id.clone(),
        code: discount.code.clone(),
        coupon: discount.coupon.id.clone(),
        amount: discount.shown_amount.minor(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_checkout::cart::{Cart, CartLine};
    use tillhouse_checkout::decision::{
        AnsweredTaxes, DiscountTarget, FulfillmentOffer, ItemDescription, OfferedDiscount, OfferedFee, OfferedOption,
        Page, PricedCart, PricedLine, RatedTax, Reduction, RoundingRule, TaxAssessment, TaxRate,
    };
    use tillhouse_checkout::decision::{Coupon, DiscountTerms};
    use tillhouse_checkout::ids::{ItemId, LineId, OptionId};
    use tillhouse_checkout::quote::assemble::{self, QuoteParts};
    use tillhouse_checkout::quote::{amounts, options};
    use tillhouse_checkout::time::Timestamp;

    /// Three items of 9.99 with a discount of 5.00 on the order, shipping of 4.90 with 2.00 off, gift wrap of 3.00; all with 19 % tax
    /// in the price, or all on top of it.
    fn quote(tax_included: bool) -> Quote {
        let line = CartLine {
            id: LineId::new("l1"),
            item: ItemId::new("tee"),
            quantity: 3,
        };
        let cart = Cart {
            lines: vec![line],
            ..Cart::default()
        };
        let priced = PricedCart {
            lines: vec![PricedLine {
                line: LineId::new("l1"),
                unit_price: 9_99,
                tax_included,
                max_quantity: None,
            }],
            discounts: vec![
                discount("order", DiscountTarget::Order, 5_00),
                discount("shipping", DiscountTarget::Fulfillment, 2_00),
            ],
            fees: vec![OfferedFee {
                id: "wrap".into(),
                kind: "gift_wrap".into(),
                title: "Gift wrap".into(),
                amount: 3_00,
                tax_included,
            }],
            ..PricedCart::default()
        };
        let priced = amounts::price(&cart, priced, Timestamp(0)).unwrap();
        let offer = FulfillmentOffer {
            options: vec![standard(tax_included)],
            preselected: vec![Choice::of(OptionId::new("standard"))],
            messages: vec![],
        };
        let options = options::options(&cart, &priced, &offer).unwrap();
        let parts = QuoteParts {
            stock: vec![],
            priced,
            options,
            preselected: offer.preselected,
            offer_messages: vec![],
            taxes: TaxAssessment {
                taxes: rates(),
                messages: vec![],
            },
            shown: vec![ItemDescription::default()],
            page: Page::default(),
        };
        assemble::quote(&cart, parts).unwrap()
    }

    fn discount(id: &str, target: DiscountTarget, minor: i64) -> OfferedDiscount {
        OfferedDiscount {
            id: id.into(),
            code: None,
            coupon: Coupon {
                id: format!("coupon-{id}"),
                name: "Off".into(),
                terms: DiscountTerms::Amount(minor),
                duration: None,
                duration_in_months: None,
                max_redemptions: None,
                times_redeemed: None,
                metadata: Vec::new(),
            },
            method: "across".into(),
            priority: 1,
            starts: None,
            ends: None,
            reduction: Reduction::Amounts(vec![(target, minor)]),
        }
    }

    fn standard(tax_included: bool) -> OfferedOption {
        OfferedOption {
            id: OptionId::new("standard"),
            kind: "shipping".into(),
            title: "Standard".into(),
            description: None,
            carrier: None,
            earliest: None,
            latest: None,
            price: 4_90,
            tax_included,
            lines: vec![],
            group: None,
            place: None,
            pickup_type: None,
            ready_by: None,
            pickup_by: None,
        }
    }

    fn rates() -> AnsweredTaxes {
        let of = |id: &str| {
            vec![RatedTax {
                id: id.into(),
                rates: vec![TaxRate {
                    jurisdiction: "DE".into(),
                    rate: 190_000,
                }],
                exempt: None,
            }]
        };
        AnsweredTaxes::Rates {
            lines: of("l1"),
            options: of("standard"),
            fees: of("wrap"),
            rounding: RoundingRule {
                mode: "half-up".into(),
                scope: "cart".into(),
            },
        }
    }

    #[test]
    fn what_was_shown_with_tax_is_net_and_tax_together() {
        let bought = purchase(&quote(true));
        let line = &bought.lines[0];
        assert_eq!((line.base, line.discount, line.total), (29_97, 5_00, 24_97));
        let option = &bought.options[0];
        assert_eq!((option.price, option.discount, option.total), (4_90, 2_00, 2_90));
        assert_eq!(bought.fees[0].total, 3_00);
        assert_eq!(bought.totals.total, 24_97 + 2_90 + 3_00);
    }

    #[test]
    fn tax_on_top_of_a_price_leaves_the_price_as_it_is() {
        let bought = purchase(&quote(false));
        let line = &bought.lines[0];
        assert_eq!((line.base, line.discount, line.net), (29_97, 5_00, 24_97));
        let option = &bought.options[0];
        assert_eq!((option.price, option.discount, option.net), (4_90, 2_00, 2_90));
        assert_eq!(bought.fees[0].net, 3_00);
        assert_eq!(bought.totals.tax, 5_87);
    }

    #[test]
    fn the_parts_of_a_purchase_add_up_to_its_totals() {
        for tax_included in [true, false] {
            let bought = purchase(&quote(tax_included));
            for line in &bought.lines {
                let price = line.unit_price * i64::from(line.quantity);
                assert_eq!(line.net + line.tax, line.total);
                let left = if tax_included { line.total } else { line.net };
                assert_eq!(price - line.discount, left);
                assert_eq!(line.taxes.iter().map(|part| part.amount).sum::<i64>(), line.tax);
                assert_eq!(line.option.as_deref(), Some("standard"));
            }
            assert_eq!(bought.options[0].lines, ["l1"]);
            let totals = &bought.totals;
            let sum = |amounts: &[i64]| amounts.iter().sum::<i64>();
            let (line, option, fee) = (&bought.lines[0], &bought.options[0], &bought.fees[0]);
            assert_eq!(totals.subtotal - totals.discount, line.net);
            assert_eq!((totals.fulfillment, totals.fees), (option.net, fee.net));
            assert_eq!(totals.tax, sum(&[line.tax, option.tax, fee.tax]));
            assert_eq!(totals.total, sum(&[line.total, option.total, fee.total]));
            let coupons: Vec<&str> = bought
                .discounts
                .iter()
                .map(|discount| discount.coupon.as_str())
                .collect();
            assert_eq!(coupons, ["coupon-order", "coupon-shipping"]);
            let amounts: Vec<i64> = bought.discounts.iter().map(|discount| discount.amount).collect();
            assert_eq!(amounts, [5_00, 2_00], "as they were shown");
        }
    }
}
