//! State shared by all phases of the host.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use moka::future::Cache;

use crate::component::cache::SharedEngine;
use crate::engine::workers::Workers;
use crate::guest::cpu_time::CpuClock;
use crate::guest::limits::Limits;
use crate::guest::quota::DataQuota;
use crate::guest::record::Recorder;
use crate::merchant::routes::Routes;
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::decision::{ItemDescription, ProcessorProfile};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::PluginData;
use tillhouse_checkout::time::Clock;
use tillhouse_egress::Client;

/// SHA-256 of a component's digest and its configuration: the cache key of answers that depend on nothing else.
pub(crate) type CacheKey = [u8; 32];

/// Number of a catalog in this process, and its version.
pub(crate) type CatalogKey = (u64, Option<CatalogVersion>);

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) engine: SharedEngine,
    pub(crate) workers: Workers,
    pub(crate) limits: Limits,
    pub(crate) routes: Routes,
    /// How many catalogs were put to use so far, of all merchants: numbers them for caches.
    pub(crate) catalogs: AtomicU64,
    pub(crate) store: Arc<dyn PluginData>,
    pub(crate) quota: DataQuota,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) cpu_clock: Arc<dyn CpuClock>,
    pub(crate) client: Client,
    /// Whether the engine counts instructions.
    pub(crate) metered: bool,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) profiles: Cache<CacheKey, Arc<ProcessorProfile>>,
    /// By merchant, release and catalog, and item.
    pub(crate) descriptions: Cache<(MerchantId, (CacheKey, CatalogKey), ItemId), Arc<ItemDescription>>,
}
