//! How far what agents were told is from what the merchant's plugins say now: price, availability and tax behaviour of items, against what
//! was uploaded of them.

mod difference;
mod last;
mod sample;
mod tally;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use tillhouse_catalog::Item;
use tillhouse_checkout::catalog::StoredCatalog;
use tillhouse_checkout::decision::{PricedLine, Stock};
use tillhouse_checkout::feed::FeedUpload;
use tillhouse_checkout::feed::drift::DriftReport;
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::{DecisionError, StoreError};
use tillhouse_checkout::time::Timestamp;

use super::counted::{CountError, view};
use super::hook_refusals::HookRefusals;
use super::offer::UploadedOffer;
use super::plugin_view::MOST_ITEMS;
use super::remembering::UploadMemory;
use super::service::{AskFeedError, FeedService};
use difference::compare;
pub(crate) use last::LastAudits;
use sample::Sampled;
use tally::Tally;

/// Days of hooks that a report has.
const DAYS: u32 = 7;

/// Compares uploads with plugins. Cheap to clone.
#[derive(Clone, Debug)]
pub struct DriftAudit {
    service: FeedService,
    hooks: HookRefusals,
}

/// Which items are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskDrift {
    /// Merchant whose feed it is.
    pub merchant: MerchantId,
    /// Name of the destination.
    pub destination: String,
    /// Number of items that are chosen at random; `None` for all.
    pub sample: Option<usize>,
}

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
pub enum DriftError {
    /// The merchant has no such destination, or no catalog.
    #[error(transparent)]
    Ask(#[from] AskFeedError),
    /// Nothing was uploaded to the destination yet.
    #[error("nothing was uploaded to {1} of merchant {0} yet; upload with tillhouse feed upload")]
    NotUploaded(MerchantId, String),
    /// The plugin gave no answer.
    #[error("the plugin gave no answer: {0}")]
    Plugin(#[from] DecisionError),
    /// The store gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CountError> for DriftError {
    fn from(error: CountError) -> Self {
        match error {
            CountError::Store(error) => error.into(),
            CountError::Plugin(error) => error.into(),
            CountError::Row(error) => StoreError::caused_by(error).into(),
        }
    }
}

impl DriftAudit {
    /// Audits of these feeds.
    #[must_use]
    pub const fn new(service: FeedService, hooks: HookRefusals) -> Self {
        Self { service, hooks }
    }

    /// Audit a sample of every destination from time to time, and log how far apart they are, until told to stop.
    pub async fn run(self, interval: Duration, sample: usize, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(interval) => {}
            }
            for destination in self.service.parts().destinations.iter() {
                let ask = AskDrift {
                    merchant: destination.merchant.clone(),
                    destination: destination.name.clone(),
                    sample: Some(sample),
                };
                match self.audit(&ask).await {
                    Ok(_) | Err(DriftError::NotUploaded(..) | DriftError::Ask(AskFeedError::NoCatalog(_))) => {}
                    Err(error) => {
                        warn!(merchant.id = %ask.merchant, destination = ask.destination, %error, "a feed could not be audited");
                    }
                }
            }
        }
    }

    /// Compare items of the catalog, as they were uploaded, with what the plugins say. Ends with one event in the log, which has the
    /// numbers of the report.
    ///
    /// # Errors
    /// Why nothing was compared.
    pub async fn audit(&self, ask: &AskDrift) -> Result<DriftReport, DriftError> {
        let AskDrift {
            merchant, destination, ..
        } = ask;
        self.service.destination(merchant, destination)?;
        let parts = self.service.parts();
        let full = self.service.last_full(merchant, destination).await?;
        let full = full.ok_or_else(|| DriftError::NotUploaded(merchant.clone(), destination.clone()))?;
        let catalog = parts.catalogs.catalog(merchant).await?;
        let catalog = catalog.ok_or_else(|| AskFeedError::NoCatalog(merchant.clone()))?;
        let mut comparison = Comparison {
            ask,
            full,
            catalog,
            at: parts.now(),
            tally: Tally::default(),
        };
        match ask.sample {
            Some(count) => {
                let seed = parts.ids.next("sample");
                let version = comparison.catalog.version;
                let sampled = Sampled::choose(parts, merchant, version, count, &seed).await?;
                for ids in sampled.ids().chunks(MOST_ITEMS) {
                    self.compare_items(&mut comparison, ids).await?;
                }
            }
            None => self.compare_all(&mut comparison).await?,
        }
        let hooks = self.hooks.last_days(merchant, DAYS).await?;
        let Comparison {
            full,
            catalog,
            at,
            tally,
            ..
        } = comparison;
        let report = tally.report(ask, &full, catalog.version, at, hooks);
        log(&report);
        self.service.keep_audit(merchant, destination, report.metric());
        Ok(report)
    }

