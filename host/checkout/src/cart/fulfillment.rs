//! How the lines of a cart are fulfilled: chosen options, and groups of lines with destinations of their own.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Cart, CartError, CartLine, MAX_GROUPS};
use crate::contact::{Address, Recipient};
use crate::ids::{GroupId, LineId, OptionId};

/// A fulfillment option, and the lines that it applies to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Option that was chosen.
    pub option: OptionId,
    /// Lines that it applies to; empty for all that the option covers.
    pub lines: Vec<LineId>,
}

impl Choice {
    /// An option for all lines that it covers.
    #[must_use]
    pub const fn of(option: OptionId) -> Self {
        Self {
            option,
            lines: Vec::new(),
        }
    }
}

/// The kind of a fulfillment option, as protocols name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FulfillmentKind {
    /// A parcel to the buyer's address; any kind that protocols have no name for.
    Shipping,
    /// A download, which needs no address.
    Digital,
    /// The buyer fetches the goods.
    Pickup,
    /// The merchant brings the goods.
    LocalDelivery,
}

impl FulfillmentKind {
    /// The kind of this name; any that protocols have no name for is a parcel.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let known = [Self::Digital, Self::Pickup, Self::LocalDelivery];
        known
            .into_iter()
            .find(|kind| kind.name() == name)
            .unwrap_or(Self::Shipping)
    }

    /// Whether it delivers to the buyer's address.
    #[must_use]
    pub const fn requires_address(self) -> bool {
        matches!(self, Self::Shipping | Self::LocalDelivery)
    }

    /// The name in protocols and in the plugin contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shipping => "shipping",
            Self::Digital => "digital",
            Self::Pickup => "pickup",
            Self::LocalDelivery => "local_delivery",
        }
    }
}

/// Lines that go to one destination, where a cart has several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FulfillmentGroup {
    /// Id that the agent chose, unique within the cart.
    pub id: GroupId,
    /// Kind: `shipping`, `pickup`, `local_delivery` or `digital`.
    pub kind: String,
    /// Lines of the group; a line is in at most one group.
    pub lines: Vec<LineId>,
    /// Address of the group; `None` for the address of the cart.
    pub destination: Option<Address>,
    /// Person who receives the group; `None` for the recipient of the cart.
    pub recipient: Option<Recipient>,
    /// Id of the place where the buyer picks the lines up.
    pub location: Option<String>,
    /// Instructions of the buyer.
    pub instructions: Option<String>,
}

impl FulfillmentGroup {
    /// Its kind, as an enum.
    #[must_use]
    pub fn kind(&self) -> FulfillmentKind {
        FulfillmentKind::named(&self.kind)
    }
}

/// The groups with their addresses as [`Address::with_codes`] reads them.
pub(super) fn with_codes(groups: Vec<FulfillmentGroup>) -> Vec<FulfillmentGroup> {
    let read = |group: FulfillmentGroup| FulfillmentGroup {
        destination: group.destination.map(Address::with_codes),
        recipient: group.recipient.map(Recipient::with_codes),
        ..group
    };
    groups.into_iter().map(read).collect()
}

impl Cart {
    /// Whether goods of a line may go to the address of the cart: the line is in no group with an address of its own, and in none that
    /// needs no address.
    #[must_use]
    pub fn uses_own_destination(&self) -> bool {
        let uses_it = |group: &FulfillmentGroup| group.kind().requires_address() && group.destination.is_none();
        self.lines
            .iter()
            .any(|line| self.group_of(&line.id).is_none_or(uses_it))
    }

    /// Address and recipient for a party that knows one of each, such as a card processor: those of the cart if any line goes there, else
    /// those of the first group to an address.
    #[must_use]
    pub fn main_delivery(&self) -> (Option<&Address>, Option<&Recipient>) {
        let of_cart = (self.destination(), self.recipient.as_ref());
        if of_cart.0.is_some() && self.uses_own_destination() {
            return of_cart;
        }
        let goes_out = |group: &&FulfillmentGroup| group.kind().requires_address() && group.destination.is_some();
        let group = self.groups.iter().find(goes_out);
        group.map_or(of_cart, |group| {
            (group.destination.as_ref(), group.recipient.as_ref().or(of_cart.1))
        })
    }

