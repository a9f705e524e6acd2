//! The wasmtime engine: compiler settings, instance pool, and the ticker that interrupts guest code.
//!
//! Figures in comments were measured with a prototype on a machine with two cores; take them as orders of magnitude.

pub(crate) mod workers;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Strategy};

use crate::guest::limits::{CORE_INSTANCES, Limits, MEMORIES, Room, TABLES};
use crate::guest::record::Recorder;

/// Version of wasmtime that the workspace pins, as shown to operators and authors.
pub const WASMTIME: &str = "48.0.8";

/// Length of an epoch: the unit of CPU budgets and of cooperative yielding.
const TICK: Duration = Duration::from_millis(1);
/// Stack of guest code in bytes. The rest of the 2 MiB fiber is for host functions.
const WASM_STACK: usize = 512 << 10;
/// Memories in the pool beyond one per instance, for components composed of several.
///
/// Each reserves 4 GiB of address space, so the number is bounded.
const SPARE_MEMORIES: u32 = 256;

/// Engine and sandbox settings of a host.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// Maximum number of live instances in the whole host; the size of the pool is derived from it.
    ///
    /// Each memory reserves address space for the largest that there is [`room`](Self::room) for, and keeps up to 2 MiB resident once used.
    pub max_instances: u32,
    /// Threads that run guest code.
    pub workers: usize,
    /// Maximum size of the compiled code kept in memory, in bytes.
    pub code_cache_bytes: u64,
    /// Folder that keeps compiled code between starts, authenticated with a key. `None` compiles at every start.
    pub code_folder: Option<PathBuf>,
    /// Count guest instructions, and let a trial search guest memory after a call. Deterministic but slower: only for trials,
    /// never for a host that serves buyers.
    pub metered: bool,
    /// Records log lines, requests and usage of guest calls. `Some` in trials only.
    pub recorder: Option<Recorder>,
    /// Limits of guest calls, components and concurrency, of a merchant that has none of its own.
    pub limits: Limits,
    /// The largest limits that a merchant may have. What `limits` allow has room in any case.
    pub room: Room,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            max_instances: 256,
            workers: 2,
            code_cache_bytes: 256 << 20,
            code_folder: None,
            metered: false,
            recorder: None,
            limits: Limits::default(),
            room: Room::default(),
        }
    }
}

impl EngineSettings {
    /// What pool and compiler must have room for.
    pub(crate) fn needed_room(&self) -> Room {
        self.room.at_least(&self.limits)
    }
}

/// Why the engine could not be started.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Wasmtime rejected the configuration.
    #[error("failed to create the WebAssembly engine: {0}")]
    Engine(String),
    /// The operating system did not start a thread.
    #[error("failed to start a thread of the WebAssembly engine: {0}")]
    Thread(#[from] std::io::Error),
    /// Others than this user could have put code into the folder for compiled code.
    #[error("plugins.code_folder: {exposure}; {}", exposure.remedy())]
    CodeFolder {
        /// The folder or its key, and how it is exposed.
        exposure: tillhouse_private_files::Exposure,
    },
}

/// Create the engine and start its ticker thread. The ticker ends when the engine is dropped.
///
/// # Errors
/// When the engine cannot be created even without the instance pool, or the ticker thread does not start.
pub fn start(settings: &EngineSettings) -> Result<Engine, EngineError> {
    let mut config = base(settings.metered);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(settings)));
    let engine = Engine::new(&config).or_else(|error| {
        // A machine with too little address space for the pool still works, but each call is ten times slower: warn.
        tracing::warn!(%error, "failed to reserve the instance pool; allocating instances on demand, which is slower");
        Engine::new(&base(settings.metered)).map_err(|error| EngineError::Engine(format!("{error:#}")))
    })?;
    tick(&engine)?;
    Ok(engine)
}

pub(super) fn base(metered: bool) -> Config {
    let mut config = Config::new();
    config
        // Winch had most of the sandbox advisories of its year, and does not support epoch interruption.
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .wasm_component_model(true)
        // No component-model-async: its bookkeeping costs 15 % of a call.
        .concurrency_support(false)
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(2 << 20)
        // Memory images are mapped copy-on-write: an instance costs what it touches.
        .memory_init_cow(true)
        // Proposals that Rust's wasip2 output does not need are off: each widens the compiler's attack surface, and relaxed SIMD
        // gives different results on different machines.
        .wasm_memory64(false)
        .wasm_relaxed_simd(false)
        .wasm_tail_call(false)
        .wasm_wide_arithmetic(false)
        .wasm_custom_page_sizes(false)
        .wasm_stack_switching(false)
        .wasm_shared_everything_threads(false)
        // Composed components exchange data through an adapter module that the compiler generates and that imports the memories
        // of both. A guest's own module still has one memory: the pool enforces that.
        .wasm_multi_memory(true)
        // For the operator's error message; sixteen frames are enough.
        .wasm_backtrace_max_frames(NonZeroUsize::new(16));
    if metered {
        // A trial makes the instance trap after its last call: a core dump is the only way to read a guest's memory.
        config
            .consume_fuel(true)
            .coredump_on_trap(true)
            .cranelift_nan_canonicalization(true);
    }
    config
}

/// Pool settings derived from `max_instances`.
///
/// With wasmtime's defaults two cores are slower than one (0.53 x), because each call unmaps its pages and faults them in again.
fn pool(settings: &EngineSettings) -> PoolingAllocationConfig {
    let (n, room) = (settings.max_instances, settings.needed_room());
    let mut pool = PoolingAllocationConfig::new();
    // Composed components use more than the average, and then other calls wait; a single one must always fit.
    let shared = |each: u32, most: u32| n.saturating_mul(each).max(most);
    pool.total_component_instances(n)
        .total_memories(n.saturating_add(n.min(SPARE_MEMORIES)).max(MEMORIES))
        .max_memories_per_component(MEMORIES)
        .total_core_instances(shared(8, CORE_INSTANCES))
        .max_core_instances_per_component(CORE_INSTANCES)
        .total_tables(shared(4, TABLES))
        .max_tables_per_component(TABLES)
        // Every call runs on a fiber; a phase may hold an instance without a call.
        .total_stacks(n)
        .max_memory_size(room.memory_bytes)
        .table_elements(room.table_elements)
        .max_core_instance_size(1 << 20)
        .max_component_instance_size(1 << 20)
        // Pages that a call dirtied are wiped in place and stay, instead of being unmapped: no page fault on the next call.
        .linear_memory_keep_resident(2 << 20)
        .table_keep_resident(64 << 10)
        .async_stack_keep_resident(64 << 10)
        // Asks the kernel which pages are dirty (Linux 6.7 and later), so that only those are wiped.
        .pagemap_scan(Enabled::Auto)
        // No batching: it trades the latency of one call for the throughput of others.
        .decommit_batch_size(1)
        // Idle slots that keep the image of their last component. Each is a mapping, and mappings are limited (vm.max_map_count).
        .max_unused_warm_slots(100);
    pool
}

fn tick(engine: &Engine) -> Result<(), EngineError> {
    let engine = engine.weak();
    std::thread::Builder::new().name("plugin-epoch".into()).spawn(move || {
        loop {
            std::thread::sleep(TICK);
            match engine.upgrade() {
                Some(engine) => engine.increment_epoch(),
                None => return,
            }
        }
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pool_of_the_defaults_fits() {
        let engine = start(&EngineSettings::default()).unwrap();
        assert!(engine.pooling_allocator_metrics().is_some());
    }
}
