//! The engine that the tests of a process share: compiled code once, instructions counted.

use std::path::Path;
use std::sync::OnceLock;

use tillhouse::plugin::{Code, EngineSettings, Limits};

/// A metered engine is slower, machines that run tests are busy, and a tick of the CPU budget passes either way: the ticks are
/// so many times longer here, and the budget is judged by the instructions that were counted, which are always the same.
const PATIENCE: u64 = 10;

/// Instructions of WebAssembly that a tick of 1 ms is good for, on a machine that is not new.
pub(crate) const INSTRUCTIONS_PER_TICK: u64 = 1_000_000;

/// How the trials of this process are run. Their limits are those of a host but for time, which is stretched.
pub(crate) fn settings(folder: &Path) -> EngineSettings {
    let mut limits = Limits::default();
    for calls in [
        &mut limits.decision,
        &mut limits.effect,
        &mut limits.processor,
        &mut limits.charge,
    ] {
        calls.cpu_ticks *= PATIENCE;
        calls.wall *= u32::try_from(PATIENCE).unwrap_or(1);
    }
    EngineSettings {
        max_instances: 64,
        workers: 1,
        metered: true,
        code_folder: Some(folder.to_owned()),
        limits,
        ..EngineSettings::default()
    }
}

/// The code that they share.
pub(crate) fn code(settings: &EngineSettings) -> Code {
    static CODE: OnceLock<Code> = OnceLock::new();
    CODE.get_or_init(|| Code::new(settings).expect("an engine")).clone()
}
