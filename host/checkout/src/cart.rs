//! The cart: what the buyer wants to buy, and how the agent changes it.

mod change;
mod expectation;
mod expected_kind;
mod fulfillment;
mod payment_details;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use change::Change;
pub use expectation::ExpectedItem;
pub use expected_kind::ExpectedKind;
pub use fulfillment::{Choice, FulfillmentGroup, FulfillmentKind};
pub use payment_details::PaymentDetails;

use super::contact::{Address, Buyer, Recipient, RecipientEdit};
use super::ids::{ItemId, LineId, OptionId};
use super::metadata::Metadata;

/// Maximum number of lines in a cart; the plugin contract promises it.
pub const MAX_LINES: usize = 200;
/// Maximum number of units in one line.
pub const MAX_QUANTITY: u32 = 1_000_000;
/// Maximum number of discount codes in a cart.
pub const MAX_CODES: usize = 20;
/// Maximum number of fulfillment groups, and of chosen options, in a cart.
pub const MAX_GROUPS: usize = 50;

/// Maximum length of an item id and of a discount code, in bytes. Line ids equal item ids, and plugins answer with both.
pub const MAX_ID_BYTES: usize = 256;

/// One line: an item and its quantity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// Line id, equal to the text of the item id.
    pub id: LineId,
    /// Item of the line: the merchant's SKU.
    pub item: ItemId,
    /// From 1 to [`MAX_QUANTITY`].
    pub quantity: u32,
}

/// The cart of a session: items, discount codes, buyer, recipient and choices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cart {
    /// One line per item, in the order in which the agent first named the items.
    pub lines: Vec<CartLine>,
    /// What the agent takes the items for, if it said so when it asked for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<ExpectedItem>,
    /// Discount codes as the agent sent them, at most [`MAX_CODES`]. Compared byte for byte.
    pub codes: Vec<String>,
    /// The buyer; `None` until the agent sends one.
    pub buyer: Option<Buyer>,
    /// Recipient and delivery address; `None` until the agent sends them.
    pub recipient: Option<Recipient>,
    /// Billing address; `None` until the agent sends one, which most do with the payment.
    pub billing: Option<Address>,
    /// Groups of lines with destinations of their own, at most [`MAX_GROUPS`]; empty if everything goes to one destination.
    pub groups: Vec<FulfillmentGroup>,
    /// Fulfillment options that the agent chose; empty while the plugin's preselected ones apply.
    pub choices: Vec<Choice>,
    /// Id of an offer that the merchant made to the buyer before, as the agent names it.
    #[serde(default)]
    pub quote_id: Option<String>,
    /// Number of the purchase order in the buyer's own books, which the agent gives beside the payment.
    #[serde(default)]
    pub purchase_order: Option<String>,
    /// What the cart said of billing address and purchase order before the last payment brought its own; `None` if that brought none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_payment: Option<Box<PaymentDetails>>,
    /// The buyer's notes to the merchant: `order_notes` of ACP.
    pub notes: Option<String>,
    /// Language of the buyer as a BCP 47 tag, e.g. `en-US`; `None` if the agent did not say.
    pub locale: Option<String>,
    /// Time zone of the buyer as an IANA name; `None` if the agent did not say.
    pub time_zone: Option<String>,
    /// Metadata of the agent, which the host passes on without a meaning of its own, e.g. `gift_wrap`. At most
    /// [`Metadata::MAX_BYTES`]. Stored under the name that an earlier release of the host gave it.
    #[serde(default, rename = "extensions")]
    pub metadata: Metadata,
}

impl Cart {
    /// The delivery address, if the agent gave one.
    #[must_use]
    pub fn destination(&self) -> Option<&Address> {
        self.recipient.as_ref().and_then(|recipient| recipient.address.as_ref())
    }
}

/// An item as the agent requests it, before repeated items are merged into lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestedItem {
    /// The merchant's SKU, not checked against the catalog yet.
    pub item: ItemId,
    /// Units requested. The protocol layer rejects zero and fractions.
    pub quantity: u32,
}

