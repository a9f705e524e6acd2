//! Places that decide on the taxes: where the goods go, or where the buyer of downloads is.

use tillhouse_plugin::{config::Invalid, prelude::*, tax::Request};

use crate::{
    area::AreaMatch,
    destination::{self, Destination},
    exempt::{Exempt, Party},
    tax_rule::TaxRule,
};

/// Maximum number of taxes on one amount: the host accepts no more parts.
const PARTS: usize = 50;

/// The taxes of each group of lines, and what the addresses lack.
pub(crate) struct Places<'a> {
    due: Vec<(Option<&'a str>, Vec<DueTax>)>,
    /// Errors about addresses, which block payment.
    pub(crate) messages: Vec<Message>,
}

/// A tax that applies at a place.
pub(crate) struct DueTax {
    pub(crate) rule: TaxRule,
    /// Why the buyer is exempt from it; `None` if it is to be paid.
    pub(crate) exempt: Option<String>,
}

impl<'a> Places<'a> {
    /// Finds the taxes of everything in a request. `everywhere` are the exemptions from all taxes.
    pub(crate) fn of(request: &'a Request, party: &Party<'_>, everywhere: &Exempt) -> Result<Self, Failure> {
        let lines = request.lines.iter().map(|line| line.group.as_deref());
        let options = request.options.iter().map(|option| option.group.as_deref());
        let fees = request.fees.iter().map(|_| group_of_fees(request));
        let mut places = Self {
            due: Vec::new(),
            messages: Vec::new(),
        };
        for group in lines.chain(options).chain(fees) {
            if places.due.iter().any(|(known, _)| *known == group) {
                continue;
            }
            let decision = match Place::of(request, group) {
                Place::At(address) => decide(address, party, everywhere)?,
                Place::Later => Decision::Due(Vec::new()),
                Place::Missing => Decision::Blocked(destination::missing_country()),
            };
            let due = match decision {
                Decision::Due(due) => due,
                Decision::Blocked(message) => {
                    places.report(message);
                    Vec::new()
                }
            };
            places.due.push((group, due));
        }
        Ok(places)
    }

    /// The taxes on what is in a group; `None` stands for what is in no group.
    pub(crate) fn due(&self, group: Option<&str>) -> &[DueTax] {
        let found = self.due.iter().find(|(known, _)| *known == group);
        found.map_or(&[], |(_, due)| due)
    }

    /// Whether any of the taxes is so.
    pub(crate) fn any(&self, is_so: impl Fn(&TaxRule) -> bool) -> bool {
        self.due.iter().any(|(_, due)| due.iter().any(|tax| is_so(&tax.rule)))
    }

    /// Adds a message once, however many groups it is about.
    fn report(&mut self, message: Message) {
        if !self.messages.contains(&message) {
            self.messages.push(message);
        }
    }
}

/// The group whose address fees are taxed by: none for that of the cart, or the first if only groups have addresses.
pub(crate) fn group_of_fees(request: &Request) -> Option<&str> {
    let first = request.destinations.first();
    let of_cart = request.destination(None).is_some();
    first.filter(|_| !of_cart).and_then(|first| first.group.as_deref())
}

/// The address that decides on the taxes of a group.
enum Place<'a> {
    At(&'a Address),
    /// The shipping address is not known yet; the checkout asks for it.
    Later,
    /// No address gives a country.
    Missing,
}

impl<'a> Place<'a> {
    /// Where the lines of a group go, or where the buyer is billed if they need no shipping address.
    fn of(request: &'a Request, group: Option<&str>) -> Self {
        let has_country = |address: &&Address| !address.country.trim().is_empty();
        let given = request.destination(group);
        if let Some(address) = given.filter(has_country) {
            return Self::At(address);
        }
        // Without a destination, only the options that need none are on offer.
        let of_group = |option: Option<&str>| option.is_none() || option == group;
        let is_offered = request.options.iter().any(|option| of_group(option.group.as_deref()));
        if given.is_none() && !is_offered {
            return Self::Later;
        }
        let billing = request.billing.as_ref().filter(has_country);
        billing.map_or(Self::Missing, Self::At)
    }
}

/// The taxes at an address.
enum Decision {
    Due(Vec<DueTax>),
    /// They depend on what the address lacks: an error for the buyer.
    Blocked(Message),
}

fn decide(address: &Address, party: &Party<'_>, everywhere: &Exempt) -> Result<Decision, Failure> {
    let destination = Destination::of(address);
    if let Some(message) = destination.problem() {
        return Ok(Decision::Blocked(message));
    }
    let from_all = everywhere.reason(party, Some(&destination));
    let mut due = Vec::new();
    for rule in TaxRule::of_country(&destination.country).map_err(first)? {
        let reason = from_all.or_else(|| rule.exempt.reason(party, Some(&destination)));
        let exempt = reason.map(str::to_owned);
        match rule.area.matches(&destination) {
            AreaMatch::Inside => due.push(DueTax { rule, exempt }),
            AreaMatch::Outside => {}
            AreaMatch::MissingField(_) if exempt.is_some() => {}
            AreaMatch::MissingField(field) => return Ok(Decision::Blocked(destination::missing_field(field))),
        }
    }
    if due.len() > PARTS {
        let text = format!("{} taxes apply at one place; the contract allows {PARTS}", due.len());
        return Err(Failure::Misconfigured(text));
    }
    Ok(Decision::Due(due))
}

/// Returns the first problem of a table; the validation at start reports all of them.
fn first(invalid: Vec<Invalid>) -> Failure {
    let first = invalid.into_iter().next();
    first.map_or(Failure::Unsupported, Failure::from)
}
