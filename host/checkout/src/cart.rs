//! What the buyer wants, and how it changes.

use serde::{Deserialize, Serialize};

use super::ids::{ItemId, LineId, OptionId};
use super::people::{Address, Buyer, Recipient, RecipientEdit};

/// Most lines in a cart; what the plugin contract promises.
pub const MAX_LINES: usize = 200;
/// Most units in one line.
pub const MAX_QUANTITY: u32 = 1_000_000;
/// Most discount codes in a cart.
pub const MAX_CODES: usize = 20;

/// Longest item id and discount code, in bytes: lines are called after their items, and plugins answer with both.
pub const MAX_ID_BYTES: usize = 256;

/// One line: an item and how many of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// The line.
    pub id: LineId,
    /// The item.
    pub item: ItemId,
    /// From 1 to [`MAX_QUANTITY`].
    pub quantity: u32,
}

/// The cart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cart {
    /// One line per item, in the order in which the items first came.
    pub lines: Vec<CartLine>,
    /// Discount codes as typed.
    pub codes: Vec<String>,
    /// The buyer.
    pub buyer: Option<Buyer>,
    /// Who receives it.
    pub recipient: Option<Recipient>,
    /// The fulfillment option that the agent chose.
    pub chosen_option: Option<OptionId>,
    /// Notes for the merchant.
    pub notes: Option<String>,
    /// Language of the buyer, BCP 47.
    pub locale: Option<String>,
    /// Room for what the plugin understands and the host does not: `gift-wrap` …
    #[serde(default)]
    pub extensions: Vec<(String, String)>,
}

impl Cart {
    /// Where the goods go, if said.
    #[must_use]
    pub fn destination(&self) -> Option<&Address> {
        self.recipient.as_ref().and_then(|recipient| recipient.address.as_ref())
    }
}

/// A wish for an item, before it is a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The item.
    pub item: ItemId,
    /// How many. The edges refuse zero and fractions.
    pub quantity: u32,
}

/// A change of the cart. What is `None` stays as it is; what is given replaces the old value whole.
#[derive(Clone, Debug, Default)]
pub struct CartEdit {
    /// New lines.
    pub items: Option<Vec<Wish>>,
    /// New codes; empty clears them.
    pub codes: Option<Vec<String>>,
    /// New buyer.
    pub buyer: Option<Buyer>,
    /// New recipient.
    pub recipient: Option<RecipientEdit>,
    /// New choice of a fulfillment option.
    pub chosen_option: Option<OptionId>,
    /// New notes.
    pub notes: Option<String>,
    /// New language.
    pub locale: Option<String>,
    /// New extensions.
    pub extensions: Option<Vec<(String, String)>>,
}

/// Why an edit cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CartError {
    /// There is no line left.
    #[error("a checkout needs at least one item")]
    Empty,
    /// More than [`MAX_LINES`].
    #[error("a checkout holds at most {MAX_LINES} different items")]
    TooManyLines,
    /// Zero, or more than [`MAX_QUANTITY`] once repeated items are added up. Carries the index of the wish.
    #[error("the quantity must be between 1 and {MAX_QUANTITY}")]
    Quantity(usize),
    /// More than [`MAX_CODES`].
    #[error("a checkout holds at most {MAX_CODES} discount codes")]
    TooManyCodes,
    /// Longer than [`MAX_ID_BYTES`]. Carries the index of the wish.
    #[error("the id of an item has at most {MAX_ID_BYTES} bytes")]
    ItemTooLong(usize),
    /// Longer than [`MAX_ID_BYTES`]. Carries the index of the code.
    #[error("a discount code has at most {MAX_ID_BYTES} bytes")]
    CodeTooLong(usize),
}

impl Cart {
    /// Apply an edit.
    ///
    /// Items that are repeated add up to one line (protocol reference §11 row 29: releases without a quantity repeat items).
    ///
    /// # Errors
    /// When a limit is met; the cart is then unchanged.
    pub fn apply(&mut self, edit: CartEdit) -> Result<(), CartError> {
        let lines = edit.items.map(lines_of).transpose()?;
        if edit.codes.as_ref().is_some_and(|codes| codes.len() > MAX_CODES) {
            return Err(CartError::TooManyCodes);
        }
        let codes = edit.codes.as_deref().unwrap_or_default();
        if let Some(index) = codes.iter().position(|code| code.len() > MAX_ID_BYTES) {
            return Err(CartError::CodeTooLong(index));
        }
        replace(&mut self.lines, lines);
        replace(&mut self.codes, edit.codes);
        replace(&mut self.extensions, edit.extensions);
        self.buyer = edit.buyer.or_else(|| self.buyer.take());
        if let Some(recipient) = edit.recipient {
            self.recipient = recipient.apply(self.recipient.take());
        }
        self.chosen_option = edit.chosen_option.or_else(|| self.chosen_option.take());
        self.notes = edit.notes.or_else(|| self.notes.take());
        self.locale = edit.locale.or_else(|| self.locale.take());
        Ok(())
    }
}

