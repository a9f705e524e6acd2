//! A builder of carts for tests.

use tillhouse_plugin::types::{Address, Buyer, Cart, Choice, Company, Group, Line, Recipient, TaxExemption};

/// A cart that is being built.
///
/// ```
/// use tillhouse_harness::prelude::*;
/// use tillhouse_plugin::types::Cart;
///
/// let cart: Cart = cart().line("tee", 1).line("mug", 2).into();
/// assert_eq!(cart.lines.len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a cart is handed to a call"]
pub struct CartBuilder(Cart);

/// Starts a cart without lines, codes, buyer or destination.
///
/// ```
/// use tillhouse_harness::prelude::*;
/// use tillhouse_plugin::types::Cart;
///
/// let cart: Cart = cart().line("tee", 2).code("SAVE10").to(address::us("CA")).into();
/// assert_eq!((cart.lines[0].id.as_str(), cart.lines[0].quantity), ("line_1", 2));
/// ```
pub fn cart() -> CartBuilder {
    CartBuilder(Cart::default())
}

impl CartBuilder {
    /// Adds a quantity of an item as a line of its own, with the id `line_1`, `line_2` …
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::Cart;
    ///
    /// let cart: Cart = cart().line("tee", 1).line("mug", 2).into();
    /// assert_eq!((cart.lines[1].id.as_str(), cart.lines[1].quantity), ("line_2", 2));
    /// ```
    pub fn line(mut self, item: impl Into<String>, quantity: u32) -> Self {
        let id = format!("line_{}", self.0.lines.len() + 1);
        self.0.lines.push(Line::new(id, item, quantity));
        self
    }

