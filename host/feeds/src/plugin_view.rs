//! What a merchant's plugins say of items outside of a checkout: stock, prices and tax behaviour of one unit each.

use std::collections::HashMap;

use tillhouse_checkout::cart::{Cart, CartLine, MAX_LINES};
use tillhouse_checkout::decision::{PricedLine, Stock};
use tillhouse_checkout::ids::{ItemId, LineId, MerchantId, SessionId};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::ports::{DecisionError, Decisions, Phase, PhaseKind, PhaseScope};
use tillhouse_checkout::session::Agent;
use tillhouse_checkout::time::Timestamp;

/// Most items that are asked about at once.
pub(crate) const MOST_ITEMS: usize = MAX_LINES;

/// In place of a session, in the context that plugins see.
const NO_SESSION: &str = "feed";

/// A merchant's plugins, asked at one time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PluginView<'a> {
    pub(crate) decisions: &'a dyn Decisions,
    pub(crate) merchant: &'a MerchantId,
    pub(crate) currency: Currency,
    pub(crate) now: Timestamp,
}

impl PluginView<'_> {
    /// The stock of at most [`MOST_ITEMS`] items; without those that the plugin does not know or refuses to speak of.
    pub(crate) async fn stock(&self, items: &[ItemId]) -> Result<HashMap<ItemId, Stock>, DecisionError> {
        let mut found = HashMap::new();
        let mut parts = vec![items];
        while let Some(part) = parts.pop() {
            let asked = self.open().await?.check_stock(&lines(part)).await;
            if let Some(said) = known(asked, part, &mut parts)? {
                found.extend(said.into_iter().map(|stock| (item_of(&stock.line), stock)));
            }
        }
        Ok(found)
    }

    /// The prices of at most [`MOST_ITEMS`] items; without those that the plugin does not know or refuses to price.
    pub(crate) async fn prices(&self, items: &[ItemId]) -> Result<HashMap<ItemId, PricedLine>, DecisionError> {
        let mut found = HashMap::new();
        let mut parts = vec![items];
        while let Some(part) = parts.pop() {
            let cart = Cart {
                lines: lines(part),
                ..Cart::default()
            };
            let asked = self.open().await?.price(&cart).await;
            if let Some(said) = known(asked, part, &mut parts)? {
                found.extend(said.lines.into_iter().map(|line| (item_of(&line.line), line)));
            }
        }
        Ok(found)
    }

    async fn open(&self) -> Result<Box<dyn Phase>, DecisionError> {
        let scope = PhaseScope {
            merchant: self.merchant.clone(),
            session: SessionId::new(NO_SESSION),
            kind: PhaseKind::Quote,
            now: self.now,
            currency: self.currency,
            locale: None,
            time_zone: None,
            agent: Agent::default(),
            catalog: None,
            deadline: None,
        };
        self.decisions.open(scope).await
    }
}

/// An answer; `None` if the plugin refuses, for a reason of the shop. Then it is asked about each half, until it is the item that it refuses.
fn known<'a, T>(
    asked: Result<T, DecisionError>,
    part: &'a [ItemId],
    parts: &mut Vec<&'a [ItemId]>,
) -> Result<Option<T>, DecisionError> {
    match asked {
        Ok(said) => Ok(Some(said)),
        Err(DecisionError::Rejected(_)) => {
            if part.len() > 1 {
                let (first, second) = part.split_at(part.len() / 2);
                parts.extend([first, second]);
            }
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn lines(items: &[ItemId]) -> Vec<CartLine> {
    let lines = items.iter().map(|item| CartLine {
        id: LineId::new(item.as_str()),
        item: item.clone(),
        quantity: 1,
    });
    lines.collect()
}

/// The id of a line is the text of its item's id.
fn item_of(line: &LineId) -> ItemId {
    ItemId::new(line.as_str())
}
