//! Places that decide on the tax: where the goods go, or where the buyer of downloads is.

use tillhouse_places::State;
use tillhouse_plugin::{config::Invalid, prelude::*, tax::Request};

use super::TaxRule;

/// The tax of each group of lines that was asked for, and what the addresses lack.
pub(super) struct Places<'a> {
    request: &'a Request,
    rules: Vec<(Option<&'a str>, Option<TaxRule>)>,
    pub(super) messages: Vec<Message>,
}

impl<'a> Places<'a> {
    pub(super) const fn of(request: &'a Request) -> Self {
        Self {
            request,
            rules: Vec::new(),
            messages: Vec::new(),
        }
    }

    /// The tax on what is in a group; `None` stands for what is in no group.
    pub(super) fn rule(&mut self, group: Option<&'a str>) -> Result<Option<&TaxRule>, Invalid> {
        let known = self.rules.iter().position(|(known, _)| *known == group);
        let index = match known {
            Some(index) => index,
            None => {
                let rule = self.find(group)?;
                self.rules.push((group, rule));
                self.rules.len() - 1
            }
        };
        Ok(self.rules.get(index).and_then(|(_, rule)| rule.as_ref()))
    }

    /// The tax on fees: that of the cart's address, and if only groups have addresses, that of the first.
    pub(super) fn rule_of_fees(&mut self) -> Result<Option<&TaxRule>, Invalid> {
        let mut groups = self.request.destinations.iter().map(|it| it.group.as_deref());
        let group = if groups.clone().any(|group| group.is_none()) {
            None
        } else {
            groups.next().flatten()
        };
        self.rule(group)
    }

    fn find(&mut self, group: Option<&str>) -> Result<Option<TaxRule>, Invalid> {
        let address = match self.address(group) {
            Place::At(address) => address,
            Place::Later => return Ok(None),
            Place::Missing => {
                if levies_taxes() {
                    self.report(missing_country());
                }
                return Ok(None);
            }
        };
        match state_problem(address) {
            Some(message) => {
                self.report(message);
                Ok(None)
            }
            None => TaxRule::at(address),
        }
    }

    /// The address of a group: where its lines go, or where the buyer is billed if they need no shipping address.
    fn address(&self, group: Option<&str>) -> Place<'a> {
        let has_country = |address: &&Address| !address.country.trim().is_empty();
        if let Some(address) = self.request.destination(group).filter(has_country) {
            return Place::At(address);
        }
        // Without a destination, only the options that need none are on offer.
        let of_group = |option: Option<&str>| option.is_none() || option == group;
        if !self
            .request
            .options
            .iter()
            .any(|option| of_group(option.group.as_deref()))
        {
            return Place::Later;
        }
        let billing = self.request.billing.as_ref().filter(has_country);
        billing.map_or(Place::Missing, Place::At)
    }

    /// Adds a message once, however many groups it is about.
    fn report(&mut self, message: Message) {
        if !self.messages.contains(&message) {
            self.messages.push(message);
        }
    }
}

/// The address that decides on a tax.
enum Place<'a> {
    At(&'a Address),
    /// The shipping address is not known yet; the checkout asks for it.
    Later,
    /// No shipping address is needed, and no other address gives a country.
    Missing,
}

fn levies_taxes() -> bool {
    ["tax.us.", "tax.eu."]
        .iter()
        .any(|table| !config::table(table).is_empty())
}

/// The state of an address in the United States; `None` for other countries.
pub(super) fn state(address: &Address) -> Option<String> {
    let domestic = address.country.trim().eq_ignore_ascii_case("US");
    domestic.then(|| match State::read("US", &address.region) {
        State::Code(code) => code.to_owned(),
        _ => address.region.trim().to_ascii_uppercase(),
    })
}

/// An error message for an invalid US state, which blocks payment. Without it, no tax would be charged.
fn state_problem(address: &Address) -> Option<Message> {
    let state = state(address)?;
    let code = match State::read("US", &state) {
        State::Code(_) => return None,
        State::Blank => "missing",
        State::Unknown | State::AnyText => "invalid",
    };
    let text = "Give the state of the address by its two letters, such as CA: the tax depends on it.";
    Some(Message::error(code, Subject::address("state"), text))
}

/// The place of supply of downloads is that of the buyer.
fn missing_country() -> Message {
    let text = "The tax depends on the buyer's country: give an address with at least a country, or the billing address with the \
                payment.";
    Message::error("missing", Subject::address("country"), text)
}
