//! Whole quotes: the answers of the single decisions, held to the same limits.

use super::{assessment, offer, page, priced_cart, stocks};
use crate::api::bindings::exports::tillhouse::merchant::quoting::Decisions;
use tillhouse_checkout::decision::WholeQuote;

/// The error names the part that violates the contract, e.g. `prices.fees has 21 items; the limit is 20`.
pub(crate) fn whole_quote(decisions: Decisions) -> Result<WholeQuote, String> {
    let part = |name: &'static str| move |broken: String| format!("{name}.{broken}");
    Ok(WholeQuote {
        stock: stocks(decisions.stock)?,
        prices: priced_cart(decisions.prices).map_err(part("prices"))?,
        offer: offer(decisions.offer).map_err(part("offer"))?,
        taxes: assessment(decisions.taxes).map_err(part("taxes"))?,
        page: decisions.page.map(page).transpose().map_err(part("page"))?,
    })
}
