//! Answers of a shop for a cart, and the quote that they make.

use crate::cart::{Cart, CartEdit, Choice, RequestedItem};
use crate::contact::{Address, Recipient};
use crate::decision::{
    AnsweredTaxes, AssessedTax, Coupon, DiscountTarget, DiscountTerms, FulfillmentOffer, ItemDescription,
    OfferedDiscount, OfferedOption, Page, PricedCart, PricedLine, RatedTax, Reduction, RoundingRule, Stock,
    TaxAssessment, TaxRate,
};
use crate::error::CheckoutError;
use crate::ids::{ItemId, LineId, OptionId};
use crate::quote::assemble::QuoteParts;
use crate::quote::{ContractError, Quote, amounts, assemble, options};
use crate::time::Timestamp;

pub(super) const NOW: Timestamp = Timestamp(1_000_000);

/// All answers of a shop. A test changes what it is about.
#[derive(Clone, Debug, Default)]
pub(super) struct Shop {
    pub(super) cart: Cart,
    pub(super) stock: Vec<Stock>,
    pub(super) prices: PricedCart,
    pub(super) offer: FulfillmentOffer,
    pub(super) taxes: AnsweredTaxes,
}

pub(super) fn cart(items: &[(&str, u32)]) -> Cart {
    let mut cart = Cart::default();
    let requested = items.iter().map(|(item, quantity)| RequestedItem {
        item: ItemId::new(*item),
        quantity: *quantity,
    });
    cart.apply(CartEdit {
        items: Some(requested.collect()),
        ..CartEdit::default()
    })
    .unwrap();
    cart
}

pub(super) fn address(country: &str, region: &str, postal_code: &str) -> Address {
    Address {
        line_one: "1 Main St".into(),
        city: "Town".into(),
        region: region.into(),
        country: country.into(),
        postal_code: postal_code.into(),
        ..Address::default()
    }
}

/// The cart with this delivery address, as an edit leaves it.
pub(super) fn sent_to(cart: Cart, address: Address) -> Cart {
    Cart {
        recipient: Some(Recipient {
            address: Some(address.with_codes()),
            ..Recipient::default()
        }),
        ..cart
    }
}

pub(super) fn price(line: &str, unit_price: i64, tax_included: bool) -> PricedLine {
    PricedLine {
        line: LineId::new(line),
        unit_price,
        tax_included,
        max_quantity: None,
    }
}

pub(super) fn option(id: &str, kind: &str, price: i64) -> OfferedOption {
    OfferedOption {
        id: OptionId::new(id),
        kind: kind.into(),
        title: id.into(),
        description: None,
        carrier: None,
        earliest: None,
        latest: None,
        price,
        tax_included: false,
        lines: Vec::new(),
        group: None,
        place: None,
        pickup_type: None,
        ready_by: None,
        pickup_by: None,
    }
}

pub(super) fn discount(id: &str, reduction: Reduction) -> OfferedDiscount {
    OfferedDiscount {
        id: id.into(),
        code: None,
        coupon: Coupon {
            id: id.into(),
            name: id.into(),
            terms: DiscountTerms::Rate(100_000),
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
        reduction,
    }
}

pub(super) fn off(target: DiscountTarget, amount: i64) -> Reduction {
    Reduction::Amounts(vec![(target, amount)])
}

pub(super) fn rounding(mode: &str, scope: &str) -> RoundingRule {
    RoundingRule {
        mode: mode.into(),
        scope: scope.into(),
    }
}

pub(super) fn rated(id: &str, rate: u32) -> RatedTax {
    RatedTax {
        id: id.into(),
        rates: vec![TaxRate {
            jurisdiction: "DE".into(),
            rate,
        }],
        exempt: None,
    }
}

pub(super) fn assessed(id: &str, amount: i64) -> AssessedTax {
    AssessedTax {
        id: id.into(),
        amount,
        parts: Vec::new(),
        exempt: None,
    }
}

impl Shop {
    /// A shop that sells these items: id, quantity, unit price. Prices include tax if told so.
    pub(super) fn selling(items: &[(&str, u32, i64)], tax_included: bool) -> Self {
        let quantities: Vec<(&str, u32)> = items.iter().map(|(item, quantity, _)| (*item, *quantity)).collect();
        Self {
            cart: cart(&quantities),
            prices: PricedCart {
                lines: items
                    .iter()
                    .map(|(item, _, unit)| price(item, *unit, tax_included))
                    .collect(),
                ..PricedCart::default()
            },
            offer: FulfillmentOffer {
                options: vec![option("digital", "digital", 0)],
                preselected: vec![Choice::of(OptionId::new("digital"))],
                messages: Vec::new(),
            },
            ..Self::default()
        }
    }

    /// The same rate on every line and option, with one rounding rule.
    pub(super) fn taxed(mut self, rate: u32, mode: &str, scope: &str) -> Self {
        self.taxes = AnsweredTaxes::Rates {
            lines: self
                .cart
                .lines
                .iter()
                .map(|line| rated(line.id.as_str(), rate))
                .collect(),
            options: self
                .offer
                .options
                .iter()
                .map(|option| rated(option.id.as_str(), rate))
                .collect(),
            fees: self.prices.fees.iter().map(|fee| rated(&fee.id, rate)).collect(),
            rounding: rounding(mode, scope),
        };
        self
    }

    pub(super) fn try_quote(&self) -> Result<Quote, CheckoutError> {
        let priced = amounts::price(&self.cart, self.prices.clone(), NOW)?;
        let options = options::options(&self.cart, &priced, &self.offer)?;
        let shown = ItemDescription {
            title: "Thing".into(),
            ..ItemDescription::default()
        };
        let parts = QuoteParts {
            stock: self.stock.clone(),
            shown: vec![shown; self.cart.lines.len()],
            priced,
            options,
            preselected: self.offer.preselected.clone(),
            offer_messages: self.offer.messages.clone(),
            taxes: TaxAssessment {
                taxes: self.taxes.clone(),
                messages: Vec::new(),
            },
            page: Page::default(),
        };
        Ok(assemble::quote(&self.cart, parts)?)
    }

    pub(super) fn quote(&self) -> Quote {
        self.try_quote().unwrap()
    }

    /// The rule that the answers break.
    pub(super) fn broken(&self) -> ContractError {
        match self.try_quote() {
            Err(CheckoutError::Contract(error)) => error,
            other => panic!("{other:?}"),
        }
    }
}
