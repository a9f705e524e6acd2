//! Random carts: every sum is right, whatever the prices, discounts, options and taxes are.
//!
//! `TILLHOUSE_CARTS=100000 cargo test -p tillhouse-checkout random_carts` tries as many; the default is a few hundred.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::shop::{Shop, assessed, discount, option, price, rounding};
use crate::cart::{Cart, CartLine, Choice, FulfillmentGroup};
use crate::decision::{
    AnsweredTaxes, DiscountTarget, OfferedDiscount, OfferedFee, OfferedOption, RateOff, RatedTax, Reduction, TaxRate,
};
use crate::ids::{GroupId, ItemId, LineId, OptionId};
use crate::money::{Amount, Currency, Money};
use crate::quote::Quote;

/// How many carts are tried.
fn carts() -> u32 {
    let wanted = std::env::var("TILLHOUSE_CARTS").ok();
    wanted.and_then(|number| number.parse().ok()).unwrap_or(500)
}

/// One item of a random cart: unit price, quantity, number of lines that it is split into, and whether the price includes tax.
#[derive(Clone, Debug)]
struct Item {
    unit_price: i64,
    quantity: u32,
    lines: u32,
    tax_included: bool,
    rates: Vec<u32>,
}

#[derive(Clone, Debug)]
struct RandomCart {
    items: Vec<Item>,
    options: Vec<(i64, bool, Vec<u32>)>,
    fee: Option<(i64, bool)>,
    discounts: Vec<Reduction>,
    mode: &'static str,
    scope: &'static str,
    groups: bool,
    currency: &'static str,
}

fn rates() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(
        prop::sample::select(vec![0, 5_000, 50_000, 72_500, 80_000, 99_750, 190_000]),
        0..3,
    )
}

fn item() -> impl Strategy<Value = Item> {
    let prices = prop_oneof![0_i64..20, 0_i64..50_000, 1_i64..2_000_000_000];
    (prices, 1_u32..12, 1_u32..4, any::<bool>(), rates()).prop_map(
        |(unit_price, quantity, lines, tax_included, rates)| Item {
            unit_price,
            quantity,
            lines: lines.min(quantity),
            tax_included,
            rates,
        },
    )
}

/// Discounts that do not name lines, so that a cart and the same cart with split lines have the same.
fn reduction() -> impl Strategy<Value = Reduction> {
    let targets = prop::sample::select(vec![
        vec![],
        vec![DiscountTarget::Order],
        vec![DiscountTarget::Fulfillment],
        vec![DiscountTarget::Option(OptionId::new("o0"))],
    ]);
    let rate = (1_u32..400_000, targets).prop_map(|(rate, targets)| {
        Reduction::Rate(RateOff {
            rate,
            targets,
            rounding: rounding("half-up", "cart"),
        })
    });
    let amount = (1_i64..900).prop_map(|amount| Reduction::Amounts(vec![(DiscountTarget::Fulfillment, amount)]));
    prop_oneof![3 => rate, 1 => amount]
}

fn random_cart() -> impl Strategy<Value = RandomCart> {
    let items = prop::collection::vec(item(), 1..6);
    let options = prop::collection::vec((0_i64..3_000, any::<bool>(), rates()), 1..4);
    let fee = prop::option::of((0_i64..500, any::<bool>()));
    let discounts = prop::collection::vec(reduction(), 0..4);
    let modes = prop::sample::select(vec!["half-up", "half-even", "down", "up"]);
    let scopes = prop::sample::select(vec!["line", "rate", "cart"]);
    // Currencies with 0, 2, 3 and 4 decimals.
    let currencies = prop::sample::select(vec!["jpy", "eur", "kwd", "clf"]);
    (items, options, fee, discounts, modes, scopes, any::<bool>(), currencies).prop_map(
        |(items, options, fee, discounts, mode, scope, groups, currency)| RandomCart {
            items,
            options,
            fee,
            discounts,
            mode,
            scope,
            groups,
            currency,
        },
    )
}

impl RandomCart {
    /// The quantities of the lines of an item: one line, or as many as it is split into.
    fn quantities(item: &Item, split: bool) -> Vec<u32> {
        if !split {
            return vec![item.quantity];
        }
        let each = item.quantity / item.lines;
        let mut quantities = vec![each; item.lines as usize];
        quantities[0] += item.quantity - each * item.lines;
        quantities
    }

