//! What is known afterwards, from everybody's books.

use super::event::Shown;

/// The books of the processor, of Stripe, of the shop and of the host.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// The processor's: every charge whose money was taken and not given back.
    pub charges: Vec<Charge>,
    /// Stripe's: every payment that was reported as made.
    pub reports: Vec<Report>,
    /// The shop's: every item that is counted.
    pub stock: Vec<Item>,
    /// The agent's: every webhook that arrived. None where nobody listened.
    pub deliveries: Option<Vec<Delivery>>,
    /// The host's: every payment attempt.
    pub attempts: Vec<Attempt>,
    /// The last look at every checkout.
    pub looks: Vec<Look>,
    /// What must not be found anywhere.
    pub secrets: Vec<Secret>,
    /// Where it is looked for.
    pub places: Vec<Place>,
}

/// A charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The host's reference.
    pub reference: String,
    /// Minor units captured.
    pub amount: i64,
    /// Lower-case ISO 4217.
    pub currency: String,
}

/// A payment that was reported as made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The host's reference.
    pub reference: String,
    /// Minor units guaranteed.
    pub amount: i64,
    /// Lower-case ISO 4217.
    pub currency: String,
}

/// A counted item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Whose.
    pub tenant: String,
    /// The item.
    pub item: String,
    /// How many there were.
    pub start: i64,
    /// How many there are.
    pub left: i64,
}

/// A webhook that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The order that it tells of.
    pub order: String,
    /// Id of the event.
    pub event: String,
    /// Whether the receiver took it.
    pub accepted: bool,
}

/// A payment attempt, as the host's store has it after recovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its reference at the processor.
    pub reference: String,
    /// The checkout.
    pub checkout: String,
    /// Whether it was ever recorded as charging.
    pub charging: bool,
}

/// The last look at a checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whose.
    pub tenant: String,
    /// What it shows.
    pub shown: Shown,
    /// Whether it had all the time that it may take.
    pub overdue: bool,
    /// Whether it waits for a person.
    pub in_review: bool,
}

/// Something that must not be at rest anywhere.
#[derive(Clone, Debug)]
pub struct Secret {
    /// What it is, for the report.
    pub name: String,
    /// Itself.
    pub text: String,
}

/// A file to search.
#[derive(Clone, Debug)]
pub struct Place {
    /// What it is, for the report.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}
