//! A builder of carts for tests.

use tillhouse_plugin::types::{Address, Buyer, Cart, Line};

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
pub const fn cart() -> CartBuilder {
    CartBuilder(Cart {
        lines: Vec::new(),
        codes: Vec::new(),
        buyer: None,
        destination: None,
        chosen_option: None,
        extensions: Vec::new(),
    })
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
        self.0.lines.push(Line {
            id: format!("line_{}", self.0.lines.len() + 1),
            item: item.into(),
            quantity,
            extensions: Vec::new(),
        });
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

    /// Sets the fulfillment option that the buyer chose, by its id.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::Cart;
    ///
    /// let cart: Cart = cart().shipped_by("express").into();
    /// assert_eq!(cart.chosen_option.as_deref(), Some("express"));
    /// ```
    pub fn shipped_by(mut self, option: impl Into<String>) -> Self {
        self.0.chosen_option = Some(option.into());
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

    /// Adds an extension, a key and a value: `gift-wrap` …
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    /// use tillhouse_plugin::types::Cart;
    ///
    /// let cart: Cart = cart().extension("gift-wrap", "true").into();
    /// assert_eq!(cart.extensions[0].0, "gift-wrap");
    /// ```
    pub fn extension(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.extensions.push((key.into(), value.into()));
        self
    }

    fn buyer_mut(&mut self) -> &mut Buyer {
        self.0.buyer.get_or_insert_with(|| Buyer {
            email: None,
            name: None,
            phone: None,
            customer_id: None,
            account: None,
            signed_in: false,
            extensions: Vec::new(),
        })
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
