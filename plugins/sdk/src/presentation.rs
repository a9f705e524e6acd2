//! How the shop shows itself.

pub use crate::bindings::{
    presentation::exports::tillhouse::merchant::presentation::{ConsentOption, Description, Link, PageContent},
    tillhouse::merchant::types::{Cart, Context, Failure},
};
use crate::{bindings::presentation::exports::tillhouse::merchant::presentation, export::Adapter};

/// Shows what the catalog does not hold. Capability `presentation`.
pub trait Presentation {
    /// Describes items that the catalog does not hold. By default there are none.
    ///
    /// # Errors
    /// A [`Failure`]; an item that the plugin does not know either is left out.
    fn describe(ctx: Context, items: Vec<String>) -> Result<Vec<Description>, Failure> {
        let _ = (ctx, items);
        Ok(Vec::new())
    }

    /// What to show around a checkout. Decides only. By default nothing.
    ///
    /// # Errors
    /// A [`Failure`].
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