    /// The answers of a shop for this cart, whose lines may be split.
    fn shop(&self, split: bool) -> Shop {
        let mut shop = Shop::default();
        let mut lines: Vec<RatedTax> = Vec::new();
        for (index, item) in self.items.iter().enumerate() {
            for (piece, quantity) in Self::quantities(item, split).into_iter().enumerate() {
                let id = format!("l{index}_{piece}");
                shop.cart.lines.push(CartLine {
                    id: LineId::new(&id),
                    item: ItemId::new(format!("i{index}")),
                    quantity,
                });
                shop.prices.lines.push(price(&id, item.unit_price, item.tax_included));
                lines.push(rated(&id, &item.rates));
            }
        }
        self.fulfill(&mut shop);
        shop.prices.fees = self
            .fee
            .iter()
            .map(|(amount, tax_included)| OfferedFee {
                id: "fee".into(),
                kind: "packing".into(),
                title: "Packing".into(),
                amount: *amount,
                tax_included: *tax_included,
            })
            .collect();
        let discounts = self.discounts.iter().enumerate();
        shop.prices.discounts = discounts
            .map(|(index, reduction)| OfferedDiscount {
                priority: u32::try_from(index).unwrap(),
                ..discount(&format!("d{index}"), reduction.clone())
            })
            .collect();
        let options = shop.offer.options.iter().zip(&self.options);
        shop.taxes = AnsweredTaxes::Rates {
            lines,
            options: options
                .map(|(option, (_, _, rates))| rated(option.id.as_str(), rates))
                .collect(),
            fees: shop.prices.fees.iter().map(|fee| rated(&fee.id, &[72_500])).collect(),
            rounding: rounding(self.mode, self.scope),
        };
        shop
    }

    /// One option for everything, or with groups one for each half of the cart.
    fn fulfill(&self, shop: &mut Shop) {
        let offered = self.options.iter().enumerate();
        shop.offer.options = offered
            .map(|(index, (price, tax_included, _))| OfferedOption {
                tax_included: *tax_included,
                ..option(&format!("o{index}"), "digital", *price)
            })
            .collect();
        shop.offer.preselected = vec![Choice::of(OptionId::new("o0"))];
        if !self.groups || self.options.len() < 2 || self.items.len() < 2 {
            return;
        }
        let halves: [Vec<LineId>; 2] = {
            let first = ItemId::new("i0");
            let (a, b): (Vec<&CartLine>, Vec<&CartLine>) = shop.cart.lines.iter().partition(|line| line.item == first);
            [a, b].map(|half| half.into_iter().map(|line| line.id.clone()).collect())
        };
        for (index, lines) in halves.into_iter().enumerate() {
            let id = GroupId::new(format!("g{index}"));
            shop.cart.groups.push(group(id.clone(), lines));
            shop.offer.options[index].group = Some(id);
        }
        shop.offer.preselected.push(Choice::of(OptionId::new("o1")));
    }
}

fn group(id: GroupId, lines: Vec<LineId>) -> FulfillmentGroup {
    FulfillmentGroup {
        id,
        kind: "digital".into(),
        lines,
        destination: None,
        recipient: None,
        location: None,
        instructions: None,
    }
}

fn rated(id: &str, rates: &[u32]) -> RatedTax {
    let rates = rates.iter().enumerate().map(|(index, rate)| TaxRate {
        jurisdiction: format!("j{index}"),
        rate: *rate,
    });
    RatedTax {
        id: id.into(),
        rates: rates.collect(),
        exempt: None,
    }
}

fn sum(amounts: impl Iterator<Item = Amount>) -> i64 {
    amounts.map(Amount::minor).sum()
}

