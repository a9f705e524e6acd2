//! Compiled components by digest, in memory and in a sealed folder: merchants that share a plugin share its code, and so do the
//! lives of a host.

mod sealed;

use std::sync::Arc;

use moka::future::Cache;
use tokio::sync::Semaphore;
use tracing::warn;
use wasmtime::Engine;
use wasmtime::component::Linker;

use super::digest::Digest;
use super::error::PackageError;
use super::guard;
use super::linker;
use super::package::{Component, check_bytes};
use crate::engine::workers::Workers;
use crate::engine::{self, EngineError, EngineSettings};
use crate::guest::state::State;
use sealed::Sealed;

/// The engine with the code that it has compiled. Cheap to clone; hosts of one process may share it
/// ([`Plugins::sharing`](crate::Plugins::sharing)), and then share its pool of instances as well.
#[derive(Clone, Debug)]
pub struct Code(pub(crate) Arc<Components>);

impl Code {
    /// Start an engine that has compiled nothing yet.
    ///
    /// # Errors
    /// When it cannot be had on this machine.
    pub fn new(settings: &EngineSettings) -> Result<Self, EngineError> {
        let engine = engine::start(settings)?;
        let linker = linker::linker(&engine).map_err(|error| EngineError::Engine(format!("{error:#}")))?;
        Ok(Self(Arc::new(Components::new(engine, linker, settings))))
    }

    /// Compile and link a component, and forget it: what is wrong with one beyond its names. Holds its thread meanwhile.
    ///
    /// # Errors
    /// When the bytes are no plugin of this contract, or do not fit the limits of this engine.
    pub fn try_out(&self, bytes: &[u8]) -> Result<(), PackageError> {
        check_bytes(bytes, self.0.limit)?;
        let compiled = Component::compile(&self.0.engine, bytes)?;
        Component::link(&self.0.engine, &self.0.linker, Digest::of(bytes), &compiled).map(|_| ())
    }
}

/// The cache. A component that is being compiled is compiled once, whoever asks; failures are not kept.
pub(crate) struct Components {
    engine: Engine,
    linker: Arc<Linker<State>>,
    sealed: Option<Arc<Sealed>>,
    cache: Cache<Digest, Arc<Component>>,
    /// One compilation at a time, on a thread that may block.
    turn: Semaphore,
    limit: usize,
}

impl std::fmt::Debug for Components {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Components")
            .field("entries", &self.cache.entry_count())
            .finish_non_exhaustive()
    }
}

impl Components {
    pub(crate) fn new(engine: Engine, linker: Linker<State>, settings: &EngineSettings) -> Self {
        let cache = Cache::builder()
            .max_capacity(settings.code_cache_bytes)
            .weigher(|_: &Digest, component: &Arc<Component>| component.code_bytes())
            .build();
        Self {
            engine,
            linker: Arc::new(linker),
            sealed: settings.code_folder.as_deref().and_then(open),
            cache,
            turn: Semaphore::new(1),
            limit: settings.limits.component_bytes,
        }
    }

    /// The component with these bytes, compiled now or before.
    pub(crate) async fn load(&self, workers: &Workers, bytes: Vec<u8>) -> Result<Arc<Component>, PackageError> {
        // Before anything is done with them.
        check_bytes(&bytes, self.limit)?;
        let digest = Digest::of(&bytes);
        self.cache
            .try_get_with(digest, self.compile(workers, bytes))
            .await
            .map_err(|error: Arc<PackageError>| error.as_ref().clone())
    }

    async fn compile(&self, workers: &Workers, bytes: Vec<u8>) -> Result<Arc<Component>, PackageError> {
        let _turn = self.turn.acquire().await.map_err(|_| PackageError::ShuttingDown)?;
        let (engine, linker, sealed) = (self.engine.clone(), Arc::clone(&self.linker), self.sealed.clone());
        let work = move || {
            let digest = Digest::of(&bytes);
            let kept = sealed.as_ref().and_then(|sealed| sealed.load(&engine, digest));
            let compiled = match kept {
                Some(compiled) => compiled,
                None => {
                    let compiled = Component::compile(&engine, &bytes)?;
                    if let Some(sealed) = sealed {
                        sealed.keep(&engine, digest, &compiled);
                    }
                    compiled
                }
            };
            Component::link(&engine, &linker, digest, &compiled).map(Arc::new)
        };
        let work = workers.spawn_blocking(work).ok_or(PackageError::ShuttingDown)?;
        work.await.map_err(|error| match error.try_into_panic() {
            Ok(panic) => guard::failed(&*panic),
            Err(_) => PackageError::ShuttingDown,
        })?
    }
}

/// The sealed folder, or a word in the log: without it every start compiles again, and works.
fn open(folder: &std::path::Path) -> Option<Arc<Sealed>> {
    let opened = Sealed::open(folder);
    opened
        .inspect_err(|error| warn!(folder = %folder.display(), %error, "compiled code cannot be kept"))
        .ok()
        .map(Arc::new)
}
