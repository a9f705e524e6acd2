//! Buyer, recipient and postal address, as the agent sent them. Nothing here is verified.

use serde::{Deserialize, Serialize};

use super::places::{Country, State};
use super::time::Timestamp;

/// The buyer, as the agent describes them. A field is `None` if the agent left it out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    /// First name as sent; some agents send only the full name.
    pub first_name: Option<String>,
    /// Last name as sent; some agents send only the full name.
    pub last_name: Option<String>,
    /// Full name, if the agent does not split it.
    pub full_name: Option<String>,
    /// Email address as the agent sent it; not verified.
    pub email: Option<String>,
    /// Phone number as the agent sent it; not normalized.
    pub phone: Option<String>,
    /// The merchant's own id of the customer.
    pub customer_id: Option<String>,
    /// Kind of customer account: `guest`, `registered` or `business`.
    pub account: Option<String>,
    /// Sign-in state with the merchant: `authenticated`, `guest` or `requires_signin`.
    pub authentication: Option<String>,
    /// Company that the buyer buys for.
    pub company: Option<Company>,
    /// Certificate that exempts the buyer from tax; not verified.
    pub tax_exemption: Option<TaxExemption>,
    /// Membership in the merchant's loyalty program, as the agent reports it.
    pub loyalty: Option<Loyalty>,
}

/// The company that a buyer buys for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// Name of the company.
    pub name: String,
    /// Tax id as the agent sent it; not verified.
    pub tax_id: Option<String>,
    /// Department of the company that buys.
    pub department: Option<String>,
    /// Cost center within the company.
    pub cost_center: Option<String>,
}

/// A certificate that exempts from tax, as the agent sent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxExemption {
    /// Id of the certificate.
    pub certificate: String,
    /// Kind: `resale`, `exempt_organization` or `government`.
    pub kind: String,
    /// Regions in which it is valid, such as `US-CA`; empty if the agent named none.
    pub regions: Vec<String>,
    /// When it expires, if the agent said so.
    pub expires: Option<Timestamp>,
}

/// Membership in a loyalty program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loyalty {
    /// Tier of the member.
    pub tier: Option<String>,
    /// Points that the member has left.
    pub points: Option<u64>,
    /// Start of the membership, as the agent wrote it.
    pub member_since: Option<String>,
}

impl Buyer {
    /// The buyer with what only `other` says of it. A name is that of one of them: a full name does not stand beside the parts of another.
    #[must_use]
    pub fn or_from(self, other: Self) -> Self {
        let is_named_in_parts = self.first_name.is_some() || self.last_name.is_some();
        Self {
            full_name: self.full_name.or(other.full_name.filter(|_| !is_named_in_parts)),
            first_name: self.first_name.or(other.first_name),
            last_name: self.last_name.or(other.last_name),
            email: self.email.or(other.email),
            phone: self.phone.or(other.phone),
            customer_id: self.customer_id.or(other.customer_id),
            account: self.account.or(other.account),
            authentication: self.authentication.or(other.authentication),
            company: self.company.or(other.company),
            tax_exemption: self.tax_exemption.or(other.tax_exemption),
            loyalty: self.loyalty.or(other.loyalty),
        }
    }

    /// First and last name, or whichever of them there is, else the full name.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        match (&self.first_name, &self.last_name) {
            (Some(first), Some(last)) => Some(format!("{first} {last}")),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => self.full_name.clone(),
        }
    }
}

/// A postal address. Fields that the agent left out are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Name of the recipient at this address.
    pub name: String,
    /// Company name, if any.
    pub company: String,
    /// Street and house number.
    pub line_one: String,
    /// Second address line: flat, floor, building.
    pub line_two: String,
    /// City, town or village.
    pub city: String,
    /// State, province or region, as the country writes it: `CA`.
    pub region: String,
    /// Country code, ISO 3166-1 alpha-2 in upper case: `US`.
    pub country: String,
    /// Code that was written for the country, if it is not assigned: `UK` for `GB`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country_alias: Option<String>,
    /// Postal code, as the country writes it.
    pub postal_code: String,
}

impl Address {
    /// The address with its country and its state by their codes, where what was written stands for one of them: `GB` for `UK`,
    /// `CA` for `California`. The rest is left as it is, for the quote to ask about.
    #[must_use]
    pub fn with_codes(mut self) -> Self {
        if let Ok(country) = self.country.parse::<Country>() {
            country.code().clone_into(&mut self.country);
            self.country_alias = country.alias().map(str::to_owned).or(self.country_alias);
        }
        if let State::Code(code) = State::read(&self.country, &self.region) {
            code.clone_into(&mut self.region);
        }
        self
    }
}

/// The recipient of the goods, with the delivery address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Name of the person who receives the goods.
    pub name: Option<String>,
    /// Phone number as the agent sent it; not normalized.
    pub phone: Option<String>,
    /// Email address as the agent sent it; not verified.
    pub email: Option<String>,
    /// Delivery address; `None` until the agent sends one.
    pub address: Option<Address>,
}

impl Recipient {
    /// The recipient with the address as [`Address::with_codes`] reads it.
    #[must_use]
    pub fn with_codes(self) -> Self {
        Self {
            address: self.address.map(Address::with_codes),
            ..self
        }
    }
}

/// The recipient of the goods, without the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// Name of the person who receives the goods; it becomes the name in the address.
    pub name: Option<String>,
    /// Phone number as the agent sent it; not normalized.
    pub phone: Option<String>,
    /// Email address as the agent sent it; not verified.
    pub email: Option<String>,
}

/// A change of the recipient.
///
/// A new contact or address replaces the old one as a whole: fields of two addresses must not be mixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecipientEdit {
    /// Replaces contact and address together; what it leaves out is cleared.
    Whole(Recipient),
    /// Replaces contact and address each by itself; `None` keeps the old one. The name in the address follows the contact.
    Parts {
        /// New contact, or `None` to keep the old one.
        contact: Option<Contact>,
        /// New address, or `None` to keep the old one.
        address: Option<Address>,
    },
}

impl RecipientEdit {
    /// The recipient after the change; `None` if there was none and the change is empty.
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

    #[test]
    fn an_address_has_the_codes_of_what_was_written() {
        for (country, region, expected) in [
            ("US", "California", ("US", "CA", None)),
            ("us", " ny ", ("US", "NY", None)),
            ("US", "Kalifornia", ("US", "Kalifornia", None)),
            ("UK", "Kent", ("GB", "Kent", Some("UK"))),
            ("el", "", ("GR", "", Some("EL"))),
            ("", "CA", ("", "CA", None)),
            ("ZZ", "CA", ("ZZ", "CA", None)),
        ] {
            let written = Address {
                country: country.into(),
                region: region.into(),
                ..Address::default()
            };
            let read = written.with_codes();
            assert_eq!(read.clone().with_codes(), read, "{country} {region}: read once more");
            let alias = read.country_alias.as_deref();
            assert_eq!((read.country.as_str(), read.region.as_str(), alias), expected);
        }
    }

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
