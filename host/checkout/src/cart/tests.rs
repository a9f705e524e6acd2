use super::*;
use crate::ids::OptionId;

fn requested(item: &str, quantity: u32) -> RequestedItem {
    RequestedItem {
        item: ItemId::new(item),
        quantity,
    }
}

fn items(items: Vec<RequestedItem>) -> CartEdit {
    CartEdit {
        items: Some(items),
        ..CartEdit::default()
    }
}

#[test]
fn repeated_items_add_up_to_one_line() {
    let mut cart = Cart::default();
    cart.apply(items(vec![requested("a", 1), requested("b", 2), requested("a", 3)]))
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
    cart.apply(items(vec![requested("a", 1)])).unwrap();
    let before = cart.clone();
    let many = (0..=MAX_LINES).map(|n| requested(&n.to_string(), 1)).collect();
    for (edit, error) in [
        (items(vec![]), CartError::Empty),
        (items(many), CartError::TooManyLines),
        (
            items(vec![requested("b", 1), requested("a", 0)]),
            CartError::Quantity(1),
        ),
        (
            items(vec![requested("a", MAX_QUANTITY), requested("a", 1)]),
            CartError::Quantity(1),
        ),
        (
            CartEdit {
                codes: Some(vec![String::new(); MAX_CODES + 1]),
                ..items(vec![requested("c", 1)])
            },
            CartError::TooManyCodes,
        ),
        (
            items(vec![requested("b", 1), requested(&"x".repeat(MAX_ID_BYTES + 1), 1)]),
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
        buyer: Change::Set(buyer.clone()),
        recipient: Change::Set(RecipientEdit::Whole(recipient.clone())),
        ..CartEdit::default()
    })
    .unwrap();
    assert_eq!((cart.buyer, cart.recipient), (Some(buyer), Some(recipient)));
}

#[test]
fn an_edit_takes_away_what_it_clears_and_nothing_else() {
    let mut cart = Cart {
        buyer: Some(Buyer::default()),
        recipient: Some(Recipient::default()),
        notes: Some("Ring twice".into()),
        ..Cart::default()
    };
    cart.apply(CartEdit::default()).unwrap();
    assert!(cart.buyer.is_some() && cart.recipient.is_some() && cart.notes.is_some());
    cart.apply(CartEdit {
        buyer: Change::Clear,
        recipient: Change::Clear,
        ..CartEdit::default()
    })
    .unwrap();
    assert!(cart.buyer.is_none() && cart.recipient.is_none());
    assert_eq!(cart.notes.as_deref(), Some("Ring twice"));
    cart.apply(CartEdit {
        notes: Change::Clear,
        ..CartEdit::default()
    })
    .unwrap();
    assert_eq!(cart, Cart::default());
}

#[test]
fn every_address_of_a_cart_has_the_codes_of_its_country_and_state() {
    let written = || Address {
        region: "New York".into(),
        country: "us".into(),
        ..Address::default()
    };
    let mut cart = Cart::default();
    let group = FulfillmentGroup {
        id: crate::ids::GroupId::new("g"),
        kind: "shipping".into(),
        lines: Vec::new(),
        destination: Some(written()),
        recipient: None,
        location: None,
        instructions: None,
    };
    cart.apply(CartEdit {
        recipient: Change::Set(RecipientEdit::Parts {
            contact: None,
            address: Some(written()),
        }),
        billing: Some(written()),
        groups: Some(vec![group]),
        ..CartEdit::default()
    })
    .unwrap();
    let addresses = [
        cart.destination(),
        cart.billing.as_ref(),
        cart.groups[0].destination.as_ref(),
    ];
    for address in addresses {
        let address = address.unwrap();
        assert_eq!((address.country.as_str(), address.region.as_str()), ("US", "NY"));
    }
}

#[test]
fn what_an_edit_leaves_out_stays() {
    let mut cart = Cart::default();
    cart.apply(CartEdit {
        codes: Some(vec!["TEN".into()]),
        ..items(vec![requested("a", 1)])
    })
    .unwrap();
    cart.apply(CartEdit {
        choices: Some(vec![Choice::of(OptionId::new("express"))]),
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

#[test]
fn a_supplement_replaces_what_it_says_of_the_buyer_and_keeps_the_rest() {
    let buyer = |first: Option<&str>, email: Option<&str>| Buyer {
        first_name: first.map(Into::into),
        email: email.map(Into::into),
        ..Buyer::default()
    };
    let supplement = |more: Buyer| CartEdit {
        buyer_supplement: Some(more),
        ..CartEdit::default()
    };
    let mut cart = Cart::default();
    cart.apply(supplement(buyer(Some("Ann"), None))).unwrap();
    assert_eq!(cart.buyer, Some(buyer(Some("Ann"), None)));
    cart.apply(supplement(buyer(None, Some("ann@shop.example")))).unwrap();
    cart.apply(supplement(buyer(Some("Anna"), None))).unwrap();
    assert_eq!(cart.buyer, Some(buyer(Some("Anna"), Some("ann@shop.example"))));
}

#[test]
fn a_full_name_does_not_stand_beside_the_parts_of_another() {
    let full = Buyer {
        full_name: Some("Ann Bee".into()),
        ..Buyer::default()
    };
    let last = Buyer {
        last_name: Some("Cee".into()),
        ..Buyer::default()
    };
    assert_eq!(last.clone().or_from(full.clone()), last);
    assert_eq!(Buyer::default().or_from(full.clone()), full);
}
