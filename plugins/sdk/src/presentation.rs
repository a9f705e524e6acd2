//! Presentation: item descriptions, links, messages and consents.

pub use crate::bindings::tillhouse::merchant::{
    presentation_types::{ConsentOption, Description, Link, PageContent, Support},
    types::{Cart, Context, Failure},
};
use crate::{bindings::presentation::exports::tillhouse::merchant::presentation, export::Adapter};

/// Provides texts and links that are not in the catalog. Capability `presentation`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// struct Pages;
///
/// impl Presentation for Pages {
///     fn page(_ctx: Context, _cart: Cart) -> Result<PageContent, Failure> {
///         let terms = Link::new("terms_of_use", "https://shop.example/terms");
///         Ok(PageContent { links: vec![terms], ..PageContent::default() })
///     }
/// }
///
/// let page = Pages::page(testing::context("USD"), testing::cart(&[]))?;
/// assert_eq!(page.links.len(), 1);
/// assert!(Pages::describe(testing::context("USD"), vec!["tee".into()])?.is_empty(), "described by the catalog");
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `presentation` and does not implement `Presentation`",
    note = "implement `Presentation` for `{Self}`, or leave `presentation` out of `export!`"
)]
pub trait Presentation {
    /// Describes items that are not in the catalog. The default implementation describes none.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `kv` and `counters` to read.
    /// Limits: 50 ms of CPU, 2 s in all, 32 MiB of memory, no HTTP.
    ///
    /// # Errors
    /// A [`Failure`]. Omit items that the plugin does not know either.
    fn describe(ctx: Context, items: Vec<String>) -> Result<Vec<Description>, Failure> {
        let _ = (ctx, items);
        Ok(Vec::new())
    }

    /// Returns the content around a checkout: links, messages and consents. Has no side effects. Empty by default.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `kv` and `counters` to read.
    /// Limits: 50 ms of CPU, 2 s in all, 32 MiB of memory, no HTTP.
    ///
    /// # Errors
    /// A [`Failure`]; the checkout operation then fails.
    fn page(ctx: Context, cart: Cart) -> Result<PageContent, Failure> {
        let _ = (ctx, cart);
        Ok(PageContent::default())
    }
}

impl<T: Presentation> presentation::Guest for Adapter<T> {
    fn describe(ctx: Context, items: Vec<String>) -> Result<Vec<Description>, Failure> {
        T::describe(ctx, items)
    }

    fn page(ctx: Context, cart: Cart) -> Result<PageContent, Failure> {
        T::page(ctx, cart)
    }
}

impl Link {
    /// Creates a link of one of the contract's kinds, shown under the title of its kind.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let faq = Link { title: Some("Sizes".into()), ..Link::new("faq", "https://shop.example/sizes") };
    /// assert_eq!(faq.kind, "faq");
    /// ```
    #[must_use]
    pub fn new(kind: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            url: url.into(),
            title: None,
        }
    }
}
