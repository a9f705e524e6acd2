//! A whole quote in one call, composed from the single decisions with the host's arithmetic.

pub use crate::bindings::{
    quoting::exports::tillhouse::merchant::quoting::Decisions,
    tillhouse::merchant::types::{Cart, Context, Failure},
};
use crate::{
    bindings::quoting::exports::tillhouse::merchant::quoting,
    export::Adapter,
    fulfillment::{Fulfillment, Offer},
    inventory::{Inventory, Stock},
    presentation::PageContent,
    pricing::{PricedCart, Pricing},
    tax::{Assessment, Request, Tax},
};

mod amounts;

use self::amounts::PricedAmounts;

/// Decides everything about a cart in one call. Capability `quoting`, in addition to the single decisions.
///
/// A plugin that decides stock, prices, fulfillment and taxes implements it without a line of its own: one cart crosses the
/// boundary of the sandbox instead of four, and the answers are those of the single functions.
///
/// ```
/// # use tillhouse_plugin::{prelude::*, tax::Request};
/// struct Shop;
///
/// impl Quoting for Shop {}
///
/// # impl Inventory for Shop {
/// #     fn check(_ctx: Context, lines: Vec<Line>) -> Result<Vec<Stock>, Failure> {
/// #         Ok(lines.into_iter().map(|line| Stock::uncounted(line.id)).collect())
/// #     }
/// # }
/// # impl Pricing for Shop {
/// #     fn price(_ctx: Context, cart: Cart) -> Result<PricedCart, Failure> {
/// #         let price = Amount::new(2500)?;
/// #         let lines = cart.lines.into_iter().map(|line| PricedLine::new(line.id, price)).collect();
/// #         Ok(PricedCart { lines, ..PricedCart::default() })
/// #     }
/// # }
/// # impl Fulfillment for Shop {
/// #     fn options(_ctx: Context, _cart: Cart, amounts: Vec<LineAmount>) -> Result<Offer, Failure> {
/// #         let price = if amounts[0].taxable > 4000 { Amount::ZERO } else { Amount::new(599)? };
/// #         Ok(Offer::preselecting(FulfillmentOption::shipping("standard", "Standard", price)))
/// #     }
/// # }
/// # impl Tax for Shop {
/// #     fn assess(_ctx: Context, _request: Request) -> Result<Assessment, Failure> {
/// #         Ok(Assessment::default())
/// #     }
/// # }
/// tillhouse_plugin::export!(Shop: inventory, pricing, fulfillment, tax, quoting);
///
/// let decisions = Shop::quote(testing::context("USD"), testing::cart(&[("tee", 2)]))?;
/// assert_eq!(decisions.prices.lines[0].unit_price, 2500);
/// assert_eq!(decisions.offer.options[0].price, 0, "free from 40 dollars");
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `quoting` and does not implement `Quoting`",
    note = "write `impl Quoting for {Self} {{}}`, or leave `quoting` out of `export!`"
)]
pub trait Quoting: Inventory + Pricing + Fulfillment + Tax {
    /// Decides everything about a cart. Has no side effects; called on every change of the cart and again before payment.
    ///
    /// The default implementation calls the single functions, in the order of the host and with the amounts that the host would
    /// hand to them. If the answer to `price` names unknown items or breaks a rule of the contract, it leaves out what depends on
    /// it, and the host reports the reason. A plugin whose fulfillment options need `egress` does not export `quoting`.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `kv` and `counters` to read.
    /// Limits: 50 ms of CPU, 2 s in all, 32 MiB of memory, no HTTP.
    ///
    /// # Errors
    /// A [`Failure`]. With [`Failure::Unsupported`] the host calls the single functions.
    fn quote(ctx: Context, cart: Cart) -> Result<Decisions, Failure> {
        let stock = Self::check(ctx.clone(), cart.lines.clone())?;
        let prices = Self::price(ctx.clone(), cart.clone())?;
        let Some(amounts) = PricedAmounts::of(&cart, &prices) else {
            return Ok(Decisions::only_prices(stock, prices));
        };
        let offer = Self::options(ctx.clone(), cart.clone(), amounts.lines.clone())?;
        let request = amounts.tax_request(&cart, &prices, &offer);
        let taxes = request.map(|request| Self::assess(ctx.clone(), request)).transpose()?;
        let page = match Self::quoted_page(ctx, cart) {
            Err(Failure::Unsupported) => None,
            page => page?,
        };
        Ok(Decisions {
            stock,
            prices,
            offer,
            taxes: taxes.unwrap_or_default(),
            page,
        })
    }

    /// Returns the page of the quote. A plugin that also exports `presentation` returns the same page here.
    ///
    /// ```
    /// # use tillhouse_plugin::{prelude::*, tax::Request};
    /// # struct Shop;
    /// # impl Inventory for Shop {
    /// #     fn check(_ctx: Context, _lines: Vec<Line>) -> Result<Vec<Stock>, Failure> { Ok(vec![]) }
    /// # }
    /// # impl Pricing for Shop {
    /// #     fn price(_ctx: Context, _cart: Cart) -> Result<PricedCart, Failure> { Ok(PricedCart::default()) }
    /// # }
    /// # impl Fulfillment for Shop {
    /// #     fn options(_ctx: Context, _cart: Cart, _amounts: Vec<LineAmount>) -> Result<Offer, Failure> { Ok(Offer::default()) }
    /// # }
    /// # impl Tax for Shop {
    /// #     fn assess(_ctx: Context, _request: Request) -> Result<Assessment, Failure> { Ok(Assessment::default()) }
    /// # }
    /// # impl Presentation for Shop {}
    /// impl Quoting for Shop {
    ///     fn quoted_page(ctx: Context, cart: Cart) -> Result<Option<PageContent>, Failure> {
    ///         Self::page(ctx, cart).map(Some)
    ///     }
    /// }
    /// assert!(Shop::quote(testing::context("USD"), Cart::default())?.page.is_some());
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    /// A [`Failure`]; the quote then fails.
    fn quoted_page(ctx: Context, cart: Cart) -> Result<Option<PageContent>, Failure> {
        let _ = (ctx, cart);
        Ok(None)
    }
}

impl<T: Quoting> quoting::Guest for Adapter<T> {
    fn quote(ctx: Context, cart: Cart) -> Result<Decisions, Failure> {
        T::quote(ctx, cart)
    }
}

impl Decisions {
    /// Stock and prices, where the prices do not allow for more.
    fn only_prices(stock: Vec<Stock>, prices: PricedCart) -> Self {
        Self {
            stock,
            prices,
            offer: Offer::default(),
            taxes: Assessment::default(),
            page: None,
        }
    }
}

#[cfg(test)]
mod tests;
