//! What a host knows of its feeds beside their uploads: what has changed since, how far that is from what was uploaded, and how often a
//! hook had to refuse. And agents' endpoints as destinations.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::feeds::{FeedDesk, not_asked, spool};
use crate::config::{AcpFeedConfig, Config, FeedAuditConfig};
use tillhouse_checkout::feed::FeedMode;
use tillhouse_checkout::feed::drift::{DayOfHooks, DriftReport};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::time::Clock;
use tillhouse_egress::{Client, Upstream};
use tillhouse_feeds::acp_feed::{AcpFeedParts, AcpFeedSettings, AcpFeedTransport, ExportError, export};
use tillhouse_feeds::drift::{AskDrift, DriftAudit, DriftError};
use tillhouse_feeds::increments::{IncrementError, Increments};
use tillhouse_feeds::{Destination, FeedService, HookRefusals};
use tillhouse_payments::operator::OperatorError;
use tillhouse_payments::operator::feed_changes::{ComparedView, ExportedView, FeedChangeOperations};
use tillhouse_payments::operator::feeds::FeedTarget;
use tillhouse_protocols::{HookAnswer, ObservedHook, ObservedRequest, RequestObserver};
use tillhouse_store::StoreEngine;

/// The hook that asks for price and stock of a product.
const PRICE_AVAILABILITY: &str = "delegated_commerce.product_price_availability";

/// Days of hooks that a status has.
const DAYS: u32 = 7;

/// What is compared with the uploads of a host.
#[derive(Clone, Debug)]
pub struct FeedChanges {
    desk: FeedDesk,
    increments: Increments,
    audit: DriftAudit,
    hooks: HookRefusals,
    agents: Arc<BTreeMap<(MerchantId, String), AcpFeedSettings>>,
    config: FeedAuditConfig,
}

impl FeedChanges {
    pub(super) fn new(config: &Config, service: &FeedService) -> Result<Self, String> {
        let parts = service.parts();
        let hooks = HookRefusals::new(Arc::clone(&parts.store), Arc::clone(&parts.clock));
        Ok(Self {
            desk: FeedDesk(service.clone()),
            increments: Increments::new(service.clone()),
            audit: DriftAudit::new(service.clone(), hooks.clone()),
            hooks,
            agents: Arc::new(agents(config)?),
            config: config.feed_audit,
        })
    }

    /// The uploads of this host.
    #[must_use]
    pub const fn service(&self) -> &FeedService {
        &self.desk.0
    }

    /// Uploads of what has changed.
    #[must_use]
    pub const fn increments(&self) -> &Increments {
        &self.increments
    }

    /// Comparisons with what was uploaded.
    #[must_use]
    pub const fn audit(&self) -> &DriftAudit {
        &self.audit
    }

    /// The counts of answered hooks.
    #[must_use]
    pub const fn hooks(&self) -> &HookRefusals {
        &self.hooks
    }

    /// Start the workers, where there is a destination. Hooks are counted in any case.
    pub(super) fn spawn_workers(&self, workers: &TaskTracker, stop: &CancellationToken) {
        workers.spawn(self.hooks.clone().run(stop.clone()));
        if self.desk.0.parts().destinations.is_empty() {
            return;
        }
        workers.spawn(self.increments.clone().run(stop.clone()));
        if let Some(interval) = self.config.interval {
            workers.spawn(self.audit.clone().run(interval, self.config.sample, stop.clone()));
        }
    }

    /// An observer that counts hooks, and passes everything on.
    pub(super) fn observer(&self, next: Option<Arc<dyn RequestObserver>>) -> Arc<dyn RequestObserver> {
        Arc::new(HookCounter {
            hooks: self.hooks.clone(),
            next,
        })
    }
}

/// Agents' endpoints as destinations.
pub(super) fn destinations(
    config: &Config,
    store: &StoreEngine,
    client: &Client,
    clock: &Arc<dyn Clock>,
) -> Result<Vec<Destination>, String> {
    let mut found = Vec::new();
    for (merchant, settings) in &config.merchants {
        for endpoint in &settings.acp_feeds {
            let parts = AcpFeedParts {
                catalogs: store.catalogs(),
                queue: store.feeds(),
                client: client.clone(),
                clock: Arc::clone(clock),
                spool: spool(config),
            };
            let settings = settings_of(merchant, endpoint)?;
            found.push(Destination {
                merchant: merchant.clone(),
                name: endpoint.name.clone(),
                transport: Arc::new(AcpFeedTransport::new(settings, parts)),
                mode: FeedMode::Upsert,
                separator: tillhouse_catalog::Separator::Comma,
                full: endpoint.full_at.clone(),
                increments: endpoint.increments,
            });
        }
    }
    Ok(found)
}

