//! Reads a checkout session of any protocol.

use serde_json::Value;

use super::basket::Basket;
use super::error::AgentError;
use super::exchange::Exchange;
use crate::money::{Amount, Currency};

/// A checkout session, read from an answer.
#[derive(Clone, Debug)]
pub struct Session {
    /// Id of the session.
    pub id: String,
    /// Status of the session, with the protocol's name.
    pub status: String,
    /// The whole body as JSON.
    pub body: Value,
}

impl Session {
    /// Reads a session from an answer.
    ///
    /// # Errors
    /// [`AgentError::Refused`] if the status is not 2xx, [`AgentError::Unusable`] without id or status.
    pub fn read(exchange: &Exchange) -> Result<Self, AgentError> {
        let accepted = exchange.clone().accepted()?;
        let (id, status) = (accepted.text("/id", "id")?, accepted.text("/status", "status")?);
        Ok(Self {
            id,
            status,
            body: accepted.response,
        })
    }

    /// The total to pay: the entry of `totals[]` whose type is `total`, in the session's currency.
    #[must_use]
    pub fn total(&self) -> Option<Amount> {
        let totals = self.body.get("totals")?.as_array()?;
        let value = totals
            .iter()
            .find(|total| total.get("type").and_then(Value::as_str) == Some("total"))?
            .get("amount")?
            .as_i64()?;
        let currency = Currency::parse(self.body.get("currency")?.as_str()?)?;
        Some(Amount { value, currency })
    }

    /// Id and permalink of the order, if there is one.
    #[must_use]
    pub fn order(&self) -> Option<(String, Option<String>)> {
        order_of(&self.body)
    }

    /// Ids of the items in the cart, without duplicates.
    pub(crate) fn item_ids(&self) -> Vec<Value> {
        let lines = self.body.get("line_items").and_then(Value::as_array);
        let mut ids: Vec<Value> = Vec::new();
        for id in lines.into_iter().flatten().filter_map(|line| line.pointer("/item/id")) {
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        ids
    }

    /// The option to select next: the basket's, or the first if none is selected. `None` if no request is needed.
    pub(crate) fn option_to_select(&self, basket: &Basket) -> Result<Option<FulfillmentOption>, AgentError> {
        let options = self.options();
        let selected = self.selected_option();
        let chosen = match (&basket.option, selected) {
            (None, Some(_)) => None,
            (None, None) => options.into_iter().next(),
            (Some(wanted), _) => Some(find(options, wanted)?),
        };
        Ok(chosen.filter(|option| Some(option.id.as_str()) != selected))
    }

    /// The session, if it may be paid as it is.
    pub(crate) fn ready(self) -> Result<Self, AgentError> {
        if self.status == "ready_for_payment" {
            return Ok(self);
        }
        Err(AgentError::NotReady {
            status: self.status,
            body: self.body,
        })
    }

    fn options(&self) -> Vec<FulfillmentOption> {
        let options = self.body.get("fulfillment_options").and_then(Value::as_array);
        options
            .into_iter()
            .flatten()
            .filter_map(FulfillmentOption::read)
            .collect()
    }

    /// A single id in ACP 2025-09-29 and Stripe ACS, else a list, whose entries up to ACP 2026-01-16 have an object for their kind.
    fn selected_option(&self) -> Option<&str> {
        if let Some(single) = self.body.get("fulfillment_option_id") {
            return single.as_str();
        }
        let first = self.body.pointer("/selected_fulfillment_options/0")?;
        let of_kind = first
            .get("type")
            .and_then(Value::as_str)
            .and_then(|kind| first.get(kind));
        of_kind.unwrap_or(first).get("option_id")?.as_str()
    }
}

/// The order in a body; a Stripe ACS confirmation has no other session data.
pub(crate) fn order_of(body: &Value) -> Option<(String, Option<String>)> {
    let order = body.get("order")?;
    let permalink = order.get("permalink_url").and_then(Value::as_str).map(str::to_owned);
    Some((order.get("id")?.as_str()?.to_owned(), permalink))
}

/// A fulfillment option that the shop offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FulfillmentOption {
    pub(crate) id: String,
    pub(crate) kind: String,
    title: String,
}

impl FulfillmentOption {
    fn read(option: &Value) -> Option<Self> {
        let text = |name: &str| option.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            id: text("id")?,
            kind: text("type")?,
            title: text("title").unwrap_or_default(),
        })
    }
}

fn find(options: Vec<FulfillmentOption>, wanted: &str) -> Result<FulfillmentOption, AgentError> {
    let word = wanted.to_lowercase();
    let contains = |text: &str| text.to_lowercase().contains(&word);
    let by_id = options.iter().find(|option| option.id == wanted);
    let found = by_id.or_else(|| {
        options
            .iter()
            .find(|option| contains(&option.id) || contains(&option.title))
    });
    found.cloned().ok_or_else(|| AgentError::NoSuchOption {
        wanted: wanted.to_owned(),
        offered: options.into_iter().map(|option| option.id).collect(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    fn session(selected: Option<&str>) -> Session {
        let mut body = json!({
            "currency": "USD",
            "fulfillment_options": [
                {"type": "shipping", "id": "ship_std", "title": "Standard"},
                {"type": "shipping", "id": "ship_2", "title": "Express, two days"},
            ],
            "totals": [{"type": "total", "amount": 4598}, {"type": "gift_wrap", "amount": 100}],
            "line_items": [{"item": {"id": "a"}}, {"item": {"id": "a"}}, {"item": {"id": "b"}}],
        });
        if let Some(id) = selected {
            body["selected_fulfillment_options"] = json!([{"type": "shipping", "option_id": id, "item_ids": []}]);
        }
        Session {
            id: "cs_1".into(),
            status: "ready_for_payment".into(),
            body,
        }
    }

    fn chosen(selected: Option<&str>, preferred: Option<&str>) -> Option<String> {
        let basket = Basket {
            option: preferred.map(str::to_owned),
            ..Basket::of("a", 1)
        };
        session(selected)
            .option_to_select(&basket)
            .unwrap()
            .map(|option| option.id)
    }

    #[test]
    fn the_requested_option_is_chosen_and_else_that_of_the_shop() {
        assert_eq!(chosen(None, None).as_deref(), Some("ship_std"));
        assert_eq!(chosen(Some("ship_2"), None), None);
        assert_eq!(chosen(Some("ship_std"), Some("EXPRESS")).as_deref(), Some("ship_2"));
        assert_eq!(chosen(Some("ship_2"), Some("express")), None);
        assert_eq!(chosen(None, Some("ship_2")).as_deref(), Some("ship_2"));
    }

    #[test]
    fn an_option_that_is_not_offered_is_an_error_that_lists_the_offers() {
        let error = session(None)
            .option_to_select(&Basket::of("a", 1).shipped_by("drone"))
            .unwrap_err();
        assert!(matches!(error, AgentError::NoSuchOption { offered, .. } if offered == ["ship_std", "ship_2"]));
    }

    #[test]
    fn the_total_is_found_at_any_position_and_items_are_listed_once() {
        assert_eq!(session(None).total(), Some(Amount::usd(4598)));
        assert_eq!(session(None).item_ids(), ["a", "b"]);
    }
}
