//! The rules that a host holds an answer against, and the amounts that it computes from it.

use serde_json::{Map, Value};

use super::answered;
use super::asked::{self, Taxable};
use super::computed::Computed;
use tillhouse_checkout::cart::{Cart, CartLine};
use tillhouse_checkout::decision::{
    FulfillmentOffer, ItemDescription, Page, PricedCart, PricedLine, Stock, TaxAssessment,
};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::quote::assemble::{self, QuoteParts};
use tillhouse_checkout::quote::{ContractError, Quote, amounts, options};
use tillhouse_checkout::time::Timestamp;
use tillhouse_runtime::function::Function;

/// What a host computes from an answer; `None` if no amount follows from this answer alone.
///
/// # Errors
/// The rule that the answer breaks.
pub(super) fn check(
    function: Function,
    asked: &Map<String, Value>,
    answer: &Value,
    now: Timestamp,
) -> Result<Option<Computed>, ContractError> {
    let now = asked::time(asked, now);
    let checked = match function {
        Function::Price => price(asked, answer, now),
        Function::Options => offer(asked, answer, now),
        Function::AssessTax => taxes(asked, answer),
        Function::CheckStock => stock(asked, answer),
        Function::QuoteWhole => whole(asked, answer, now),
        _ => None,
    };
    match checked {
        Some(Ok(computed)) => Ok(computed),
        // A rule of another function is broken by the question: amounts that the caller made up.
        Some(Err(CheckoutError::Contract(broken)))
            if broken.function == function.name() || function == Function::QuoteWhole =>
        {
            Err(broken)
        }
        // An unknown item is a valid answer.
        _ => Ok(None),
    }
}

/// `None` if question or answer cannot be read.
type Checked = Option<Result<Option<Computed>, CheckoutError>>;

fn price(asked: &Map<String, Value>, answer: &Value, now: Timestamp) -> Checked {
    let answers = Answers {
        prices: answered::prices(answer)?,
        ..Answers::default()
    };
    let quote = answers.quote(&asked::cart(asked)?, now);
    Some(quote.map(|quote| Some(Computed::of_prices(quote))))
}

/// The rules of an offer do not depend on prices and discounts.
fn offer(asked: &Map<String, Value>, answer: &Value, now: Timestamp) -> Checked {
    let cart = Cart {
        codes: Vec::new(),
        ..asked::cart(asked)?
    };
    let free = |line: &CartLine| PricedLine {
        line: line.id.clone(),
        unit_price: 0,
        tax_included: false,
        max_quantity: None,
    };
    let free = PricedCart {
        lines: cart.lines.iter().map(free).collect(),
        ..PricedCart::default()
    };
    let offer = answered::offer(answer)?;
    let checked = amounts::price(&cart, free, now)
        .and_then(|priced| Ok(options::options(&cart, &priced, &offer)?))
        .map(|_| None);
    Some(checked)
}

fn taxes(asked: &Map<String, Value>, answer: &Value) -> Checked {
    let Taxable { cart, prices, offer } = asked::taxable(asked)?;
    let answers = Answers {
        prices,
        offer,
        taxes: answered::taxes(answer)?,
        ..Answers::default()
    };
    // There are no discounts, whose validity would depend on the time.
    let quote = answers.quote(&cart, Timestamp(0));
    Some(quote.map(|quote| Some(Computed::of_taxes(quote))))
}

fn stock(asked: &Map<String, Value>, answer: &Value) -> Checked {
    let (cart, stock) = (asked::cart_of_lines(asked)?, answered::stock(answer)?);
    let checked = assemble::stock_by_line(&cart, &stock);
    Some(checked.map(|_| None).map_err(Into::into))
}

fn whole(asked: &Map<String, Value>, answer: &Value, now: Timestamp) -> Checked {
    let answers = Answers {
        stock: answered::stock(answer.get("stock")?)?,
        prices: answered::prices(answer.get("prices")?)?,
        offer: answered::offer(answer.get("offer")?)?,
        taxes: answered::taxes(answer.get("taxes")?)?,
    };
    let quote = answers.quote(&asked::cart(asked)?, now);
    Some(quote.map(|quote| Some(Computed::of_all(quote))))
}

/// Answers that a quote is assembled from; what was not asked is empty.
#[derive(Default)]
struct Answers {
    stock: Vec<Stock>,
    prices: PricedCart,
    offer: FulfillmentOffer,
    taxes: TaxAssessment,
}

impl Answers {
    /// The quote that a host assembles from them.
    fn quote(self, cart: &Cart, now: Timestamp) -> Result<Quote, CheckoutError> {
        let priced = amounts::price(cart, self.prices, now)?;
        let options = options::options(cart, &priced, &self.offer)?;
        let parts = QuoteParts {
            stock: self.stock,
            priced,
            options,
            preselected: self.offer.preselected,
            offer_messages: Vec::new(),
            taxes: self.taxes,
            shown: vec![ItemDescription::default(); cart.lines.len()],
            page: Page::default(),
        };
        Ok(assemble::quote(cart, parts)?)
    }
}

#[cfg(test)]
mod tests;
