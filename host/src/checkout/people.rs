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

    /// This buyer, with the old one's word where it says nothing.
    #[must_use]
    pub fn over(self, old: Self) -> Self {
        Self {
            first_name: self.first_name.or(old.first_name),
            last_name: self.last_name.or(old.last_name),
            full_name: self.full_name.or(old.full_name),
            email: self.email.or(old.email),
            phone: self.phone.or(old.phone),
            customer_id: self.customer_id.or(old.customer_id),
            account: self.account.or(old.account),
            authentication: self.authentication.or(old.authentication),
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

impl Address {
    /// This address, with the old one's fields where it has none. A new first line takes the old second line with it: that
    /// was a part of the old house.
    #[must_use]
    pub fn over(self, old: Self) -> Self {
        let or = |new: String, old: String| if new.is_empty() { old } else { new };
        let same_house = self.line_one.is_empty() || self.line_one == old.line_one;
        let old_line_two = if same_house { old.line_two } else { String::new() };
        Self {
            name: or(self.name, old.name),
            company: or(self.company, old.company),
            line_one: or(self.line_one, old.line_one),
            line_two: or(self.line_two, old_line_two),
            city: or(self.city, old.city),
            region: or(self.region, old.region),
            country: or(self.country, old.country),
            postal_code: or(self.postal_code, old.postal_code),
        }
    }
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

impl Recipient {
    /// This recipient, with the old one's word where it says nothing. An address is for whom the recipient is now.
    #[must_use]
    pub fn over(self, old: Self) -> Self {
        let address = match (self.address, old.address) {
            (Some(new), Some(old)) => Some(new.over(old)),
            (new, old) => new.or(old),
        };
        let renamed = self.name.is_some();
        let name = self.name.or(old.name);
        Self {
            address: address.map(|address| match &name {
                Some(name) if renamed || address.name.is_empty() => Address {
                    name: name.clone(),
                    ..address
                },
                _ => address,
            }),
            name,
            phone: self.phone.or(old.phone),
            email: self.email.or(old.email),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(line_one: &str, line_two: &str) -> Address {
        Address {
            name: "Jane".into(),
            line_one: line_one.into(),
            line_two: line_two.into(),
            city: "Town".into(),
            ..Address::default()
        }
    }

    #[test]
    fn the_flat_of_an_old_house_is_not_kept_for_a_new_one() {
        let old = || address("1 Main St", "Apt 4B");
        for (line_one, line_two, merged) in [
            ("", "", "Apt 4B"),
            ("1 Main St", "", "Apt 4B"),
            ("2 Side St", "", ""),
            ("2 Side St", "Floor 3", "Floor 3"),
            ("", "Floor 3", "Floor 3"),
        ] {
            assert_eq!(address(line_one, line_two).over(old()).line_two, merged, "{line_one}");
        }
    }

    #[test]
    fn a_new_recipient_receives_at_the_old_address() {
        let old = || Recipient {
            name: Some("Jane".into()),
            address: Some(address("1 Main St", "")),
            ..Recipient::default()
        };
        let renamed = Recipient {
            name: Some("Joe".into()),
            ..Recipient::default()
        };
        let merged = renamed.over(old()).address.unwrap();
        assert_eq!((merged.name.as_str(), merged.line_one.as_str()), ("Joe", "1 Main St"));
        assert_eq!(Recipient::default().over(old()), old());
    }
}