/// A change of the cart. `None` keeps the old value; anything else replaces it as a whole. Country and state of every address
/// become codes ([`Address::with_codes`]).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CartEdit {
    /// New items; they replace all lines.
    pub items: Option<Vec<RequestedItem>>,
    /// What the agent takes the new items for; without new items it is not used.
    pub expected: Vec<ExpectedItem>,
    /// New discount codes; an empty list removes all.
    pub codes: Option<Vec<String>>,
    /// New buyer; fields that it leaves out are cleared.
    pub buyer: Change<Buyer>,
    /// Members that the buyer gets beside those that it has, or in place of them.
    pub buyer_supplement: Option<Buyer>,
    /// New recipient, as a whole or in parts.
    pub recipient: Change<RecipientEdit>,
    /// New billing address; it replaces the old one.
    pub billing: Option<Address>,
    /// New groups; they replace all.
    pub groups: Option<Vec<FulfillmentGroup>>,
    /// Newly chosen fulfillment options; they replace all.
    pub choices: Option<Vec<Choice>>,
    /// Kinds that the agent takes the chosen options for, in the order of [`Self::choices`]; empty if the protocol does not say.
    /// An option of another kind is refused after the quote.
    pub chosen_kinds: Vec<(OptionId, ExpectedKind)>,
    /// New id of an earlier offer.
    pub quote_id: Option<String>,
    /// New number of a purchase order.
    pub purchase_order: Option<String>,
    /// New notes to the merchant.
    pub notes: Change<String>,
    /// New language tag, BCP 47.
    pub locale: Option<String>,
    /// New time zone, an IANA name.
    pub time_zone: Option<String>,
    /// New metadata; it replaces all.
    pub metadata: Option<Metadata>,
}

/// Why an edit is rejected. The cart is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CartError {
    /// The edit leaves no line.
    #[error("a checkout needs at least one item")]
    Empty,
    /// More than [`MAX_LINES`] different items.
    #[error("a checkout holds at most {MAX_LINES} different items")]
    TooManyLines,
    /// Zero, or more than [`MAX_QUANTITY`] after repeated items are added up. Carries the index among the requested items.
    #[error("the quantity must be between 1 and {MAX_QUANTITY}")]
    Quantity(usize),
    /// More than [`MAX_CODES`] discount codes.
    #[error("a checkout holds at most {MAX_CODES} discount codes")]
    TooManyCodes,
    /// Longer than [`MAX_ID_BYTES`]. Carries the index among the requested items.
    #[error("an item id must not be longer than {MAX_ID_BYTES} bytes")]
    ItemTooLong(usize),
    /// Longer than [`MAX_ID_BYTES`]. Carries the index of the code.
    #[error("a discount code must not be longer than {MAX_ID_BYTES} bytes")]
    CodeTooLong(usize),
    /// Metadata of more than [`Metadata::MAX_BYTES`].
    #[error("metadata must not be longer than {} bytes", Metadata::MAX_BYTES)]
    MetadataTooLarge,
    /// More than [`MAX_GROUPS`] fulfillment groups.
    #[error("a checkout holds at most {MAX_GROUPS} fulfillment groups")]
    TooManyGroups,
    /// More than [`MAX_GROUPS`] chosen options.
    #[error("a checkout holds at most {MAX_GROUPS} chosen options")]
    TooManyChoices,
    /// Two groups have the same id. Carries the index of the second.
    #[error("every fulfillment group needs an id of its own")]
    GroupTwice(usize),
    /// A group names a line that the cart does not have. Carries the index of the group.
    #[error("there is no item {1} in this checkout")]
    UnknownGroupLine(usize, LineId),
    /// A line is in two groups. Carries the index of the second.
    #[error("item {1} is in more than one fulfillment group")]
    GroupLineTwice(usize, LineId),
    /// A choice names a line that the cart does not have.
    #[error("there is no item {0} in this checkout")]
    UnknownLine(LineId),
    /// Two choices name a line.
    #[error("item {0} has more than one fulfillment option")]
    LineTwice(LineId),
}