fn agents(config: &Config) -> Result<BTreeMap<(MerchantId, String), AcpFeedSettings>, String> {
    let endpoints = config.merchants.iter().flat_map(|(merchant, settings)| {
        let of_merchant = settings.acp_feeds.iter();
        of_merchant.map(move |endpoint| {
            let key = (merchant.clone(), endpoint.name.clone());
            Ok((key, settings_of(merchant, endpoint)?))
        })
    });
    endpoints.collect()
}

fn settings_of(merchant: &MerchantId, endpoint: &AcpFeedConfig) -> Result<AcpFeedSettings, String> {
    let name = &endpoint.name;
    let mut upstream = Upstream::new(format!("feed {name}"), endpoint.url.as_str())
        .map_err(|error| format!("merchants.{merchant}.acp_feeds.{name}.url: {error}"))?;
    upstream.allow_http = endpoint.allow_http;
    upstream.allow_private = endpoint.allow_loopback;
    upstream.timeout = endpoint.timeout;
    Ok(AcpFeedSettings {
        upstream,
        key: Arc::clone(&endpoint.key),
        target_country: endpoint.target_country.clone(),
        feed_id: endpoint.feed_id.clone(),
        seller: endpoint.seller.clone(),
        increments: endpoint.increment_form,
        batch_products: endpoint.batch_products,
        batch_bytes: endpoint.batch_bytes,
    })
}

#[async_trait]
impl FeedChangeOperations for FeedChanges {
    async fn upload_changes(&self, target: &FeedTarget) -> Result<ComparedView, OperatorError> {
        let ask = self.desk.target(target, "increment", false)?;
        let compared = self.increments.upload_changes(&ask.merchant, &ask.destination).await;
        let compared = compared.map_err(|error| match error {
            IncrementError::Ask(error) => not_asked(&error),
            IncrementError::Offers(why) => OperatorError::unavailable(why),
        })?;
        Ok(ComparedView {
            merchant: ask.merchant,
            destination: ask.destination,
            items: compared.items,
            changed: compared.changed,
            upload: compared.upload,
            rows: compared.rows,
            waits: compared.waits,
        })
    }

    async fn audit(&self, target: &FeedTarget, sample: Option<usize>) -> Result<DriftReport, OperatorError> {
        let ask = self.desk.target(target, "audit", false)?;
        let ask = AskDrift {
            merchant: ask.merchant,
            destination: ask.destination,
            sample,
        };
        self.audit.audit(&ask).await.map_err(|error| match error {
            DriftError::Ask(error) => not_asked(&error),
            DriftError::NotUploaded(..) => OperatorError::absent(error.to_string()),
            DriftError::Plugin(_) | DriftError::Store(_) => OperatorError::unavailable(error.to_string()),
        })
    }

    async fn export(&self, target: &FeedTarget, folder: &Path) -> Result<ExportedView, OperatorError> {
        let ask = self.desk.target(target, "export", false)?;
        let key = (ask.merchant.clone(), ask.destination.clone());
        let settings = self.agents.get(&key).ok_or_else(|| {
            let (merchant, name) = &key;
            OperatorError::invalid(format!(
                "{name} of merchant {merchant} is not an agent's endpoint; name one of [[merchants.{merchant}.acp_feeds]] with --to"
            ))
        })?;
        let exported = export(&self.desk.0, settings, &ask.merchant, &ask.destination, folder).await;
        let exported = exported.map_err(|error| match error {
            ExportError::Ask(error) => not_asked(&error),
            ExportError::NoFeed(_) | ExportError::Io { .. } => OperatorError::conflict(error.to_string()),
            ExportError::Store(_) => OperatorError::unavailable(error.to_string()),
        })?;
        Ok(ExportedView {
            folder: exported.folder,
            products: exported.products,
            variants: exported.variants,
            bytes: exported.bytes,
        })
    }

    async fn hooks(&self, merchant: &MerchantId) -> Result<Vec<DayOfHooks>, OperatorError> {
        Ok(self.hooks.last_days(merchant, DAYS).await?)
    }
}

/// Counts hooks by their answers.
#[derive(Debug)]
struct HookCounter {
    hooks: HookRefusals,
    next: Option<Arc<dyn RequestObserver>>,
}

impl RequestObserver for HookCounter {
    fn on_response(&self, request: &ObservedRequest<'_>) {
        if let Some(next) = &self.next {
            next.on_response(request);
        }
    }

    fn on_hook(&self, hook: &ObservedHook<'_>) {
        // A question about taxes and shipping is not about whether items can be had.
        let unavailable = match hook.answer {
            HookAnswer::OutOfStock => Some(true),
            HookAnswer::Approved | HookAnswer::Declined => Some(false),
            HookAnswer::Answered => (hook.hook == PRICE_AVAILABILITY).then_some(false),
            HookAnswer::Failed => None,
        };
        if let Some(unavailable) = unavailable {
            self.hooks.count(hook.merchant, unavailable);
        }
        if let Some(next) = &self.next {
            next.on_hook(hook);
        }
    }
}
