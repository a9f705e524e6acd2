//! Who buys, and where it goes.

use serde::{Deserialize, Serialize};

/// The buyer, as far as the agent says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Whole name, where the agent does not split it.
    pub full_name: Option<String>,
    /// Email address.
    pub email: Option<String>,
    /// Phone number as given.
    pub phone: Option<String>,
    /// The merchant's own id of the customer.
    pub customer_id: Option<String>,
    /// `guest`, `registered` or `business`.
    pub account: Option<String>,
    /// `authenticated`, `guest` or `requires_signin`.
    pub authentication: Option<String>,
}

impl Buyer {
    /// First and last name, or the full name.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        match (&self.first_name, &self.last_name) {
            (Some(first), Some(last)) => Some(format!("{first} {last}")),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => self.full_name.clone(),
        }
    }
}

/// A postal address. Fields that were not given are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Recipient.
    pub name: String,
    /// Company.
    pub company: String,
    /// Street and number.
    pub line_one: String,
    /// Flat, floor …
    pub line_two: String,
    /// City or town.
    pub city: String,
    /// State, province or region.
    pub region: String,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: String,
    /// Postal code.
    pub postal_code: String,
}

/// Who receives the goods, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Name.
    pub name: Option<String>,
    /// Phone number as given.
    pub phone: Option<String>,
    /// Email address.
    pub email: Option<String>,
    /// Address.
    pub address: Option<Address>,
}

/// Who receives the goods, without where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// Name.
    pub name: Option<String>,
    /// Phone number as given.
    pub phone: Option<String>,
    /// Email address.
    pub email: Option<String>,
}

/// A change of the recipient. Whatever is given replaces the old one whole: half an address of one house and half of another
/// is an address of none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecipientEdit {
    /// The recipient at once.
    Whole(Recipient),
    /// Contact and address each by itself. What is not given stays. The address is for whom the contact names.
    Parts {
        /// New contact.
        contact: Option<Contact>,
        /// New address.
        address: Option<Address>,
    },
}

impl RecipientEdit {
    /// The recipient after the change.
    #[must_use]
    pub fn apply(self, old: Option<Recipient>) -> Option<Recipient> {
        match self {
            Self::Whole(recipient) => Some(recipient),
            Self::Parts {
                contact: None,
                address: None,
            } => old,
            Self::Parts { contact, address } => Some(in_parts(contact, address, old.unwrap_or_default())),
        }
    }
}

fn in_parts(contact: Option<Contact>, address: Option<Address>, old: Recipient) -> Recipient {
    let renamed = contact.is_some();
    let Contact { name, phone, email } = contact.unwrap_or(Contact {
        name: old.name,
        phone: old.phone,
        email: old.email,
    });
    let old_name = old.address.as_ref().map(|address| address.name.clone());
    let address = address.or(old.address).map(|address| Address {
        name: match &name {
            Some(name) => name.clone(),
            None if renamed => String::new(),
            None => old_name.unwrap_or_default(),
        },
        ..address
    });
    Recipient {
        name,
        phone,
        email,
        address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn old() -> Recipient {
        Recipient {
            name: Some("Jane".into()),
            phone: Some("+1".into()),
            email: None,
            address: Some(Address {
                name: "Jane".into(),
                line_one: "1 Main St".into(),
                line_two: "Apt 4B".into(),
                city: "Town".into(),
                ..Address::default()
            }),
        }
    }

    fn changed(contact: Option<Contact>, address: Option<Address>) -> Recipient {
        let edit = RecipientEdit::Parts { contact, address };
        edit.apply(Some(old())).unwrap()
    }

    #[test]
    fn a_new_address_keeps_nothing_of_the_old_one() {
        for line_one in ["", "1 Main St", "2 Side St"] {
            let given = Address {
                line_one: line_one.into(),
                ..Address::default()
            };
            let now = changed(None, Some(given.clone()));
            let expected = Address {
                name: "Jane".into(),
                ..given
            };
            assert_eq!(now.address, Some(expected));
            assert_eq!((now.name, now.phone), (old().name, old().phone));
        }
    }

    #[test]
    fn a_new_contact_keeps_nothing_of_the_old_one_and_receives_at_the_old_address() {
        for name in [Some("Joe"), None] {
            let contact = Contact {
                name: name.map(Into::into),
                ..Contact::default()
            };
            let now = changed(Some(contact), None);
            assert_eq!((now.name.as_deref(), now.phone), (name, None));
            let address = now.address.unwrap();
            assert_eq!(
                (address.name.as_str(), address.line_one.as_str()),
                (name.unwrap_or_default(), "1 Main St")
            );
        }
    }

    #[test]
    fn nothing_given_changes_nothing() {
        assert_eq!(changed(None, None), old());
        let nothing = RecipientEdit::Parts {
            contact: None,
            address: None,
        };
        assert_eq!(nothing.apply(None), None);
        let whole = Recipient {
            email: Some("joe@example.com".into()),
            ..Recipient::default()
        };
        assert_eq!(RecipientEdit::Whole(whole.clone()).apply(Some(old())), Some(whole));
    }
}
