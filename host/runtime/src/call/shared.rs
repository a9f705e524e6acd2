//! State shared by all phases of the host.

use std::sync::Arc;

use moka::future::Cache;
use tokio::sync::Mutex;

use crate::component::cache::SharedEngine;
use crate::engine::workers::Workers;
use crate::guest::limits::Limits;
use crate::guest::record::Recorder;
use crate::merchant::routes::Routes;
use tillhouse_checkout::decision::{ItemDescription, ProcessorProfile};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::PluginData;
use tillhouse_checkout::time::Clock;
use tillhouse_egress::Client;

/// SHA-256 of a component's digest and its configuration: the cache key of answers that depend on nothing else.
pub(crate) type CacheKey = [u8; 32];

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) engine: SharedEngine,
    pub(crate) workers: Workers,
    pub(crate) limits: Limits,
    pub(crate) routes: Routes,
    /// Serializes replacements of plugins, see [`Plugins::replace`](crate::Plugins::replace).
    pub(crate) replace_lock: Mutex<()>,
    pub(crate) store: Arc<dyn PluginData>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) client: Client,
    /// Whether the engine counts instructions.
    pub(crate) metered: bool,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) profiles: Cache<CacheKey, Arc<ProcessorProfile>>,
    pub(crate) descriptions: Cache<(MerchantId, CacheKey, ItemId), Arc<ItemDescription>>,
}
