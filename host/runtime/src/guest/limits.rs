//! All limits of the sandbox with their defaults.
//!
//! Exceeding one that is a fault of the plugin gives its own fault code in
//! [`DecisionError::Fault`](tillhouse_checkout::ports::DecisionError::Fault).

use std::time::Duration;

pub use crate::api::function::Kind;
use tillhouse_checkout::plugin_data::DataUsage;

/// The limits of one call, and of one instance while the call runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallLimits {
    /// CPU time in milliseconds: what the guest computes, and what its imports cost the host. Waiting does not count. Fault
    /// `cpu-budget`.
    pub cpu_ms: u64,
    /// Timeout of the whole call in wall-clock time, waiting included; less if the request that it belongs to has less time
    /// left. Fault `wall-clock`.
    pub wall: Duration,
    /// Bytes of all linear memories of the instance together. Fault `memory`.
    pub memory_bytes: usize,
    /// Elements of all tables of the instance together. Fault `memory`.
    pub table_elements: usize,
    /// Bytes copied from the guest per call or import: results and arguments. Fault `output-too-large`.
    pub guest_to_host_bytes: usize,
    /// Live resource handles of the store. Fault `handles`.
    pub handles: usize,
    /// Log lines per call; further lines are dropped and counted.
    pub log_lines: usize,
    /// Bytes of all log lines of a call; from the first line that does not fit on, lines are dropped and counted.
    pub log_bytes: usize,
    /// Outgoing requests per phase; further requests are denied.
    pub http_calls: u32,
    /// Maximum size of one outgoing request in bytes; a larger one is denied.
    pub http_request_bytes: usize,
    /// Maximum size of one response body in bytes.
    pub http_response_bytes: usize,
    /// Timeout of one request and its response; never longer than the time that the call has left, less
    /// [`answer_time`](Self::answer_time).
    pub http_timeout: Duration,
    /// Bytes of pseudo-random data per call. Fault `random`.
    pub random_bytes: usize,
}

/// Maximum number of memories of one component. Rust's wasip2 output has one; a composed component has one per part.
pub const MEMORIES: u32 = 8;
/// Maximum number of core instances of one component.
///
/// Rust's wasip2 output has three or four: the module, its import shims and their fixups. A composed component has one more,
/// with adapters, between two parts.
pub const CORE_INSTANCES: u32 = 64;
/// Maximum number of tables of one component. Usual are two for each part: functions, and import shims.
pub const TABLES: u32 = 32;
/// Maximum length of a log line, fields included, in bytes.
pub const LOG_LINE_BYTES: usize = 1 << 10;
/// Maximum number of `kv` operations per phase.
pub const KV_OPS: u32 = 64;
/// Maximum number of `counters` operations per phase.
pub const COUNTER_OPS: u32 = 512;
/// Maximum length of a key of `kv` or `counters`, in bytes.
pub const KEY_BYTES: usize = 256;
/// Maximum size of a `kv` value, in bytes.
pub const VALUE_BYTES: usize = 64 << 10;
/// What a call keeps of its time to answer after a request that timed out; at most a quarter of the call.
pub const ANSWER_TIME: Duration = Duration::from_millis(250);
/// Timeout of one read of plugin data; never longer than the time that the call has left.
pub const STORE_WAIT: Duration = Duration::from_secs(2);
/// Maximum number of ids in one `catalog.get`.
pub const CATALOG_IDS: usize = 500;
/// Maximum number of requests other than `GET` in one charge: the charge and its identical retries.
pub const CHARGE_SENDS: u32 = 3;

impl CallLimits {
    /// Time that is left to a call when its request times out: enough for the plugin to answer without the upstream.
    #[must_use]
    pub fn answer_time(&self) -> Duration {
        ANSWER_TIME.min(self.wall / 4)
    }