    /// Adds a discount code, as the buyer typed it.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::Cart;
    ///
    /// let cart: Cart = cart().code("save10").into();
    /// assert_eq!(cart.codes, ["save10"]);
    /// ```
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.0.codes.push(code.into());
        self
    }

    /// Sets the destination of the cart.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::Cart;
    ///
    /// let cart: Cart = cart().to(address::us("CA")).into();
    /// assert_eq!(cart.destination.unwrap().region, "CA");
    /// ```
    pub fn to(mut self, address: Address) -> Self {
        self.0.destination = Some(address);
        self
    }

    /// Sends some lines to an address of their own, as a group with this id. Their ids are `line_1`, `line_2` …
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::Cart;
    ///
    /// let gift = cart().line("tee", 1).line("mug", 1).to(address::us("CA")).lines_to("gift", &["line_2"], address::of("FR"));
    /// let cart: Cart = gift.into();
    /// assert_eq!(cart.destination_of("line_2").unwrap().country, "FR");
    /// assert_eq!(cart.destination_of("line_1").unwrap().country, "US");
    /// ```
    pub fn lines_to(self, group: &str, lines: &[&str], address: Address) -> Self {
        self.group(Group::shipping(group, lines.iter().copied(), address))
    }

    /// Adds a group of lines of any kind.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::{Cart, Group};
    ///
    /// let pickup = Group {
    ///     kind: "pickup".into(),
    ///     location: Some("downtown".into()),
    ///     ..Group::shipping("pickup", ["line_1"], address::us("OR"))
    /// };
    /// let cart: Cart = cart().line("tee", 1).group(pickup).into();
    /// assert_eq!(cart.group_of("line_1").unwrap().location.as_deref(), Some("downtown"));
    /// ```
    pub fn group(mut self, group: Group) -> Self {
        self.0.groups.push(group);
        self
    }

    /// Sets the billing address of the cart.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::Cart;
    ///
    /// let cart: Cart = cart().line("song", 1).billed_to(address::of("DE")).into();
    /// assert_eq!(cart.billing.unwrap().country, "DE");
    /// ```
    pub fn billed_to(mut self, address: Address) -> Self {
        self.0.billing = Some(address);
        self
    }

    /// Chooses a fulfillment option, by its id, for all lines that it covers.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::Cart;
    ///
    /// let cart: Cart = cart().line("tee", 1).shipped_by("express").into();
    /// assert!(cart.chosen().eq(["express"]));
    /// ```
    pub fn shipped_by(self, option: impl Into<String>) -> Self {
        self.choice(Choice::of(option))
    }

    /// Chooses a fulfillment option for some lines, for example one of several.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::{Cart, Choice};
    ///
    /// let apart = cart().line("tee", 1).line("mug", 1).choice(Choice::for_lines("express", ["line_1"])).shipped_by("standard");
    /// assert_eq!(Cart::from(apart).choices.len(), 2);
    /// ```
    pub fn choice(mut self, choice: Choice) -> Self {
        self.0.choices.push(choice);
        self
    }

    /// Sets the full name of the person who receives the goods.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::Cart;
    ///
    /// let cart: Cart = cart().line("tee", 1).recipient("Joe Bloggs").into();
    /// assert_eq!(cart.recipient.unwrap().name.as_deref(), Some("Joe Bloggs"));
    /// ```
    pub fn recipient(mut self, name: impl Into<String>) -> Self {
        self.0.recipient.get_or_insert_with(Recipient::default).name = Some(name.into());
        self
    }

    /// Sets the email address of the buyer.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::Cart;
    ///
    /// let cart: Cart = cart().buyer("jane@example.com").into();
    /// assert_eq!(cart.buyer.unwrap().email.as_deref(), Some("jane@example.com"));
    /// ```
    pub fn buyer(mut self, email: impl Into<String>) -> Self {
        self.buyer_mut().email = Some(email.into());
        self
    }

    /// Makes the buyer a signed-in customer with this id, which the merchant issued.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::Cart;
    ///
    /// let buyer = Cart::from(cart().signed_in("cus_1")).buyer.unwrap();
    /// assert_eq!((buyer.customer_id.as_deref(), buyer.signed_in), (Some("cus_1"), true));
    /// ```
    pub fn signed_in(mut self, customer_id: impl Into<String>) -> Self {
        let buyer = self.buyer_mut();
        buyer.customer_id = Some(customer_id.into());
        buyer.account = Some("registered".into());
        buyer.signed_in = true;
        self
    }

    /// Makes the buyer a business: a company with this name and tax id.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::Cart;
    ///
    /// let buyer = Cart::from(cart().business("Acme GmbH", "DE123456789")).buyer.unwrap();
    /// assert_eq!(buyer.account.as_deref(), Some("business"));
    /// assert_eq!(buyer.company.unwrap().tax_id.as_deref(), Some("DE123456789"));
    /// ```
    pub fn business(mut self, name: impl Into<String>, tax_id: impl Into<String>) -> Self {
        let buyer = self.buyer_mut();
        buyer.account = Some("business".into());
        buyer.company = Some(Company {
            name: name.into(),
            tax_id: Some(tax_id.into()),
            ..Company::default()
        });
        self
    }

    /// Exempts the buyer from tax by a certificate of this kind: `resale`, `exempt_organization`, `government` …
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::Cart;
    ///
    /// let buyer = Cart::from(cart().tax_exempt("resale", "CA-1234")).buyer.unwrap();
    /// assert_eq!(buyer.tax_exemption.unwrap().certificate, "CA-1234");
    /// ```
    pub fn tax_exempt(mut self, kind: impl Into<String>, certificate: impl Into<String>) -> Self {
        self.buyer_mut().tax_exemption = Some(TaxExemption {
            kind: kind.into(),
            certificate: certificate.into(),
            ..TaxExemption::default()
        });
        self
    }

    /// Sets any field of the buyer.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::{Cart, Loyalty};
    ///
    /// let gold = || Loyalty { tier: Some("gold".into()), ..Loyalty::default() };
    /// let cart: Cart = cart().buyer("jane@example.com").with_buyer(|buyer| buyer.loyalty = Some(gold())).into();
    /// assert_eq!(cart.buyer.unwrap().loyalty, Some(gold()));
    /// ```
    pub fn with_buyer(mut self, change: impl FnOnce(&mut Buyer)) -> Self {
        change(self.buyer_mut());
        self
    }

    /// Names an offer that the merchant made to the buyer before.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::Cart;
    ///
    /// let cart: Cart = cart().line("tee", 500).quote_id("offer_7").into();
    /// assert_eq!(cart.quote_id.as_deref(), Some("offer_7"));
    /// ```
    pub fn quote_id(mut self, id: impl Into<String>) -> Self {
        self.0.quote_id = Some(id.into());
        self
    }

    /// Adds an extension, a key and a value: `gift-wrap` …
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::Cart;
    ///
    /// let cart: Cart = cart().extension("gift-wrap", "true").into();
    /// assert_eq!(cart.extension("gift-wrap"), Some("true"));
    /// ```
    pub fn extension(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.extensions.push((key.into(), value.into()));
        self
    }

    fn buyer_mut(&mut self) -> &mut Buyer {
        self.0.buyer.get_or_insert_with(Buyer::default)
    }
}

impl From<CartBuilder> for Cart {
    fn from(builder: CartBuilder) -> Self {
        builder.0
    }
}

/// The lines alone, which `inventory` takes.
impl From<CartBuilder> for Vec<Line> {
    fn from(builder: CartBuilder) -> Self {
        builder.0.lines
    }
}
