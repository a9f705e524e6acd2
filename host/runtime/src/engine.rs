//! The one engine of the process: how code is compiled, where instances live, and the clock that interrupts them.
//!
//! Figures in comments are from the performance reference §1 and §7.

pub(crate) mod workers;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Strategy};

use crate::guest::limits::{CORE_INSTANCES, Limits, MEMORIES, TABLES};
use crate::guest::record::Recorder;

/// The version of wasmtime.
pub const WASMTIME: &str = "48.0.8";

/// Length of an epoch: the unit of CPU budgets and of cooperative yielding.
const TICK: Duration = Duration::from_millis(1);
/// Stack of guest code. The rest of the 2 MiB fiber is for host functions.
const WASM_STACK: usize = 512 << 10;
/// Memories beyond one for each instance, for components that are composed of several. Not more, because each takes 4 GiB of the
/// machine's address space.
const SPARE_MEMORIES: u32 = 256;

/// What an operator may turn.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// Live instances in the whole host; everything about the pool follows from it. Each memory reserves
    /// address space for [`Limits::largest_memory`], and keeps up to 2 MiB resident once used.
    pub max_instances: u32,
    /// Threads that run guest code.
    pub workers: usize,
    /// Bytes of compiled code kept in memory.
    pub code_cache_bytes: u64,
    /// Where compiled code is kept from one start to the next, sealed. `None` compiles at every start.
    pub code_folder: Option<PathBuf>,
    /// Count the instructions of guests, and let a trial look at what they leave in memory. Deterministic, and slower: for
    /// trials and never for a host that serves.
    pub metered: bool,
    /// Takes down what calls do: for trials.
    pub recorder: Option<Recorder>,
    /// The limits.
    pub limits: Limits,
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
        }
    }
}

/// The engine cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Wasmtime refuses the configuration.
    #[error("WebAssembly engine: {0}")]
    Engine(String),
    /// A thread does not start.
    #[error("WebAssembly engine: thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// Make the engine and start its ticker. The ticker ends when the engine is dropped.
///
/// # Errors
/// When the engine or its ticker cannot be made, with or without the pool.
pub fn start(settings: &EngineSettings) -> Result<Engine, EngineError> {
    let mut config = base(settings.metered);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(settings)));
    let engine = Engine::new(&config).or_else(|error| {
        // A machine with too little address space for the pool still works, ten times slower per call: say so.
        tracing::warn!(%error, "the instance pool does not fit this machine; instances are allocated one by one");
        Engine::new(&base(settings.metered)).map_err(|error| EngineError::Engine(format!("{error:#}")))
    })?;
    tick(&engine)?;
    Ok(engine)
}

pub(super) fn base(metered: bool) -> Config {
    let mut config = Config::new();
    config
        // Winch had most of the sandbox advisories of its year, and does not know epochs.
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
        // What Rust's wasip2 output does not use, guests cannot use: each of these widens the compiler's attack surface, and
        // relaxed SIMD gives different answers on different machines.
        .wasm_memory64(false)
        .wasm_relaxed_simd(false)
        .wasm_tail_call(false)
        .wasm_wide_arithmetic(false)
        .wasm_custom_page_sizes(false)
        .wasm_stack_switching(false)
        .wasm_shared_everything_threads(false)
        // What passes data from the memory of one component to that of another, where components are composed, is a module that
        // the compiler writes and that imports both. A guest's own module has one memory all the same: the pool sees to it.
        .wasm_multi_memory(true)
        // For the operator's error message; sixteen frames say enough.
        .wasm_backtrace_max_frames(NonZeroUsize::new(16));
    if metered {
        // A trial ends an instance with a trap after its last call: the only way to see a guest's memory.
        config
            .consume_fuel(true)
            .coredump_on_trap(true)
            .cranelift_nan_canonicalization(true);
    }
    config
}

/// Everything follows from `max_instances`. Wasmtime's own defaults make a second core slower than one (0.53 x), because each
/// call then gives its pages back and faults them in again.
fn pool(settings: &EngineSettings) -> PoolingAllocationConfig {
    let n = settings.max_instances;
    let mut pool = PoolingAllocationConfig::new();
    // Composed components take more than their share, and then others wait; one alone must find enough.
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
        .max_memory_size(settings.limits.largest_memory())
        .table_elements(settings.limits.decision.table_elements)
        .max_core_instance_size(1 << 20)
        .max_component_instance_size(1 << 20)
        // Pages that a call dirtied are wiped in place and stay, instead of being unmapped: no page fault on the next call.
        .linear_memory_keep_resident(2 << 20)
        .table_keep_resident(64 << 10)
        .async_stack_keep_resident(64 << 10)
        // Asks the kernel which pages are dirty (Linux 6.7 and later), so that only those are wiped.
        .pagemap_scan(Enabled::Auto)
        // Give back at once: batching trades latency of one call for throughput of another.
        .decommit_batch_size(1)
        // Slots that remember their last component. Each is a mapping, and mappings are limited (vm.max_map_count).
        .max_unused_warm_slots(100);
    pool
}

fn tick(engine: &Engine) -> Result<(), EngineError> {
    let engine = engine.weak();
    std::thread::Builder::new().name("till-epoch".into()).spawn(move || {
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
