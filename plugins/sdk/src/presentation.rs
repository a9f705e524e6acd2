//! Presentation: item descriptions, links, messages and consents.

pub use crate::bindings::{
    presentation::exports::tillhouse::merchant::presentation::{ConsentOption, Description, Link, PageContent},
    tillhouse::merchant::types::{Cart, Context, Failure},
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
///         let terms = Link { kind: "terms_of_use".into(), url: "https://shop.example/terms".into() };
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

#[allow(clippy::derivable_impls, reason = "the type is generated")]
impl Default for PageContent {
    fn default() -> Self {
        Self {
            links: Vec::new(),
            messages: Vec::new(),
            consents: Vec::new(),
        }
    }
}