    /// Default limits of [`Kind::Decision`]: no requests, and CPU time of 50 ms.
    #[must_use]
    pub const fn decision() -> Self {
        Self {
            cpu_ms: 50,
            // Generous: the CPU budget already bounds what a decision computes, and a busy machine is not the plugin's fault.
            wall: Duration::from_secs(2),
            // A JavaScript or Python interpreter runs a decision about 200 lines in half of it.
            memory_bytes: 32 << 20,
            // Rust needs some hundreds, a component of componentize-py 5300: every function of its interpreter is called by
            // pointer.
            table_elements: 20_000,
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

    /// Default limits of [`Kind::Effect`]: up to 5 requests per phase.
    #[must_use]
    pub const fn effect() -> Self {
        Self {
            cpu_ms: 100,
            wall: Duration::from_secs(2),
            http_calls: 5,
            http_request_bytes: 256 << 10,
            http_response_bytes: 256 << 10,
            http_timeout: Duration::from_secs(2),
            ..Self::decision()
        }
    }

    /// Default limits of [`Kind::Processor`]: more memory and time than [`effect`](Self::effect).
    #[must_use]
    pub const fn processor() -> Self {
        Self {
            cpu_ms: 200,
            wall: Duration::from_secs(10),
            memory_bytes: 64 << 20,
            http_response_bytes: 512 << 10,
            http_timeout: Duration::from_secs(10),
            ..Self::effect()
        }
    }

    /// Default limits of [`Kind::Charge`]: those of [`processor`](Self::processor) with longer timeouts.
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
    /// Calls of [`Kind::Decision`], e.g. `pricing.price`.
    pub decision: CallLimits,
    /// Calls of [`Kind::Effect`], e.g. `inventory.reserve`.
    pub effect: CallLimits,
    /// Calls of [`Kind::Processor`], e.g. `payments.lookup`.
    pub processor: CallLimits,
    /// Calls of [`Kind::Charge`], i.e. `payments.charge`.
    pub charge: CallLimits,
    /// Maximum size of a component file in bytes. Rust components are below 1 MB; one of componentize-js has 12 MB, one of
    /// componentize-py 18 MB, because the interpreter is in it.
    pub component_bytes: usize,
    /// Concurrent phases of one merchant that begin with a decision or an effect. Such phases are short, and there are few guest
    /// threads.
    pub phases_per_merchant: usize,
    /// Concurrent phases of one merchant that begin with a processor call or a charge. They mostly wait for the processor.
    pub payments_per_merchant: usize,
    /// How long a phase waits for a permit before the caller gets an error to retry later. Less than the four seconds that Stripe
    /// allows a hook, and long enough for a burst to pass.
    pub queue_wait: Duration,
    /// How much one plugin keeps for one merchant in `kv` and counters.
    pub data: DataUsage,
}

impl Limits {
    /// The limits of calls of this kind.
    #[must_use]
    pub const fn of(&self, kind: Kind) -> &CallLimits {
        match kind {
            Kind::Decision => &self.decision,
            Kind::Effect => &self.effect,
            Kind::Processor => &self.processor,
            Kind::Charge => &self.charge,
        }
    }

    /// Change the limits of every kind of call.
    pub fn each(&mut self, mut change: impl FnMut(&mut CallLimits)) {
        for calls in [
            &mut self.decision,
            &mut self.effect,
            &mut self.processor,
            &mut self.charge,
        ] {
            change(calls);
        }
    }

    /// The largest number of table elements of all kinds of calls.
    #[must_use]
    pub fn largest_table(&self) -> usize {
        [&self.decision, &self.effect, &self.processor, &self.charge]
            .into_iter()
            .map(|limits| limits.table_elements)
            .max()
            .unwrap_or(0)
    }

    /// The largest memory limit of all kinds of calls, in bytes: the size that a pool slot must support.
    #[must_use]
    pub fn largest_memory(&self) -> usize {
        [&self.decision, &self.effect, &self.processor, &self.charge]
            .into_iter()
            .map(|limits| limits.memory_bytes)
            .max()
            .unwrap_or(0)
    }
}

/// The largest limits that any merchant may have, of what the pool of instances and the compiler must have room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Bytes of one memory.
    pub memory_bytes: usize,
    /// Elements of one table.
    pub table_elements: usize,
    /// Bytes of a component file.
    pub component_bytes: usize,
}

impl Room {
    /// This much, and at least what these limits allow.
    #[must_use]
    pub fn at_least(self, limits: &Limits) -> Self {
        Self {
            memory_bytes: self.memory_bytes.max(limits.largest_memory()),
            table_elements: self.table_elements.max(limits.largest_table()),
            component_bytes: self.component_bytes.max(limits.component_bytes),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            decision: CallLimits::decision(),
            effect: CallLimits::effect(),
            processor: CallLimits::processor(),
            charge: CallLimits::charge(),
            component_bytes: 32 << 20,
            phases_per_merchant: 16,
            payments_per_merchant: 64,
            queue_wait: Duration::from_secs(2),
            data: DataUsage {
                keys: 100_000,
                bytes: 64 << 20,
            },
        }
    }
}