    /// Check new groups and choices against the lines that the cart will have.
    pub(super) fn check_groups(
        &self,
        lines: Option<&[CartLine]>,
        groups: Option<&[FulfillmentGroup]>,
        choices: Option<&[Choice]>,
    ) -> Result<(), CartError> {
        let (groups, choices) = (groups.unwrap_or_default(), choices.unwrap_or_default());
        if groups.len() > MAX_GROUPS {
            return Err(CartError::TooManyGroups);
        }
        if choices.len() > MAX_GROUPS {
            return Err(CartError::TooManyChoices);
        }
        let mut ids = BTreeSet::new();
        if let Some(index) = groups.iter().position(|group| !ids.insert(&group.id)) {
            return Err(CartError::GroupTwice(index));
        }
        let lines = lines.unwrap_or(&self.lines);
        let of_groups = groups.iter().enumerate();
        let of_groups = of_groups.flat_map(|(index, group)| group.lines.iter().map(move |line| (index, line)));
        match misnamed(lines, of_groups) {
            Some(Misnamed::Unknown((index, line))) => return Err(CartError::UnknownGroupLine(index, line.clone())),
            Some(Misnamed::Twice((index, line))) => return Err(CartError::GroupLineTwice(index, line.clone())),
            None => {}
        }
        let of_choices = choices
            .iter()
            .flat_map(|choice| choice.lines.iter().map(|line| ((), line)));
        match misnamed(lines, of_choices) {
            Some(Misnamed::Unknown(((), line))) => Err(CartError::UnknownLine(line.clone())),
            Some(Misnamed::Twice(((), line))) => Err(CartError::LineTwice(line.clone())),
            None => Ok(()),
        }
    }

    /// Groups and choices made before do not name lines that the cart no longer has.
    pub(super) fn forget_lines_beside(&mut self, lines: &[CartLine]) {
        let remains = |id: &LineId| lines.iter().any(|line| line.id == *id);
        for group in &mut self.groups {
            group.lines.retain(remains);
        }
        self.choices.retain_mut(|choice| {
            let named = choice.lines.len();
            choice.lines.retain(remains);
            // A choice without lines would be one for all lines.
            named == 0 || !choice.lines.is_empty()
        });
    }
}

