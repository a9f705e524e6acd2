//! What a fault means for the plugin author: the limit, its value, and what to do.

use tillhouse_checkout::ports::PluginFault;
use tillhouse_runtime::CallLimits;
use tillhouse_runtime::function::Function;
use tillhouse_runtime::limits::{Kind, Limits};

/// Explanation of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FaultExplanation {
    /// The limit that was reached, with its value; `None` if the fault is not about a limit.
    pub(super) limit: Option<String>,
    /// What the author can do about it.
    pub(super) remedy: &'static str,
}

/// Explain a fault of this function under these limits.
pub(super) fn explain(fault: PluginFault, detail: &str, function: Function, limits: &Limits) -> FaultExplanation {
    let of_call = limits.of(function.kind());
    let (limit, remedy) = match known(fault, of_call) {
        Some((limit, remedy)) => (Some(limit), remedy),
        // Rust's shadow stack grows down to address 0, so a stack overflow is an access out of bounds.
        None if detail.contains("out of bounds memory access") => (None, OUT_OF_STACK),
        None => (None, other(fault, detail)),
    };
    let kind = kind(function.kind());
    FaultExplanation {
        limit: limit.map(|limit| format!("{limit} for a call that is {kind}")),
        remedy,
    }
}

const OUT_OF_STACK: &str = "the plugin has most likely used up its stack of 64 KiB: recurse less deeply, and keep large values on \
     the heap";

fn known(fault: PluginFault, limits: &CallLimits) -> Option<(String, &'static str)> {
    Some(match fault {
        PluginFault::CpuBudget => (
            format!("{} ms of CPU", limits.cpu_ms),
            "do less in one call: look items up together, and build tables once instead of for each line; \
             `tillhouse plugin bench` shows the cost by the size of the cart",
        ),
        PluginFault::WallClock => (
            format!("{} ms in all, waiting included", limits.wall.as_millis()),
            "send fewer requests, or give them a shorter timeout",
        ),
        PluginFault::Memory => (
            format!(
                "{} of memory, and {} elements of a table",
                bytes(limits.memory_bytes),
                limits.table_elements
            ),
            "keep less in memory at the same time: read what the cart needs, not the whole list",
        ),
        PluginFault::OutputTooLarge => (
            format!("{} from the plugin to the host", bytes(limits.guest_to_host_bytes)),
            "answer with fewer or shorter texts; the contract's lists are bounded (`wit/merchant/types.wit`)",
        ),
        PluginFault::Handles => (
            format!("{} live handles", limits.handles),
            "drop a handle when it is no longer used",
        ),
        PluginFault::Random => (
            format!("{} of pseudo-random data", bytes(limits.random_bytes)),
            "use less; for unpredictable values take the host's ids",
        ),
        PluginFault::Stack => (
            "512 KiB of stack".to_owned(),
            "recurse less deeply, and keep large values on the heap",
        ),
        PluginFault::Trap | PluginFault::Exit | PluginFault::Contract | PluginFault::Host => return None,
    })
}

fn other(fault: PluginFault, detail: &str) -> &'static str {
    match fault {
        PluginFault::Trap if detail.contains("failed to spawn thread") => {
            "a plugin has one thread: call the function directly"
        }
        PluginFault::Trap if detail.starts_with("panicked at") => {
            "fix the code there; answer run-time errors with a `Failure` instead of using `unwrap`, `expect` and indexing"
        }
        PluginFault::Trap => {
            "the plugin trapped without a panic message: look for `unreachable_unchecked`, `abort` and other unsafe code, in \
             it and in its dependencies"
        }
        PluginFault::Exit => "return from the function; a plugin may not end its process",
        PluginFault::Contract => "the answer does not fit the contract; build with the SDK of the host's version",
        _ => "the plugin is not the cause; retry",
    }
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Decision => "a decision",
        Kind::Effect => "an effect",
        Kind::Processor => "for the processor",
        Kind::Charge => "a charge",
    }
}

/// `32 MiB`, `512 KiB`, `17 bytes`.
pub(super) fn bytes(count: usize) -> String {
    match count {
        0..1024 => format!("{count} bytes"),
        1024..1_048_576 => format!("{} KiB", count / 1024),
        _ if count.is_multiple_of(1 << 20) => format!("{} MiB", count >> 20),
        _ => {
            let tenths = count / (1 << 20) * 10 + count % (1 << 20) * 10 / (1 << 20);
            format!("{}.{} MiB", tenths / 10, tenths % 10)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_the_limit_of_its_own_function() {
        let limits = Limits::default();
        let of = |function| explain(PluginFault::CpuBudget, "", function, &limits).limit.unwrap();
        assert_eq!(of(Function::Price), "50 ms of CPU for a call that is a decision");
        assert_eq!(of(Function::Charge), "200 ms of CPU for a call that is a charge");
        assert_eq!(explain(PluginFault::Trap, "", Function::Price, &limits).limit, None);
    }

    #[test]
    fn sizes_read_as_people_write_them() {
        let texts = [17, 4096, 32 << 20, 3 << 19].map(bytes);
        assert_eq!(texts, ["17 bytes", "4 KiB", "32 MiB", "1.5 MiB"]);
    }
}
