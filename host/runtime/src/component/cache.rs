//! Cache of compiled components by digest, in memory and in a folder.
//!
//! Merchants that share a plugin share its compiled code, and a restarted host reuses it.

mod sealed;
#[cfg(test)]
mod tests;

use std::path::Path;
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
use super::package::{Component, FileIdentity, check_bytes};
use crate::engine::workers::Workers;
use crate::engine::{self, EngineError, EngineSettings};
use crate::guest::state::GuestState;
pub use sealed::check_code_folder;
use sealed::{CodeFolderError, SealedCache};

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
        Ok(Self(Arc::new(ComponentCache::new(engine, linker, settings)?)))
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
        let file = FileIdentity::of(bytes);
        Component::link(&self.0.engine, &self.0.linker, file, &compiled).map(|_| ())
    }
}

/// Bytes of a component that one permit of the compile budget stands for.
const COMPILE_UNIT: usize = 64 * 1024;

/// The share of the compile budget that a component of this size takes, at least one.
fn compile_units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(COMPILE_UNIT)).unwrap_or(u32::MAX).max(1)
}

/// The cache. Concurrent loads of the same component compile it once; failures are not cached.
pub(crate) struct ComponentCache {
    engine: Engine,
    linker: Arc<Linker<GuestState>>,
    sealed: Option<Arc<SealedCache>>,
    cache: Cache<Digest, Arc<Component>>,
    /// Bounds what is compiled at the same time, and so the memory for it, in units of [`COMPILE_UNIT`]: as much as two of the
    /// largest components. A component that compiles for long does not stop the others.
    compile_budget: Semaphore,
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
    pub(crate) fn new(
        engine: Engine,
        linker: Linker<GuestState>,
        settings: &EngineSettings,
    ) -> Result<Self, EngineError> {
        let largest = settings.needed_room().component_bytes;
        let cache = Cache::builder()
            .max_capacity(settings.code_cache_bytes)
            .weigher(|_: &Digest, component: &Arc<Component>| component.code_bytes())
            .build();
        Ok(Self {
            engine,
            linker: Arc::new(linker),
            sealed: settings.code_folder.as_deref().map_or(Ok(None), open)?,
            cache,
            compile_budget: Semaphore::new(compile_units(largest).saturating_mul(2) as usize),
            limit: largest,
        })
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
        let _share = self
            .compile_budget
            .acquire_many(compile_units(bytes.len()))
            .await
            .map_err(|_| PackageError::ShuttingDown)?;
        let (engine, linker, sealed) = (self.engine.clone(), Arc::clone(&self.linker), self.sealed.clone());
        let work = move || {
            let file = FileIdentity::of(&bytes);
            let digest = file.digest;
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
            Component::link(&engine, &linker, file, &compiled).map(Arc::new)
        };
        let work = workers.spawn_blocking(work).ok_or(PackageError::ShuttingDown)?;
        work.await.map_err(|error| match error.try_into_panic() {
            Ok(panic) => compiler_panic::panic_error(&*panic),
            Err(_) => PackageError::ShuttingDown,
        })?
    }
}

/// Open the folder for compiled code. If that fails only log a warning: the host works without it, but compiles at every start. A
/// folder that others could have put code into is an error: an operator has to look at it.
fn open(folder: &Path) -> Result<Option<Arc<SealedCache>>, EngineError> {
    match SealedCache::open(folder) {
        Ok(opened) => Ok(Some(Arc::new(opened))),
        Err(CodeFolderError::Exposed { exposure }) => Err(EngineError::CodeFolder { exposure }),
        Err(CodeFolderError::File(error)) => {
            warn!(folder = %folder.display(), %error, "failed to open the cache of compiled code; compiling at every start");
            Ok(None)
        }
    }
}
