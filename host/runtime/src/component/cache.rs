//! Cache of compiled components by digest, in memory and in a folder.
//!
//! Merchants that share a plugin share its compiled code, and a restarted host reuses it.

mod sealed;

use std::sync::Arc;

use moka::future::Cache;
use tokio::sync::Semaphore;
use tracing::warn;
use wasmtime::Engine;
use wasmtime::component::Linker;

use super::compiler_panic;
use super::digest::Digest;
use super::error::PackageError;
use super::linker;
use super::package::{Component, check_bytes};
use crate::engine::workers::Workers;
use crate::engine::{self, EngineError, EngineSettings};
use crate::guest::state::GuestState;
use sealed::SealedCache;

/// An engine together with its cache of compiled code. Cheap to clone.
///
/// Several hosts in one process may share it ([`Plugins::with_engine`](crate::Plugins::with_engine)); they then share its pool of
/// instances as well.
#[derive(Clone, Debug)]
pub struct SharedEngine(pub(crate) Arc<ComponentCache>);

impl SharedEngine {
    /// Start an engine with an empty cache in memory, and open the folder for compiled code if the settings name one.
    ///
    /// # Errors
    /// When the engine cannot be created or its ticker thread does not start.
    pub fn new(settings: &EngineSettings) -> Result<Self, EngineError> {
        let engine = engine::start(settings)?;
        let linker = linker::linker(&engine).map_err(|error| EngineError::Engine(format!("{error:#}")))?;
        Ok(Self(Arc::new(ComponentCache::new(engine, linker, settings))))
    }

    /// Compile and link a component without keeping it, to find errors that its import and export names do not show.
    ///
    /// Blocks the thread for as long as the compilation takes.
    ///
    /// # Errors
    /// When the bytes are not a component that implements this contract, or exceed the limits of this engine.
    pub fn check(&self, bytes: &[u8]) -> Result<(), PackageError> {
        check_bytes(bytes, self.0.limit)?;
        let compiled = Component::compile(&self.0.engine, bytes)?;
        Component::link(&self.0.engine, &self.0.linker, Digest::of(bytes), &compiled).map(|_| ())
    }
}

/// The cache. Concurrent loads of the same component compile it once; failures are not cached.
pub(crate) struct ComponentCache {
    engine: Engine,
    linker: Arc<Linker<GuestState>>,
    sealed: Option<Arc<SealedCache>>,
    cache: Cache<Digest, Arc<Component>>,
    /// Permit for compiling: one compilation at a time.
    compile_permit: Semaphore,
    limit: usize,
}

impl std::fmt::Debug for ComponentCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Components")
            .field("entries", &self.cache.entry_count())
            .finish_non_exhaustive()
    }
}

impl ComponentCache {
    pub(crate) fn new(engine: Engine, linker: Linker<GuestState>, settings: &EngineSettings) -> Self {
        let cache = Cache::builder()
            .max_capacity(settings.code_cache_bytes)
            .weigher(|_: &Digest, component: &Arc<Component>| component.code_bytes())
            .build();
        Self {
            engine,
            linker: Arc::new(linker),
            sealed: settings.code_folder.as_deref().and_then(open),
            cache,
            compile_permit: Semaphore::new(1),
            limit: settings.limits.component_bytes,
        }
    }

    /// Load the component with these bytes from memory or from the folder, or compile it.
    pub(crate) async fn load(&self, workers: &Workers, bytes: Vec<u8>) -> Result<Arc<Component>, PackageError> {
        // First, so that oversized or foreign bytes are not even hashed.
        check_bytes(&bytes, self.limit)?;
        let digest = Digest::of(&bytes);
        self.cache
            .try_get_with(digest, self.compile(workers, bytes))
            .await
            .map_err(|error: Arc<PackageError>| error.as_ref().clone())
    }

    async fn compile(&self, workers: &Workers, bytes: Vec<u8>) -> Result<Arc<Component>, PackageError> {
        let _permit = self
            .compile_permit
            .acquire()
            .await
            .map_err(|_| PackageError::ShuttingDown)?;
        let (engine, linker, sealed) = (self.engine.clone(), Arc::clone(&self.linker), self.sealed.clone());
        let work = move || {
            let digest = Digest::of(&bytes);
            let cached = sealed.as_ref().and_then(|sealed| sealed.load(&engine, digest));
            let compiled = match cached {
                Some(compiled) => compiled,
                None => {
                    let compiled = Component::compile(&engine, &bytes)?;
                    if let Some(sealed) = sealed {
                        sealed.save(&engine, digest, &compiled);
                    }
                    compiled
                }
            };
            Component::link(&engine, &linker, digest, &compiled).map(Arc::new)
        };
        let work = workers.spawn_blocking(work).ok_or(PackageError::ShuttingDown)?;
        work.await.map_err(|error| match error.try_into_panic() {
            Ok(panic) => compiler_panic::panic_error(&*panic),
            Err(_) => PackageError::ShuttingDown,
        })?
    }
}

/// Open the folder for compiled code. On failure only log a warning: the host works without it, but compiles at every start.
fn open(folder: &std::path::Path) -> Option<Arc<SealedCache>> {
    let opened = SealedCache::open(folder);
    opened
        .inspect_err(|error| {
            warn!(folder = %folder.display(), %error, "failed to open the cache of compiled code; compiling at every start");
        })
        .ok()
        .map(Arc::new)
}
