//! Where feeds are uploaded to, as the operator configured it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tillhouse_catalog::Separator;
use tillhouse_checkout::feed::{FeedMode, FeedType};
use tillhouse_checkout::ids::MerchantId;

use super::schedule::DailyTime;
use super::transport::Transport;

/// Name of Stripe as a destination.
pub const STRIPE: &str = "stripe";

/// One destination of one merchant.
#[derive(Clone, Debug)]
pub struct Destination {
    /// Merchant whose feed it takes.
    pub merchant: MerchantId,
    /// Its name: [`STRIPE`], or that of an agent's endpoint.
    pub name: String,
    /// How feeds get there.
    pub transport: Arc<dyn Transport>,
    /// What a feed of all products does to others.
    pub mode: FeedMode,
    /// Character between the cells of a file.
    pub separator: Separator,
    /// When all products are uploaded each day; `None`: when an operator asks for it.
    pub full: Option<DailyTime>,
    /// How often changes of stock and prices are uploaded; `None`: when an operator asks for it.
    pub increments: Option<Duration>,
}

impl Destination {
    /// What a feed of this type does to what it does not have: only one of whole products, or promotions, can replace all. A file without
    /// rows is not sent, so that the last ones are deleted by rows of their own.
    pub(crate) fn mode_of(&self, feed: &FeedType, stored: u64) -> FeedMode {
        match feed {
            FeedType::Product | FeedType::Promotion if stored > 0 => self.mode.clone(),
            _ => FeedMode::Upsert,
        }
    }

    /// Whether uploads are asked for without an operator.
    pub(crate) const fn is_scheduled(&self) -> bool {
        self.full.is_some() || self.increments.is_some()
    }
}

/// The destinations of all merchants, by merchant and name.
#[derive(Clone, Debug, Default)]
pub struct Destinations(BTreeMap<(MerchantId, String), Destination>);

impl Destinations {
    /// The destination of a merchant with this name.
    #[must_use]
    pub fn get(&self, merchant: &MerchantId, name: &str) -> Option<&Destination> {
        self.0.get(&(merchant.clone(), name.to_owned()))
    }

    /// All destinations, by merchant and name.
    pub fn iter(&self) -> impl Iterator<Item = &Destination> {
        self.0.values()
    }

    /// Whether no merchant has one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Destination> for Destinations {
    fn from_iter<I: IntoIterator<Item = Destination>>(all: I) -> Self {
        let keyed = |it: Destination| ((it.merchant.clone(), it.name.clone()), it);
        Self(all.into_iter().map(keyed).collect())
    }
}
