//! Rules about single calls, for plugins of any capability.

use serde::Serialize;
use serde_json::{Map, Value};
use tillhouse_plugin::types::Cart;
use tillhouse_plugin_protocol::lookups::ReadCatalog;
use tillhouse_plugin_protocol::{Capability, Function};

use super::{RuleResult, Verdict, broken, does_not_apply};
use crate::cart::CartBuilder;
use crate::catalog::item;
use crate::env::{Env, FunctionCall, FunctionResult};
use crate::generate::{HOSTILE, decimals_of, price};
use crate::{address, cart, requests};

/// Price of a unit in minor units, for functions that take amounts.
const UNIT_PRICE: i64 = 1_000;

pub(super) fn function_call(function: Function) -> FunctionCall {
    FunctionCall {
        function,
        arguments: Map::new(),
        card: None,
    }
}

impl FunctionCall {
    pub(super) fn with(mut self, name: &str, value: &impl Serialize) -> Self {
        let value = serde_json::to_value(value).expect("an argument as JSON");
        self.arguments.insert(name.to_owned(), value);
        self
    }
}

/// Makes a call; a fault breaks the rule.
pub(super) async fn call_without_fault(
    env: &Env,
    call: &FunctionCall,
    situation: &str,
) -> Result<FunctionResult, Verdict> {
    match env.make_call(call).await {
        FunctionResult::Fault(fault) => broken(format!("{situation}: {fault}")),
        result => Ok(result),
    }
}

/// Items of the test's catalog, or of a generated one if that has none.
pub(super) fn items(env: &Env) -> Vec<String> {
    let (csv, _) = env.catalog_and_currency();
    let catalog = env.program().ask_now(&ReadCatalog { csv }).unwrap_or_default();
    let mut items: Vec<String> = catalog.items.into_iter().map(|item| item.id).collect();
    items.sort();
    if items.is_empty() {
        generate_catalog(env, "USD", 3)
    } else {
        items
    }
}

/// Replaces the catalog with a generated one of this many items in this currency. The price of every other item includes tax.
pub(super) fn generate_catalog(env: &Env, currency: &str, items: usize) -> Vec<String> {
    let currency = &currency.to_ascii_uppercase();
    let decimals = decimals_of(currency);
    let minor = match decimals {
        0 => 1_500,
        3 => 4_125,
        4 => 12_345,
        _ => 2_550,
    };
    let price = format!("{} {currency}", price(minor, decimals));
    env.catalog("").currency(currency);
    let ids: Vec<String> = (1..=items).map(|number| format!("item-{number}")).collect();
    for (index, id) in ids.iter().enumerate() {
        let item = item(id, &price).stock(50).column("weight", "200 g");
        let behavior = if index % 2 == 1 { "inclusive" } else { "exclusive" };
        env.item(item.column("tax_behavior", behavior));
    }
    ids
}

pub(super) fn one_of_each(items: &[String]) -> Cart {
    items
        .iter()
        .fold(cart(), |cart, item| cart.line(item.as_str(), 1))
        .to(address::us("CA"))
        .into()
}

/// A call of each exported function that takes a cart.
pub(super) fn cart_calls(env: &Env, cart: &Cart) -> Vec<FunctionCall> {
    let amounts = requests::line_amounts(cart, UNIT_PRICE);
    let request = requests::tax_request(cart, UNIT_PRICE);
    let risk = requests::risk_request(cart.clone(), UNIT_PRICE);
    let calls = [
        function_call(Function::CheckStock).with("lines", &cart.lines),
        function_call(Function::Price).with("cart", cart),
        function_call(Function::Options)
            .with("cart", cart)
            .with("amounts", &amounts),
        function_call(Function::AssessTax).with("request", &request),
        function_call(Function::AssessRisk).with("request", &risk),
        function_call(Function::Page).with("cart", cart),
        function_call(Function::QuoteWhole).with("cart", cart),
        function_call(Function::DescribeItems)
            .with("items", &cart.lines.iter().map(|line| &line.item).collect::<Vec<_>>()),
    ];
    calls
        .into_iter()
        .filter(|call| env.exports(call.function.capability()))
        .collect()
}

/// Makes every call of [`cart_calls`].
pub(super) async fn make_calls(
    env: &Env,
    cart: &Cart,
    situation: &str,
) -> Result<Vec<(Function, FunctionResult)>, Verdict> {
    let mut answers = Vec::new();
    for call in cart_calls(env, cart) {
        answers.push((call.function, call_without_fault(env, &call, situation).await?));
    }
    if answers.is_empty() {
        return does_not_apply("the component exports no function that takes a cart");
    }
    Ok(answers)
}

pub(super) async fn unknown_item(env: &Env) -> RuleResult {
    let items = items(env);
    let known = items.first().map_or("item-1", String::as_str);
    let cart: Cart = cart().line("no-such-item", 1).line(known, 1).into();
    for (function, result) in make_calls(env, &cart, "a cart with an unknown item").await? {
        match (function, &result) {
            (Function::Price, FunctionResult::Value(prices)) => priced_or_unknown(prices)?,
            (Function::QuoteWhole, FunctionResult::Value(decisions)) => {
                priced_or_unknown(decisions.get("prices").unwrap_or(&Value::Null))?;
            }
            (Function::Price, FunctionResult::Failure(failure)) => may_fail(failure)?,
            _ => {}
        }
    }
    Ok(())
}

/// `unsupported` is handled by the host; any other failure stops a checkout that could continue without the item.
fn may_fail(failure: &Value) -> RuleResult {
    if failure.as_str() == Some("Unsupported") {
        return Ok(());
    }
    broken(format!(
        "pricing.price must list an unknown item in its answer, but the answer is the failure {failure}"
    ))
}

