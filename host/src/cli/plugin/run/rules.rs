//! The rules that a host checks an answer against before it builds a quote from it.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use tillhouse_checkout::cart::{Cart, CartLine};
use tillhouse_checkout::decision::{
    AssessedTax, DiscountTarget, DiscountTerms, FulfillmentOffer, OfferedDiscount, OfferedFee, OfferedOption,
    PricedCart, PricedLine, RejectedCode, Stock,
};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{LineId, OptionId};
use tillhouse_checkout::quote::{ContractError, amounts, assemble};
use tillhouse_runtime::function::Function;

/// The rule that an answer breaks; `None` for functions whose answer is not part of a quote.
pub(super) fn broken_rule(function: Function, asked: &Map<String, Value>, answer: &Value) -> Option<ContractError> {
    let part = |name: &str| asked.get(name).unwrap_or(&Value::Null);
    match function {
        Function::Price => price(&cart(part("cart"))?, answer),
        Function::Options => options(&cart(part("cart"))?, answer),
        Function::AssessTax => taxes(part("request"), answer),
        Function::CheckStock => {
            let cart = Cart {
                lines: read::<Vec<CartLine>>(part("lines"))?,
                ..Cart::default()
            };
            assemble::stock_by_line(&cart, &read::<Vec<Stock>>(answer)?).err()
        }
        _ => None,
    }
}

/// The part of a cart that the rules need.
fn cart(asked: &Value) -> Option<Cart> {
    Some(Cart {
        lines: read_list(asked, "lines")?,
        codes: read_list(asked, "codes")?,
        ..Cart::default()
    })
}

fn price(cart: &Cart, answer: &Value) -> Option<ContractError> {
    let answer = PricedCart {
        lines: read_list::<PricedLine>(answer, "lines")?,
        unknown: read_list::<LineId>(answer, "unknown")?,
        discounts: read_list::<Discount>(answer, "discounts")?
            .into_iter()
            .map(offered)
            .collect(),
        rejected: read_list::<RejectedCode>(answer, "rejected")?,
        fees: read_list::<OfferedFee>(answer, "fees")?,
        messages: Vec::new(),
    };
    match amounts::price(cart, answer) {
        Err(CheckoutError::Contract(broken)) => Some(broken),
        // An unknown item is a valid answer.
        _ => None,
    }
}

#[derive(Deserialize)]
struct Discount {
    id: String,
    code: Option<String>,
    title: String,
    terms: DiscountTerms,
    method: String,
    priority: u32,
    allocations: Vec<Allocation>,
}

#[derive(Deserialize)]
struct Allocation {
    target: DiscountTarget,
    amount: i64,
}

fn offered(discount: Discount) -> OfferedDiscount {
    let allocations = discount.allocations.into_iter();
    OfferedDiscount {
        id: discount.id,
        code: discount.code,
        title: discount.title,
        terms: discount.terms,
        method: discount.method,
        priority: discount.priority,
        allocations: allocations.map(|part| (part.target, part.amount)).collect(),
    }
}

#[derive(Deserialize)]
struct OptionAnswer {
    id: OptionId,
    price: i64,
    lines: Vec<LineId>,
}

fn options(cart: &Cart, answer: &Value) -> Option<ContractError> {
    let option = |option: OptionAnswer| OfferedOption {
        id: option.id,
        kind: String::new(),
        title: String::new(),
        description: None,
        carrier: None,
        earliest: None,
        latest: None,
        price: option.price,
        lines: option.lines,
        place: None,
    };
    let offer = FulfillmentOffer {
        options: read_list::<OptionAnswer>(answer, "options")?
            .into_iter()
            .map(option)
            .collect(),
        preselected: answer.get("preselected").and_then(read),
        messages: Vec::new(),
    };
    assemble::options(cart, &offer).err()
}

fn taxes(request: &Value, answer: &Value) -> Option<ContractError> {
    ["line", "option", "fee"].into_iter().find_map(|what| {
        let (key, all) = (if what == "line" { "line" } else { "id" }, format!("{what}s"));
        let known = request.get(&all).and_then(Value::as_array).into_iter().flatten();
        let known = known.filter_map(|one| one.get(key)?.as_str());
        assemble::taxes_by_id(what, read_list::<AssessedTax>(answer, &all)?, known).err()
    })
}

/// A missing list is empty; `None` if it does not parse.
fn read_list<T: DeserializeOwned>(of: &Value, name: &str) -> Option<Vec<T>> {
    of.get(name).map_or_else(|| Some(Vec::new()), read)
}

/// `None` if the value does not parse; the rule is then not checked.
fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}
