//! Calls the plugins for everything that a quote is made of: stock, prices, fulfillment options, taxes, page, in this order.

use super::cart::Cart;
use super::decision::Page;
use super::error::CheckoutError;
use super::ids::{ItemId, MerchantId};
use super::ports::{DecisionError, Decisions, Phase};
use super::quote::{Quote, amounts, assemble};

/// Quote a cart.
///
/// # Errors
/// If a plugin rejects the cart, fails or breaks a rule, and if neither catalog nor plugin has an item.
pub async fn quote(
    phase: &mut dyn Phase,
    decisions: &dyn Decisions,
    merchant: &MerchantId,
    cart: &Cart,
) -> Result<Quote, CheckoutError> {
    let stock = phase.check_stock(&cart.lines).await?;
    let priced = amounts::price(cart, phase.price(cart).await?)?;
    let offer = phase.offer(cart, &priced.lines).await?;
    let options = assemble::options(cart, &offer)?;
    let taxes = phase
        .assess_tax(&assemble::tax_request(cart, &priced, &options))
        .await?;
    let page = page(phase, cart).await?;

    let items: Vec<ItemId> = cart.lines.iter().map(|line| line.item.clone()).collect();
    let described = decisions.describe(merchant, &items).await?;
    let shown = items.iter().zip(described).map(|(item, description)| {
        let mut description = description.unwrap_or_default();
        if description.title.is_empty() {
            item.as_str().clone_into(&mut description.title);
        }
        description
    });
    let parts = assemble::QuoteParts {
        stock,
        priced,
        options,
        preselected: offer.preselected,
        offer_messages: offer.messages,
        taxes,
        shown: shown.collect(),
        page,
    };
    Ok(assemble::quote(cart, parts)?)
}

async fn page(phase: &mut dyn Phase, cart: &Cart) -> Result<Page, DecisionError> {
    match phase.page(cart).await {
        Ok(page) => Ok(page.unwrap_or_default()),
        Err(DecisionError::Unsupported { .. }) => Ok(Page::default()),
        Err(other) => Err(other),
    }
}