/// A line that must not be named, and by whom.
enum Misnamed<'a, By> {
    /// It is not one of the cart.
    Unknown((By, &'a LineId)),
    /// It is named for the second time.
    Twice((By, &'a LineId)),
}

/// The first named line that is not one of the cart, or that was named before.
fn misnamed<'a, By>(lines: &[CartLine], named: impl Iterator<Item = (By, &'a LineId)>) -> Option<Misnamed<'a, By>> {
    let mut seen = BTreeSet::new();
    for (by, id) in named {
        if lines.iter().all(|line| line.id != *id) {
            return Some(Misnamed::Unknown((by, id)));
        }
        if !seen.insert(id) {
            return Some(Misnamed::Twice((by, id)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cart::{CartEdit, RequestedItem};
    use crate::ids::ItemId;

    fn items(ids: &[&str]) -> CartEdit {
        let requested = |id: &&str| RequestedItem {
            item: ItemId::new(*id),
            quantity: 1,
        };
        CartEdit {
            items: Some(ids.iter().map(requested).collect()),
            ..CartEdit::default()
        }
    }

    fn group(id: &str, lines: &[&str]) -> FulfillmentGroup {
        FulfillmentGroup {
            id: GroupId::new(id),
            kind: "shipping".into(),
            lines: lines.iter().copied().map(LineId::new).collect(),
            destination: None,
            recipient: None,
            location: None,
            instructions: None,
        }
    }

    fn grouped(groups: Vec<FulfillmentGroup>) -> CartEdit {
        CartEdit {
            groups: Some(groups),
            ..CartEdit::default()
        }
    }

    fn choice(option: &str, lines: &[&str]) -> Choice {
        Choice {
            option: OptionId::new(option),
            lines: lines.iter().copied().map(LineId::new).collect(),
        }
    }

    fn cart(ids: &[&str]) -> Cart {
        let mut cart = Cart::default();
        cart.apply(items(ids)).unwrap();
        cart
    }

    #[test]
    fn a_group_that_contradicts_the_cart_or_another_is_refused_and_nothing_changes() {
        let mut cart = cart(&["a", "b"]);
        let before = cart.clone();
        let many = (0..=MAX_GROUPS).map(|n| group(&n.to_string(), &[])).collect();
        for (groups, error) in [
            (
                vec![group("f", &["a"]), group("g", &["c"])],
                CartError::UnknownGroupLine(1, LineId::new("c")),
            ),
            (
                vec![group("g", &["a"]), group("h", &["b", "a"])],
                CartError::GroupLineTwice(1, LineId::new("a")),
            ),
            (vec![group("g", &["a"]), group("g", &["b"])], CartError::GroupTwice(1)),
            (many, CartError::TooManyGroups),
        ] {
            assert_eq!(cart.apply(grouped(groups)), Err(error));
            assert_eq!(cart, before);
        }
    }

    #[test]
    fn two_choices_for_one_line_are_refused() {
        let mut cart = cart(&["a", "b"]);
        let edit = CartEdit {
            choices: Some(vec![choice("express", &["a"]), choice("standard", &["a", "b"])]),
            ..CartEdit::default()
        };
        assert_eq!(cart.apply(edit), Err(CartError::LineTwice(LineId::new("a"))));
    }

    #[test]
    fn a_party_that_knows_one_delivery_gets_that_of_the_cart_or_of_the_first_group_to_an_address() {
        let at = |city: &str| Address {
            city: city.into(),
            ..Address::default()
        };
        let mut cart = cart(&["a", "b"]);
        assert_eq!(cart.main_delivery(), (None, None));
        let mut pickup = group("pickup", &["a"]);
        pickup.kind = "pickup".into();
        let mut parcel = group("parcel", &["b"]);
        parcel.destination = Some(at("Work"));
        cart.groups = vec![pickup, parcel];
        assert_eq!(cart.main_delivery().0, Some(&at("Work")));
        cart.recipient = Some(Recipient {
            address: Some(at("Home")),
            ..Recipient::default()
        });
        assert_eq!(cart.main_delivery().0, Some(&at("Work")), "no line goes home");
        cart.groups.pop();
        assert_eq!(cart.main_delivery().0, Some(&at("Home")));
    }

    #[test]
    fn more_choices_than_a_cart_may_have_are_refused() {
        let edit = CartEdit {
            choices: Some(vec![choice("express", &[]); MAX_GROUPS + 1]),
            ..CartEdit::default()
        };
        assert_eq!(cart(&["a"]).apply(edit), Err(CartError::TooManyChoices));
    }

    #[test]
    fn groups_and_choices_forget_a_line_that_leaves_the_cart() {
        let mut cart = cart(&["a", "b"]);
        cart.apply(CartEdit {
            groups: Some(vec![group("g", &["a"]), group("h", &["b"])]),
            choices: Some(vec![choice("express", &["a"]), choice("standard", &["b"])]),
            ..CartEdit::default()
        })
        .unwrap();
        cart.apply(items(&["b", "c"])).unwrap();
        assert_eq!(cart.groups, [group("g", &[]), group("h", &["b"])]);
        assert_eq!(cart.choices, [choice("standard", &["b"])]);
        assert_eq!(cart.group_of(&LineId::new("b")).unwrap().id, GroupId::new("h"));
        assert!(cart.group_of(&LineId::new("c")).is_none());
    }
}
