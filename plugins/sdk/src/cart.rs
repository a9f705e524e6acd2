//! Reading a cart: where its lines go, and what the buyer chose.

use crate::types::{Address, Cart, Choice, Group, Line};

impl Cart {
    /// Returns the group that a line is in; `None` if the cart has no groups, or the line is in none.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let mut cart = testing::cart(&[("tee", 1), ("mug", 1)]);
    /// cart.groups.push(Group::shipping("office", ["line_2"], testing::address("US", "CA")));
    /// assert_eq!(cart.group_of("line_2").map(|group| group.id.as_str()), Some("office"));
    /// assert_eq!(cart.group_of("line_1"), None);
    /// ```
    #[must_use]
    pub fn group_of(&self, line: &str) -> Option<&Group> {
        self.groups
            .iter()
            .find(|group| group.lines.iter().any(|member| member == line))
    }

    /// Returns the address that a line goes to: that of its group, or else that of the cart.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let mut cart = testing::cart(&[("tee", 1), ("mug", 1)]);
    /// cart.destination = Some(testing::address("US", "NY"));
    /// cart.groups.push(Group::shipping("office", ["line_2"], testing::address("US", "CA")));
    /// assert_eq!(cart.destination_of("line_1").map(|address| address.region.as_str()), Some("NY"));
    /// assert_eq!(cart.destination_of("line_2").map(|address| address.region.as_str()), Some("CA"));
    /// ```
    #[must_use]
    pub fn destination_of(&self, line: &str) -> Option<&Address> {
        let of_group = self.group_of(line).and_then(|group| group.destination.as_ref());
        of_group.or(self.destination.as_ref())
    }

    /// Returns the ids of the fulfillment options that the buyer chose; none until then.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let mut cart = testing::cart(&[("tee", 1)]);
    /// cart.choices.push(Choice::of("express"));
    /// assert!(cart.chosen().any(|option| option == "express"));
    /// ```
    pub fn chosen(&self) -> impl Iterator<Item = &str> {
        self.choices.iter().map(|choice| choice.option.as_str())
    }

    /// Returns the value of an extension of the cart; `None` if it is not set.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let mut cart = testing::cart(&[("tee", 1)]);
    /// cart.extensions.push(("gift-wrap".into(), "true".into()));
    /// assert_eq!(cart.extension("gift-wrap"), Some("true"));
    /// ```
    #[must_use]
    pub fn extension(&self, key: &str) -> Option<&str> {
        crate::messages::extension(&self.extensions, key)
    }
}

impl Line {
    /// Creates a line of a cart.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let cart = Cart { lines: vec![Line::new("line_1", "tee", 2)], ..Cart::default() };
    /// assert_eq!(cart, testing::cart(&[("tee", 2)]));
    /// ```
    #[must_use]
    pub fn new(id: impl Into<String>, item: impl Into<String>, quantity: u32) -> Self {
        Self {
            id: id.into(),
            item: item.into(),
            quantity,
            extensions: Vec::new(),
        }
    }
}

impl Choice {
    /// Chooses an option for every line that it covers.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let offer = Offer::preselecting(FulfillmentOption::digital("download", "Download"));
    /// assert_eq!(offer.preselected, [Choice::of("download")]);
    /// ```
    #[must_use]
    pub fn of(option: impl Into<String>) -> Self {
        Self {
            option: option.into(),
            lines: Vec::new(),
        }
    }

    /// Chooses an option for some of the lines that it covers.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let choice = Choice::for_lines("express", ["line_1"]);
    /// assert_eq!(choice.lines, ["line_1"]);
    /// ```
    #[must_use]
    pub fn for_lines<L: Into<String>>(option: impl Into<String>, lines: impl IntoIterator<Item = L>) -> Self {
        Self {
            option: option.into(),
            lines: lines.into_iter().map(Into::into).collect(),
        }
    }
}

impl Group {
    /// Creates a group of lines that are shipped to an address of their own.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let gift = Group::shipping("gift", ["line_1"], testing::address("FR", ""));
    /// assert_eq!(gift.kind, "shipping");
    /// ```
    #[must_use]
    pub fn shipping<L: Into<String>>(
        id: impl Into<String>,
        lines: impl IntoIterator<Item = L>,
        destination: Address,
    ) -> Self {
        Self {
            id: id.into(),
            kind: "shipping".into(),
            lines: lines.into_iter().map(Into::into).collect(),
            destination: Some(destination),
            recipient: None,
            location: None,
            instructions: None,
            extensions: Vec::new(),
        }
    }
}

impl Address {
    /// Creates an address of street and number, city and country; region, postal code and name are set by update.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let address = Address { region: "OR".into(), ..Address::new("1 Main St", "Portland", "US") };
    /// assert_eq!((address.city.as_str(), address.postal_code.as_str()), ("Portland", ""));
    /// ```
    #[must_use]
    pub fn new(line_one: impl Into<String>, city: impl Into<String>, country: impl Into<String>) -> Self {
        Self {
            line_one: line_one.into(),
            city: city.into(),
            country: country.into(),
            ..Self::default()
        }
    }

    /// Returns whether the address is in a country, given as ISO 3166-1 alpha-2 in upper or lower case.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert!(testing::address("US", "CA").in_country("us"));
    /// ```
    #[must_use]
    pub fn in_country(&self, country: &str) -> bool {
        self.country.eq_ignore_ascii_case(country)
    }
}
