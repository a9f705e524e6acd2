//! Calls the plugins for everything that a quote is made of: stock, prices, fulfillment options, taxes, page, in this order.

use super::cart::Cart;
use super::decision::{ItemDescription, Page, WholeQuote};
use super::error::CheckoutError;
use super::ids::ItemId;
use super::ports::{DecisionError, Phase, PhaseScope};
use super::quote::assemble::QuoteParts;
use super::quote::{Quote, amounts, assemble, options};
use super::text::{is_blank, printable};
use super::time::Timestamp;

/// Quote a cart in an open phase of this scope: in one call where one plugin can do that, else decision by decision. The answers
/// are held to the same rules either way.
///
/// # Errors
/// If a plugin rejects the cart, fails or breaks a rule, and if neither catalog nor plugin has an item.
pub async fn quote(phase: &mut dyn Phase, scope: &PhaseScope, cart: &Cart) -> Result<Quote, CheckoutError> {
    let parts = match phase.quote_whole(cart).await? {
        Some(whole) => answered_whole(phase, scope.now, cart, whole).await?,
        None => decide_each(phase, scope.now, cart).await?,
    };
    let shown = described(phase, cart).await?;
    Ok(assemble::quote(cart, QuoteParts { shown, ..parts })?)
}

/// Each decision in a call of its own.
async fn decide_each(phase: &mut dyn Phase, now: Timestamp, cart: &Cart) -> Result<QuoteParts, CheckoutError> {
    let stock = phase.check_stock(&cart.lines).await?;
    let priced = amounts::price(cart, phase.price(cart).await?, now)?;
    let offer = phase.offer(cart, &priced.lines).await?;
    let options = options::options(cart, &priced, &offer)?;
    let request = options::tax_request(cart, &priced, &options);
    let taxes = phase.assess_tax(&request).await?;
    Ok(QuoteParts {
        stock,
        priced,
        options,
        preselected: offer.preselected,
        offer_messages: offer.messages,
        taxes,
        shown: Vec::new(),
        page: page(phase, cart).await?,
    })
}

/// All decisions at once.
async fn answered_whole(
    phase: &mut dyn Phase,
    now: Timestamp,
    cart: &Cart,
    whole: WholeQuote,
) -> Result<QuoteParts, CheckoutError> {
    let priced = amounts::price(cart, whole.prices, now)?;
    let options = options::options(cart, &priced, &whole.offer)?;
    Ok(QuoteParts {
        stock: whole.stock,
        priced,
        options,
        preselected: whole.offer.preselected,
        offer_messages: whole.offer.messages,
        taxes: whole.taxes,
        shown: Vec::new(),
        page: match whole.page {
            Some(page) => page,
            None => page(phase, cart).await?,
        },
    })
}

/// How the item of each line is presented: by the catalog of the merchant, or by a plugin.
async fn described(phase: &mut dyn Phase, cart: &Cart) -> Result<Vec<ItemDescription>, CheckoutError> {
    let items: Vec<ItemId> = cart.lines.iter().map(|line| line.item.clone()).collect();
    let described = phase.describe(&items).await?;
    let shown = items.iter().zip(described).map(|(item, description)| {
        let mut description = description.unwrap_or_default();
        description.title = printable(&description.title);
        description.description = description.description.as_deref().map(printable);
        description.facts = std::mem::take(&mut description.facts).printable();
        if is_blank(&description.title) {
            item.as_str().clone_into(&mut description.title);
        }
        description
    });
    Ok(shown.collect())
}

async fn page(phase: &mut dyn Phase, cart: &Cart) -> Result<Page, DecisionError> {
    match phase.page(cart).await {
        Ok(page) => Ok(page.unwrap_or_default()),
        Err(DecisionError::Unsupported { .. }) => Ok(Page::default()),
        Err(other) => Err(other),
    }
}