    async fn compare_all(&self, comparison: &mut Comparison<'_>) -> Result<(), DriftError> {
        let mut after: Option<ItemId> = None;
        loop {
            let catalogs = &self.service.parts().catalogs;
            let (merchant, version) = (&comparison.ask.merchant, comparison.catalog.version);
            let page = catalogs.catalog_page(merchant, version, after.as_ref(), MOST_ITEMS);
            let ids: Vec<ItemId> = page.await?.into_iter().map(|row| row.id).collect();
            let Some(last) = ids.last() else { break };
            after = Some(last.clone());
            self.compare_items(comparison, &ids).await?;
        }
        self.compare_gone(comparison).await
    }

    /// Items that were uploaded, and that the catalog does not have any more.
    async fn compare_gone(&self, comparison: &mut Comparison<'_>) -> Result<(), DriftError> {
        let catalogs = &self.service.parts().catalogs;
        let between = (comparison.full.version, comparison.catalog.version);
        let mut after: Option<ItemId> = None;
        if between.0 >= between.1 {
            return Ok(());
        }
        loop {
            let merchant = &comparison.ask.merchant;
            let changes = catalogs
                .catalog_changes(merchant, between, after.as_ref(), MOST_ITEMS)
                .await?;
            let Some(last) = changes.last() else {
                return Ok(());
            };
            after = Some(last.id.clone());
            let gone = changes.into_iter().filter(|change| change.now.is_none());
            let gone: Vec<ItemId> = gone.map(|change| change.id).collect();
            self.compare_items(comparison, &gone).await?;
        }
    }

    async fn compare_items(&self, comparison: &mut Comparison<'_>, ids: &[ItemId]) -> Result<(), DriftError> {
        let AskDrift {
            merchant, destination, ..
        } = comparison.ask;
        let memory = UploadMemory::new(Arc::clone(&self.service.parts().queue));
        let uploaded = memory.offers(merchant, destination, ids).await?;
        let said = self.said(merchant, &comparison.catalog, ids).await?;
        for (id, uploaded) in ids.iter().zip(uploaded) {
            let UploadedOffer { taken, refused, .. } = uploaded;
            let differences = compare(id, taken.as_ref(), refused.is_some(), said.get(id), comparison.at);
            comparison.tally.add(differences);
        }
        Ok(())
    }

    /// What the plugins say of those items that the catalog has.
    async fn said(
        &self,
        merchant: &MerchantId,
        catalog: &StoredCatalog,
        ids: &[ItemId],
    ) -> Result<HashMap<ItemId, Said>, DriftError> {
        let parts = self.service.parts();
        let rows = parts.catalogs.catalog_rows(merchant, catalog.version, ids).await?;
        let known: Vec<Item> = rows.iter().flatten().filter_map(|row| Item::decode(row).ok()).collect();
        let Some(currency) = known.first().map(|item| item.price.currency) else {
            return Ok(HashMap::new());
        };
        let ids: Vec<ItemId> = known.into_iter().map(|item| item.id).collect();
        let view = view(parts, merchant, currency);
        let (mut stock, mut prices) = (view.stock(&ids).await?, view.prices(&ids).await?);
        let said = ids.into_iter().map(|id| {
            let said = Said {
                stock: stock.remove(&id),
                price: prices.remove(&id),
            };
            (id, said)
        });
        Ok(said.collect())
    }
}

/// An audit under way.
#[derive(Debug)]
struct Comparison<'a> {
    ask: &'a AskDrift,
    /// The last upload of all products.
    full: FeedUpload,
    catalog: StoredCatalog,
    at: Timestamp,
    tally: Tally,
}

/// What the plugins say of an item; `None` where they do not know it.
#[derive(Debug)]
struct Said {
    stock: Option<Stock>,
    price: Option<PricedLine>,
}

/// The metric: one event for each audit, whose fields are numbers.
fn log(report: &DriftReport) {
    let metric = report.metric();
    info!(
        merchant.id = %report.merchant,
        destination = report.destination,
        items = metric.items,
        differing = metric.differing,
        drift_ppm = metric.drift_ppm,
        price_drift_ppm = metric.price_drift_ppm,
        oversold = metric.oversold,
        unavailable_ppm = metric.unavailable_ppm,
        "audited a feed"
    );
    if report.above_limit {
        warn!(
            merchant.id = %report.merchant,
            unavailable_ppm = report.unavailable_ppm,
            "hooks are refused for lack of stock more often than Stripe allows; upload stock more often"
        );
    }
}
