//! A checkout that Stripe runs: its lines, its shipping, and what it comes to.

use serde_json::{Value, json};

use super::{at, new_id};
use crate::agent::{Address, Basket, Buyer};
use crate::money::Currency;

/// Tax rates are in millionths: 8.5 % is 85000.
const WHOLE: i64 = 1_000_000;

/// One checkout, with what the hooks have said of it.
#[derive(Clone, Debug)]
pub struct Checkout {
    /// Id of the checkout session.
    pub id: String,
    /// Id of the payment intent, once it is paid.
    pub payment_intent: Option<String>,
    /// Currency of every amount.
    pub currency: Currency,
    /// What the buyer has chosen, line by line.
    pub lines: Vec<CheckoutLine>,
    /// The shipping that the buyer has chosen; `None` if there is none to choose.
    pub shipping: Option<ShippingRate>,
    /// What there is to choose from.
    pub shipping_options: Vec<ShippingRate>,
    /// Whether Stripe computes the taxes itself.
    pub automatic_tax: bool,
    /// Metadata of the checkout session: what the approval was answered with.
    pub metadata: Value,
    /// Name, email address and phone number of the buyer.
    pub buyer: Buyer,
    /// Shipping and billing address.
    pub address: Address,
    wanted_option: Option<String>,
}

/// A line of a checkout.
#[derive(Clone, Debug)]
pub struct CheckoutLine {
    /// Id of the line at Stripe.
    pub id: String,
    /// The merchant's SKU of the product.
    pub sku: String,
    /// Units that are bought.
    pub quantity: u32,
    /// Price of one unit.
    pub unit_amount: i64,
    /// What a promotion of the catalog at Stripe takes off.
    pub discount: i64,
    /// Rates in millionths, each with whether the price includes it.
    pub rates: Vec<(i64, bool)>,
}

/// A shipping rate that the buyer can choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShippingRate {
    /// Name for the buyer.
    pub name: String,
    /// What it costs, in Stripe's units.
    pub amount: i64,
}

impl CheckoutLine {
    const fn subtotal(&self) -> i64 {
        self.unit_amount * self.quantity as i64
    }

    /// What the rates come to, each rounded by itself; and the part of it that the price does not include.
    fn tax(&self) -> (i64, i64) {
        let inclusive: i64 = self.rates.iter().filter(|(_, is)| *is).map(|(rate, _)| rate).sum();
        let price = self.subtotal() - self.discount;
        let net = divided(price * WHOLE, WHOLE + inclusive);
        let exclusive = self.rates.iter().filter(|(_, is)| !*is);
        let added = exclusive.map(|(rate, _)| divided(net * rate, WHOLE)).sum::<i64>();
        (price - net + added, added)
    }
}

/// To the nearest whole, a half up.
const fn divided(dividend: i64, divisor: i64) -> i64 {
    (2 * dividend + divisor) / (2 * divisor)
}

impl Checkout {
    pub(super) fn of(basket: &Basket) -> Self {
        let id = new_id().replacen("evt_", "cs_test_", 1);
        let line = |(index, (sku, quantity)): (usize, &(String, u32))| CheckoutLine {
            id: format!("li_{}_{index}", id.trim_start_matches("cs_test_")),
            sku: sku.clone(),
            quantity: *quantity,
            unit_amount: 0,
            discount: 0,
            rates: Vec::new(),
        };
        Self {
            lines: basket.items.iter().enumerate().map(line).collect(),
            id,
            payment_intent: None,
            currency: basket.currency.clone(),
            shipping: None,
            shipping_options: Vec::new(),
            automatic_tax: false,
            metadata: json!({}),
            buyer: basket.buyer.clone(),
            address: basket.address.clone(),
            wanted_option: basket.option.clone(),
        }
    }

    /// What promotions take off of all lines.
    #[must_use]
    pub fn discount(&self) -> i64 {
        self.lines.iter().map(|line| line.discount).sum()
    }

    /// The price of all units.
    #[must_use]
    pub fn subtotal(&self) -> i64 {
        self.lines.iter().map(CheckoutLine::subtotal).sum()
    }

    /// The tax of all lines.
    #[must_use]
    pub fn tax(&self) -> i64 {
        self.lines.iter().map(|line| line.tax().0).sum()
    }

    /// The price of the chosen shipping.
    #[must_use]
    pub fn shipping_amount(&self) -> i64 {
        self.shipping.as_ref().map_or(0, |rate| rate.amount)
    }