impl Cart {
    /// Apply an edit.
    ///
    /// Repeated items add up to one line: ACP releases from 2026-01-30 on have no `quantity` in a requested item, so that agents
    /// repeat the item.
    ///
    /// # Errors
    /// If a limit is exceeded; the cart is then unchanged.
    pub fn apply(&mut self, edit: CartEdit) -> Result<(), CartError> {
        let lines = edit.items.map(merge_lines).transpose()?;
        if edit.codes.as_ref().is_some_and(|codes| codes.len() > MAX_CODES) {
            return Err(CartError::TooManyCodes);
        }
        let codes = edit.codes.as_deref().unwrap_or_default();
        if let Some(index) = codes.iter().position(|code| code.len() > MAX_ID_BYTES) {
            return Err(CartError::CodeTooLong(index));
        }
        if edit.metadata.as_ref().is_some_and(Metadata::is_too_large) {
            return Err(CartError::MetadataTooLarge);
        }
        self.check_groups(lines.as_deref(), edit.groups.as_deref(), edit.choices.as_deref())?;
        if lines.is_some() {
            self.forget_lines_beside(lines.as_deref().unwrap_or_default());
            self.expected = edit.expected;
        }
        replace(&mut self.lines, lines);
        replace(&mut self.codes, edit.codes);
        replace(&mut self.groups, edit.groups.map(fulfillment::with_codes));
        replace(&mut self.choices, edit.choices);
        replace(&mut self.metadata, edit.metadata);
        self.buyer = edit.buyer.apply(self.buyer.take());
        if let Some(more) = edit.buyer_supplement {
            self.buyer = Some(more.or_from(self.buyer.take().unwrap_or_default()));
        }
        self.recipient = match edit.recipient {
            Change::Keep => self.recipient.take(),
            Change::Clear => None,
            Change::Set(new) => new.apply(self.recipient.take()).map(Recipient::with_codes),
        };
        self.quote_id = edit.quote_id.or_else(|| self.quote_id.take());
        self.purchase_order = edit.purchase_order.or_else(|| self.purchase_order.take());
        self.billing = edit.billing.map(Address::with_codes).or_else(|| self.billing.take());
        self.notes = edit.notes.apply(self.notes.take());
        self.locale = edit.locale.or_else(|| self.locale.take());
        self.time_zone = edit.time_zone.or_else(|| self.time_zone.take());
        Ok(())
    }

    /// The delivery address of a line: of its group, else of the cart.
    #[must_use]
    pub fn destination_of(&self, line: &LineId) -> Option<&Address> {
        let of_group = self.group_of(line).and_then(|group| group.destination.as_ref());
        of_group.or_else(|| self.destination())
    }

    /// The group that a line is in.
    #[must_use]
    pub fn group_of(&self, line: &LineId) -> Option<&FulfillmentGroup> {
        self.groups.iter().find(|group| group.lines.contains(line))
    }
}

fn replace<T>(slot: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *slot = new;
    }
}

fn merge_lines(items: Vec<RequestedItem>) -> Result<Vec<CartLine>, CartError> {
    let mut lines: Vec<CartLine> = Vec::with_capacity(items.len().min(MAX_LINES));
    for (index, item) in items.into_iter().enumerate() {
        if item.item.as_str().len() > MAX_ID_BYTES {
            return Err(CartError::ItemTooLong(index));
        }
        let seen = lines.iter_mut().find(|line| line.item == item.item);
        let before = seen.as_ref().map_or(0, |line| line.quantity);
        let quantity = before.checked_add(item.quantity).ok_or(CartError::Quantity(index))?;
        if item.quantity == 0 || quantity > MAX_QUANTITY {
            return Err(CartError::Quantity(index));
        }
        if let Some(line) = seen {
            line.quantity = quantity;
        } else if lines.len() == MAX_LINES {
            return Err(CartError::TooManyLines);
        } else {
            lines.push(CartLine {
                id: LineId::new(item.item.as_str()),
                item: item.item,
                quantity,
            });
        }
    }
    if lines.is_empty() {
        Err(CartError::Empty)
    } else {
        Ok(lines)
    }
}
