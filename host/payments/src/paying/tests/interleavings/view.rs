//! What an answer shows.

use serde::{Deserialize, Serialize};

use tillhouse_checkout::session::Session;

/// What an answer shows of a quote, told apart without the host's digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct View {
    pub(super) bought: String,
    due: String,
    pub(super) total: i64,
}

impl View {
    pub(super) fn of(session: &Session) -> Self {
        let quote = &session.quote;
        let lines = quote.lines.iter();
        let due = lines.map(|line| (&line.id, line.unit_price, line.order_discount, line.tax, line.total));
        let discounts = quote.discounts.iter().map(|discount| (&discount.id, discount.amount));
        let fees = quote.fees.iter().map(|fee| (&fee.id, fee.amount, fee.tax));
        let options = quote.selected_options().map(|option| (&option.id, option.total));
        let bought = quote.lines.iter().map(|line| (&line.item, line.quantity));
        let chosen = quote.selected_options().map(|option| (&option.id, &option.kind));
        Self {
            bought: format!("{:?} {:?}", bought.collect::<Vec<_>>(), chosen.collect::<Vec<_>>()),
            due: format!(
                "{:?} {:?} {:?} {:?} {:?}",
                due.collect::<Vec<_>>(),
                discounts.collect::<Vec<_>>(),
                fees.collect::<Vec<_>>(),
                options.collect::<Vec<_>>(),
                quote.totals
            ),
            total: quote.totals.total.minor(),
        }
    }
}
