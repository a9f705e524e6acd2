//! Every limit of the sandbox, typed, with its default. Each overflow has a name of its own in
//! [`DecisionError::Fault`](tillhouse_checkout::ports::DecisionError::Fault).

use std::time::Duration;

pub use crate::api::function::Kind;

/// The limits of one call, and of one instance while the call runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallLimits {
    /// Guest CPU time in epoch ticks of 1 ms. Waiting in host imports does not count. Fault `cpu-budget`.
    pub cpu_ticks: u64,
    /// Wall clock of the whole call, waiting included. Fault `wall-clock`.
    pub wall: Duration,
    /// Bytes of its linear memories, all together. Fault `memory`.
    pub memory_bytes: usize,
    /// Elements of its tables, all together. Fault `memory`.
    pub table_elements: usize,
    /// Bytes copied from the guest per call or import: results and arguments. Fault `output-too-large`.
    pub guest_to_host_bytes: usize,
    /// Live resource handles. Fault `handles`.
    pub handles: usize,
    /// Log lines per call; what is over is dropped and counted.
    pub log_lines: usize,
    /// Log bytes per call.
    pub log_bytes: usize,
    /// Outgoing requests per phase; what is over is denied.
    pub http_calls: u32,
    /// Bytes of one outgoing body.
    pub http_request_bytes: usize,
    /// Bytes of one incoming body.
    pub http_response_bytes: usize,
    /// Bound of one exchange.
    pub http_timeout: Duration,
    /// Bytes of pseudo-random data per call. Fault `random`.
    pub random_bytes: usize,
}

/// Most memories of one component. Rust's wasip2 output has one, and a component that is composed of others has one for each.
pub const MEMORIES: u32 = 8;
/// Most core instances of one component. Rust's wasip2 output has three or four: the module, its import shims and their fixups.
/// Between two components that are composed comes one of adapters.
pub const CORE_INSTANCES: u32 = 64;
/// Most tables of one component: one of functions and one of import shims are usual for each that it is composed of.
pub const TABLES: u32 = 32;
/// Longest log line, fields included, in bytes.
pub const LOG_LINE_BYTES: usize = 1 << 10;
/// `kv` operations per phase.
pub const KV_OPS: u32 = 64;
/// `counters` operations per phase.
pub const COUNTER_OPS: u32 = 512;
/// Longest key of `kv` and `counters`, in bytes.
pub const KEY_BYTES: usize = 256;
/// Longest value of `kv`, in bytes.
pub const VALUE_BYTES: usize = 64 << 10;
/// Longest wait for one read of plugin data.
pub const STORE_WAIT: Duration = Duration::from_secs(2);
/// Ids in one `catalog.get`.
pub const CATALOG_IDS: usize = 500;
/// Requests that are not `GET` within one charge: the charge, and its identical repetitions.
pub const CHARGE_SENDS: u32 = 3;

impl CallLimits {
    /// Of a pure decision.
    #[must_use]
    pub const fn decision() -> Self {
        Self {
            cpu_ticks: 50,
            // Generous: what a decision computes is bounded by its CPU budget, and a busy machine is not the plugin's fault.
            wall: Duration::from_secs(2),
            memory_bytes: 32 << 20,
            table_elements: 5_000,
            guest_to_host_bytes: 1 << 20,
            handles: 256,
            log_lines: 64,
            log_bytes: 16 << 10,
            http_calls: 0,
            http_request_bytes: 0,
            http_response_bytes: 0,
            http_timeout: Duration::ZERO,
            random_bytes: 4 << 10,
        }
    }

    /// Of stock, fulfillment, risk and notices.
    #[must_use]
    pub const fn effect() -> Self {
        Self {
            cpu_ticks: 100,
            wall: Duration::from_secs(2),
            http_calls: 5,
            http_request_bytes: 256 << 10,
            http_response_bytes: 256 << 10,
            http_timeout: Duration::from_secs(2),
            ..Self::decision()
        }
    }

    /// Of the processor.
    #[must_use]
    pub const fn processor() -> Self {
        Self {
            cpu_ticks: 200,
            wall: Duration::from_secs(10),
            memory_bytes: 64 << 20,
            http_response_bytes: 512 << 10,
            http_timeout: Duration::from_secs(10),
            ..Self::effect()
        }
    }

    /// Of the charge.
    #[must_use]
    pub const fn charge() -> Self {
        Self {
            wall: Duration::from_secs(20),
            http_timeout: Duration::from_secs(15),
            ..Self::processor()
        }
    }
}

/// All limits of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of pure decisions.
    pub decision: CallLimits,
    /// Of stock, fulfillment, risk and notices.
    pub effect: CallLimits,
    /// Of the processor.
    pub processor: CallLimits,
    /// Of the charge.
    pub charge: CallLimits,
    /// Bytes of a component as uploaded.
    pub component_bytes: usize,
    /// Phases of one merchant that decide something and hold instances for it at the same time. They are short, and the guest
    /// threads are few.
    pub phases_per_merchant: usize,
    /// Charges and lookups of one merchant at the same time. They mostly wait for the processor.
    pub payments_per_merchant: usize,
    /// How long a phase waits for its turn before the caller is told to come again: less than the four seconds that Stripe
    /// gives a hook, and more than a burst needs to pass.
    pub queue_wait: Duration,
}

impl Limits {
    /// Those of a kind of call.
    #[must_use]
    pub const fn of(&self, kind: Kind) -> &CallLimits {
        match kind {
            Kind::Decision => &self.decision,
            Kind::Effect => &self.effect,
            Kind::Processor => &self.processor,
            Kind::Charge => &self.charge,
        }
    }

    /// The largest linear memory that any call may have: what a pool slot must hold.
    #[must_use]
    pub fn largest_memory(&self) -> usize {
        [&self.decision, &self.effect, &self.processor, &self.charge]
            .into_iter()
            .map(|limits| limits.memory_bytes)
            .max()
            .unwrap_or(0)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            decision: CallLimits::decision(),
            effect: CallLimits::effect(),
            processor: CallLimits::processor(),
            charge: CallLimits::charge(),
            component_bytes: 8 << 20,
            phases_per_merchant: 16,
            payments_per_merchant: 64,
            queue_wait: Duration::from_secs(2),
        }
    }
}