/// Each line has a price, or is listed as unknown.
fn priced_or_unknown(value: &Value) -> RuleResult {
    let ids = |field: &str, key: &str| -> Vec<String> {
        let items = value.get(field).and_then(Value::as_array).into_iter().flatten();
        let id = |item: &Value| item.as_str().or_else(|| item.get(key)?.as_str()).map(str::to_owned);
        items.filter_map(id).collect()
    };
    let named = [ids("lines", "line"), ids("unknown", "")].concat();
    for line in ["line_1", "line_2"] {
        match named.iter().filter(|name| *name == line).count() {
            1 => {}
            0 => {
                return broken(format!(
                    "pricing.price: {line} has no price and is not listed as unknown"
                ));
            }
            _ => return broken(format!("pricing.price: {line} is answered more than once")),
        }
    }
    Ok(())
}

pub(super) async fn same_answer(env: &Env) -> RuleResult {
    let mut cart = one_of_each(&items(env));
    cart.codes = vec!["SAVE10".to_owned(), "NOPE".to_owned()];
    let first = make_calls(env, &cart, "a cart of everything").await?;
    // Random numbers differ from one moment to the next on a host; the order of a hash map depends on them.
    for (situation, seed) in [("again", 0), ("with another RNG seed", 1), ("with a third RNG seed", 2)] {
        let again = make_calls(env.rng_seed(seed), &cart, &format!("the same cart {situation}")).await?;
        for ((function, before), (_, after)) in first.iter().zip(&again) {
            if before != after {
                let name = function.name();
                return broken(format!("{name} answered {before:?}, but {situation} {after:?}"));
            }
        }
    }
    Ok(())
}

pub(super) async fn hostile_text(env: &Env) -> RuleResult {
    let known = items(env).into_iter().next().unwrap_or_default();
    let long = "x".repeat(4 << 10);
    for text in HOSTILE.into_iter().chain([long.as_str()]) {
        // The host rejects longer ids and codes before they reach a plugin.
        let id = text.get(..env.program().greeting().id_bytes).unwrap_or(text);
        let mut cart: Cart = hostile_cart(text, id, &known).into();
        make_calls(env, &cart, &format!("a cart full of {}", shown(text))).await?;
        if let Some(line) = cart.lines.first_mut() {
            id.clone_into(&mut line.id);
        }
        make_calls(env, &cart, &format!("a line called {}", shown(id))).await?;
    }
    Ok(())
}

/// A cart with this text, or this id where ids are limited, in every member that an agent fills in.
fn hostile_cart(text: &str, id: &str, known: &str) -> CartBuilder {
    let mut address = address::of(text);
    for member in [
        &mut address.region,
        &mut address.postal_code,
        &mut address.company,
        &mut address.city,
    ] {
        text.clone_into(member);
    }
    cart()
        .line(id, 1)
        .line(known, 1)
        .code(id)
        .buyer(text)
        .business(text, text)
        .tax_exempt(text, text)
        .recipient(text)
        .shipped_by(text)
        .lines_to(id, &["line_2"], address.clone())
        .billed_to(address.clone())
        .to(address)
        .extension(text, text)
}

fn shown(text: &str) -> String {
    match text.get(..64).filter(|_| text.len() > 64) {
        Some(head) => format!("{:?} ({} bytes)", format!("{head}…"), text.len()),
        None => format!("{text:?}"),
    }
}

pub(super) async fn no_destination(env: &Env) -> RuleResult {
    if !env.exports(Capability::Tax) {
        return does_not_apply("the component does not export tax");
    }
    let mut cart = one_of_each(&items(env));
    cart.destination = None;
    let calls = cart_calls(env, &cart);
    let Some(tax) = calls.iter().find(|call| call.function == Function::AssessTax) else {
        return does_not_apply("the component does not export tax");
    };
    match call_without_fault(env, tax, "no destination").await? {
        FunctionResult::Value(assessed) => taxed(&assessed).map_or(Ok(()), |entry| {
            broken(format!(
                "tax.assess: without a destination every tax must be zero, but got {entry}"
            ))
        }),
        result => broken(format!(
            "tax.assess: without a destination every tax must be zero, but got {result:?}"
        )),
    }
}

/// The first line, option or fee with a tax or a rate above zero.
fn taxed(assessed: &Value) -> Option<&Value> {
    let taxes = assessed.get("taxes")?;
    let entries = |of: &str| {
        let taxes = taxes.get(of);
        ["lines", "options", "fees"]
            .into_iter()
            .filter_map(move |field| taxes?.get(field)?.as_array())
            .flatten()
    };
    let has = |entry: &Value, field: &str| entry.get(field).and_then(Value::as_i64) != Some(0);
    let mut rated = entries("Rates");
    let mut amounts = entries("Amounts");
    amounts.find(|entry| has(entry, "amount")).or_else(|| {
        rated.find(|entry| {
            let rates = entry.get("rates").and_then(Value::as_array);
            rates.into_iter().flatten().any(|rate| has(rate, "rate"))
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tax_is_found_as_an_amount_and_as_a_rate() {
        let amounts = |amount: i64| json!({"taxes": {"Amounts": {"lines": [{"id": "line_1", "amount": amount}]}}});
        assert!(taxed(&amounts(1)).is_some() && taxed(&amounts(0)).is_none());
        let rates =
            |rate: u32| json!({"taxes": {"Rates": {"options": [{"id": "standard", "rates": [{"rate": rate}]}]}}});
        assert!(taxed(&rates(190_000)).is_some() && taxed(&rates(0)).is_none());
    }
}
