//! What an agent takes the items for, as it said when it asked for them.

use serde::{Deserialize, Serialize};

use super::Cart;
use crate::ids::LineId;
use crate::message::{Message, Subject};
use crate::quote::QuoteLine;

/// Name and price of an item, as an agent knows them from somewhere else: a product feed, an earlier checkout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedItem {
    /// Line of the item.
    pub line: LineId,
    /// Name of the item; `None` if the agent did not say.
    pub name: Option<String>,
    /// Price of one unit in minor units of the session's currency, with or without tax; `None` if the agent did not say.
    pub unit_amount: Option<u64>,
}

impl Cart {
    /// For the buyer: which lines are not what the agent took them for. The price and the name of the merchant count all the same.
    #[must_use]
    pub fn surprises(&self, lines: &[QuoteLine]) -> Vec<Message> {
        let expected = |line: &QuoteLine| self.expected.iter().find(|expected| expected.line == line.id).cloned();
        let known = lines.iter().filter_map(|line| Some((line, expected(line)?)));
        known
            .flat_map(|(line, expected)| surprises_of(line, &expected))
            .collect()
    }
}

fn surprises_of(line: &QuoteLine, expected: &ExpectedItem) -> Vec<Message> {
    let title = &line.shown.title;
    let about = || Subject::Line(line.id.clone());
    let prices = [line.unit_price, line.net_unit_price()];
    let is_price = |amount: u64| prices.iter().any(|price| u64::try_from(price.minor()) == Ok(amount));
    let price = expected.unit_amount.filter(|amount| !is_price(*amount)).map(|_| {
        let text = format!("The price of {title} is not the one that your agent knew.");
        Message::warning("price_change", about(), text)
    });
    let is_name = |name: &str| name.trim().to_lowercase() == title.trim().to_lowercase();
    let name = expected.name.as_deref().filter(|name| !is_name(name)).map(|_| {
        let text = format!("The merchant calls this item {title}.");
        Message::info(about(), text)
    });
    price.into_iter().chain(name).collect()
}