fn replace<T>(slot: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *slot = new;
    }
}

fn lines_of(wishes: Vec<Wish>) -> Result<Vec<CartLine>, CartError> {
    let mut lines: Vec<CartLine> = Vec::with_capacity(wishes.len().min(MAX_LINES));
    for (index, wish) in wishes.into_iter().enumerate() {
        if wish.item.as_str().len() > MAX_ID_BYTES {
            return Err(CartError::ItemTooLong(index));
        }
        let seen = lines.iter_mut().find(|line| line.item == wish.item);
        let before = seen.as_ref().map_or(0, |line| line.quantity);
        let quantity = before.checked_add(wish.quantity).ok_or(CartError::Quantity(index))?;
        if wish.quantity == 0 || quantity > MAX_QUANTITY {
            return Err(CartError::Quantity(index));
        }
        if let Some(line) = seen {
            line.quantity = quantity;
        } else if lines.len() == MAX_LINES {
            return Err(CartError::TooManyLines);
        } else {
            lines.push(CartLine {
                id: LineId::new(wish.item.as_str()),
                item: wish.item,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(item: &str, quantity: u32) -> Wish {
        Wish {
            item: ItemId::new(item),
            quantity,
        }
    }

    fn items(wishes: Vec<Wish>) -> CartEdit {
        CartEdit {
            items: Some(wishes),
            ..CartEdit::default()
        }
    }

    #[test]
    fn repeated_items_add_up_to_one_line() {
        let mut cart = Cart::default();
        cart.apply(items(vec![wish("a", 1), wish("b", 2), wish("a", 3)]))
            .unwrap();
        let seen: Vec<_> = cart
            .lines
            .iter()
            .map(|line| (line.item.as_str(), line.quantity))
            .collect();
        assert_eq!(seen, [("a", 4), ("b", 2)]);
    }

    #[test]
    fn an_edit_over_a_limit_changes_nothing() {
        let mut cart = Cart::default();
        cart.apply(items(vec![wish("a", 1)])).unwrap();
        let before = cart.clone();
        let many = (0..=MAX_LINES).map(|n| wish(&n.to_string(), 1)).collect();
        for (edit, error) in [
            (items(vec![]), CartError::Empty),
            (items(many), CartError::TooManyLines),
            (items(vec![wish("b", 1), wish("a", 0)]), CartError::Quantity(1)),
            (
                items(vec![wish("a", MAX_QUANTITY), wish("a", 1)]),
                CartError::Quantity(1),
            ),
            (
                CartEdit {
                    codes: Some(vec![String::new(); MAX_CODES + 1]),
                    ..items(vec![wish("c", 1)])
                },
                CartError::TooManyCodes,
            ),
            (
                items(vec![wish("b", 1), wish(&"x".repeat(MAX_ID_BYTES + 1), 1)]),
                CartError::ItemTooLong(1),
            ),
            (
                CartEdit {
                    codes: Some(vec!["x".repeat(MAX_ID_BYTES), "x".repeat(MAX_ID_BYTES + 1)]),
                    ..CartEdit::default()
                },
                CartError::CodeTooLong(1),
            ),
        ] {
            assert_eq!(cart.apply(edit), Err(error));
            assert_eq!(cart, before);
        }
    }

    #[test]
    fn an_edit_replaces_buyer_and_recipient_whole() {
        let mut cart = Cart {
            buyer: Some(Buyer {
                first_name: Some("Jane".into()),
                email: Some("old@example.com".into()),
                ..Buyer::default()
            }),
            recipient: Some(Recipient {
                name: Some("Jane Doe".into()),
                ..Recipient::default()
            }),
            ..Cart::default()
        };
        let buyer = Buyer {
            email: Some("new@example.com".into()),
            ..Buyer::default()
        };
        let recipient = Recipient {
            address: Some(Address {
                city: "City".into(),
                ..Address::default()
            }),
            ..Recipient::default()
        };
        cart.apply(CartEdit {
            buyer: Some(buyer.clone()),
            recipient: Some(RecipientEdit::Whole(recipient.clone())),
            ..CartEdit::default()
        })
        .unwrap();
        assert_eq!((cart.buyer, cart.recipient), (Some(buyer), Some(recipient)));
    }

    #[test]
    fn what_an_edit_leaves_out_stays() {
        let mut cart = Cart::default();
        cart.apply(CartEdit {
            codes: Some(vec!["TEN".into()]),
            ..items(vec![wish("a", 1)])
        })
        .unwrap();
        cart.apply(CartEdit {
            chosen_option: Some(OptionId::new("express")),
            ..CartEdit::default()
        })
        .unwrap();
        assert_eq!(cart.codes, ["TEN"]);
        assert_eq!(cart.lines.len(), 1);
        cart.apply(CartEdit {
            codes: Some(vec![]),
            ..CartEdit::default()
        })
        .unwrap();
        assert!(cart.codes.is_empty());
    }
}