/// Everything that must hold of a quote, computed anew from its parts.
fn check(cart: &Cart, quote: &Quote) {
    for line in &quote.lines {
        assert_eq!(
            line.prices.base.minor(),
            line.unit_price.minor() * i64::from(line.quantity),
            "L1"
        );
        let shown = line.prices;
        assert_eq!(
            shown.total.minor(),
            shown.base.minor() - shown.discount.minor() - shown.order_discount.minor(),
            "what was shown, less every discount"
        );
        assert_eq!(line.subtotal.minor(), line.base.minor() - line.discount.minor(), "L2");
        let net = line.subtotal.minor() - line.order_discount.minor();
        if line.tax_included {
            assert_eq!(net + line.tax.minor(), shown.total.minor(), "N1");
        } else {
            assert_eq!(net, shown.total.minor());
            assert_eq!((line.base, line.discount), (shown.base, shown.discount));
        }
        assert_eq!(line.total.minor(), line.subtotal.minor() + line.tax.minor(), "L3");
        let parts: i64 = line.tax_parts.iter().map(|part| part.amount).sum();
        assert!(line.tax_parts.is_empty() || parts == line.tax.minor(), "parts");
        assert!(line.net_unit_price() <= line.unit_price);
    }
    for option in &quote.options {
        assert_eq!(option.total.minor(), option.subtotal.minor() + option.tax.minor(), "O1");
        assert!(!option.tax_included || option.total <= option.shown_price, "O2");
    }
    let totals = quote.totals;
    let applied: Vec<_> = quote.selected_options().collect();
    assert_eq!(
        totals.items_base.minor(),
        sum(quote.lines.iter().map(|line| line.base)),
        "T2"
    );
    assert_eq!(
        totals.items_discount.minor(),
        sum(quote.lines.iter().map(|line| line.discount)),
        "T3"
    );
    assert_eq!(
        totals.subtotal.minor(),
        totals.items_base.minor() - totals.items_discount.minor(),
        "T4"
    );
    assert_eq!(
        totals.fulfillment.minor(),
        sum(applied.iter().map(|option| option.subtotal)),
        "T5"
    );
    let tax = sum(quote.lines.iter().map(|line| line.tax))
        + sum(applied.iter().map(|option| option.tax))
        + sum(quote.fees.iter().map(|fee| fee.tax));
    assert_eq!(totals.tax.minor(), tax, "T5");
    let total = totals.subtotal.minor() - totals.discount.minor()
        + totals.fulfillment.minor()
        + totals.tax.minor()
        + totals.fees.minor();
    assert_eq!(totals.total.minor(), total, "T6");
    let of_options = sum(applied.iter().map(|option| option.discount));
    let discounts = sum(quote.discounts.iter().map(|discount| discount.amount));
    assert_eq!(
        discounts,
        totals.items_discount.minor() + totals.discount.minor() + of_options,
        "D2"
    );
    let covered: usize = quote.selected.iter().map(|choice| choice.lines.len()).sum();
    assert_eq!(covered, cart.lines.len(), "every line is fulfilled once");
}

#[test]
fn random_carts_have_right_sums_and_totals_that_do_not_depend_on_split_lines() {
    let mut runner = TestRunner::new(Config {
        cases: carts(),
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&random_cart(), |random| {
            let (whole, split) = (random.shop(false), random.shop(true));
            let (one, other) = (whole.quote(), split.quote());
            check(&whole.cart, &one);
            check(&split.cart, &other);
            if random.scope != "line" {
                let (one, other) = (one.totals, other.totals);
                prop_assert_eq!((one.total, one.tax), (other.total, other.tax), "{:?}", random);
            }
            let total = Money {
                amount: one.totals.total,
                currency: Currency::new(random.currency).unwrap(),
            };
            prop_assert!(total.to_string().ends_with(&random.currency.to_uppercase()));
            Ok(())
        })
        .unwrap();
}

#[test]
fn random_taxes_that_a_plugin_computed_are_added_up_as_they_are() {
    let mut runner = TestRunner::new(Config {
        cases: carts() / 5,
        failure_persistence: None,
        ..Config::default()
    });
    let strategy = (random_cart(), prop::collection::vec(0_i64..5_000, 24));
    runner
        .run(&strategy, |(random, taxes)| {
            let mut shop = random.shop(true);
            let lines = shop.cart.lines.iter().zip(&shop.prices.lines).zip(&taxes);
            let lines = lines
                .map(|((line, priced), tax)| assessed(line.id.as_str(), if priced.tax_included { 0 } else { *tax }));
            shop.taxes = AnsweredTaxes::Amounts {
                lines: lines.collect(),
                options: Vec::new(),
                fees: Vec::new(),
            };
            let quote = shop.quote();
            check(&shop.cart, &quote);
            let named = shop.prices.lines.iter().zip(&taxes);
            let sum: i64 = named.filter(|(line, _)| !line.tax_included).map(|(_, tax)| tax).sum();
            prop_assert_eq!(quote.totals.tax.minor(), sum);
            Ok(())
        })
        .unwrap();
}