    /// What the buyer pays.
    #[must_use]
    pub fn total(&self) -> i64 {
        let added: i64 = self.lines.iter().map(|line| line.tax().1).sum();
        self.subtotal() - self.discount() + added + self.shipping_amount()
    }

    /// `data` of the customization hook.
    #[must_use]
    pub fn customization(&self) -> Value {
        json!({
            "checkout_session": self.id,
            "automatic_tax": {"enabled": self.automatic_tax},
            "currency": self.currency,
            "amount_subtotal": self.subtotal(),
            "amount_total": self.total(),
            "line_item_details": self.line_items(),
            "shipping_details": {"shipping_rates": [], "address": self.address()},
            "total_details": self.total_details(),
            "discounts": [],
            "metadata": {},
        })
    }

    /// `data` of the approval hook.
    #[must_use]
    pub fn approval(&self) -> Value {
        json!({
            "checkout_session": self.id,
            "currency": self.currency,
            "amount_subtotal": self.subtotal(),
            "amount_total": self.total(),
            "email": self.buyer.email,
            "phone": self.buyer.phone_number,
            "billing_details": {"name": self.buyer.full_name(), "address": self.address()},
            "shipping_details": {"name": self.buyer.full_name(), "address": self.address()},
            "line_items_details": self.line_items(),
            "payment_method_details": {"type": "card", "card": {
                "brand": "visa", "country": "US", "exp_month": 12, "exp_year": 2030, "fingerprint": "fp_sandbox",
                "funding": "credit", "iin": "424242", "last4": "4242", "wallet": null,
            }},
            "total_details": self.total_details(),
        })
    }

    fn line_items(&self) -> Vec<Value> {
        let item = |line: &CheckoutLine| {
            json!({
                "id": line.id, "sku_id": line.sku, "name": line.sku, "quantity": line.quantity,
                "unit_amount": line.unit_amount, "amount_discount": line.discount, "amount_subtotal": line.subtotal(),
                "amount_tax": line.tax().0, "amount_total": line.subtotal() - line.discount + line.tax().1, "tax_rates": [],
            })
        };
        self.lines.iter().map(item).collect()
    }

    fn total_details(&self) -> Value {
        json!({"amount_discount": self.discount(), "amount_shipping": self.shipping_amount(), "amount_tax": self.tax()})
    }

    fn address(&self) -> Value {
        let address = &self.address;
        json!({
            "line1": address.line_one, "line2": address.line_two, "city": address.city, "state": address.state,
            "postal_code": address.postal_code, "country": address.country,
        })
    }

    /// Take over what a customization was answered with. The buyer takes the wanted option, else the first.
    pub(super) fn take_customization(&mut self, answer: &Value) {
        for taxed in list(at(answer, "/line_items")) {
            let Some(line) = self
                .lines
                .iter_mut()
                .find(|line| at(taxed, "/id").as_str() == Some(line.id.as_str()))
            else {
                continue;
            };
            let rate = |rate: &Value| {
                #[expect(clippy::cast_possible_truncation, reason = "percentages have four decimals at most")]
                let millionths =
                    (at(rate, "/rate_data/percentage").as_f64().unwrap_or_default() * 10_000.0).round() as i64;
                (millionths, at(rate, "/rate_data/inclusive") == &Value::Bool(true))
            };
            line.rates = list(at(taxed, "/tax_rates")).iter().map(rate).collect();
        }
        let option = |option: &Value| {
            let rate = |member| at(option, member);
            ShippingRate {
                name: rate("/shipping_rate_data/display_name")
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
                amount: rate("/shipping_rate_data/fixed_amount/amount")
                    .as_i64()
                    .unwrap_or_default(),
            }
        };
        self.shipping_options = list(at(answer, "/shipping_options")).iter().map(option).collect();
        let is_wanted = |rate: &&ShippingRate| {
            let wanted = self.wanted_option.as_ref().map(|wanted| wanted.to_lowercase());
            wanted.is_some_and(|wanted| rate.name.to_lowercase().contains(&wanted))
        };
        let wanted = self.shipping_options.iter().find(is_wanted);
        self.shipping = wanted.or(self.shipping_options.first()).cloned();
    }

    pub(super) fn take_metadata(&mut self, metadata: &Value) {
        if metadata.is_object() {
            self.metadata = metadata.clone();
        }
    }

    /// Take the payment: it has an intent from now on.
    pub fn pay(&mut self) {
        self.payment_intent = Some(self.id.replacen("cs_test_", "pi_", 1));
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
