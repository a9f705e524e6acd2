//! The engines: one for trials, which counts instructions, and one for shops, which is a host's own.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tillhouse_plugin_protocol::{RequestError, RequestErrorKind};

use super::perform::problem;
use tillhouse_runtime::{EngineSettings, Limits, SharedEngine};

/// Factor by which the time limits of a trial exceed those of a host, for busy machines.
///
/// The CPU limit of a host is enforced by counting instructions instead.
const TIME_LIMIT_FACTOR: u64 = 10;

/// Instructions that count as one CPU tick (1 ms) of a host.
const INSTRUCTIONS_PER_TICK: u64 = 1_000_000;

/// The engines with their compiled code, each created on first use.
#[derive(Debug, Default)]
pub(super) struct Engines {
    trials: Mutex<Option<SharedEngine>>,
    shops: Mutex<Option<SharedEngine>>,
}

impl Engines {
    pub(super) fn of_trials(&self, folder: Option<&Path>) -> Result<SharedEngine, RequestError> {
        code(&self.trials, &trial_settings(folder))
    }

    pub(super) fn of_shops(&self, folder: Option<&Path>) -> Result<SharedEngine, RequestError> {
        let settings = EngineSettings {
            code_folder: folder.map(Path::to_owned),
            ..EngineSettings::default()
        };
        code(&self.shops, &settings)
    }
}

fn code(kept: &Mutex<Option<SharedEngine>>, settings: &EngineSettings) -> Result<SharedEngine, RequestError> {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(code) = &*kept {
        return Ok(code.clone());
    }
    let code = SharedEngine::new(settings).map_err(|error| problem(RequestErrorKind::Machine)(&error))?;
    Ok(kept.insert(code).clone())
}

/// Settings for many concurrent trials, with a cache of compiled code and instruction counting.
pub(super) fn trial_settings(folder: Option<&Path>) -> EngineSettings {
    let mut limits = Limits::default();
    for calls in [
        &mut limits.decision,
        &mut limits.effect,
        &mut limits.processor,
        &mut limits.charge,
    ] {
        calls.cpu_ms *= TIME_LIMIT_FACTOR;
        calls.wall *= u32::try_from(TIME_LIMIT_FACTOR).unwrap_or(1);
    }
    EngineSettings {
        max_instances: 64,
        workers: 1,
        metered: true,
        code_folder: folder.map(Path::to_owned),
        limits,
        ..EngineSettings::default()
    }
}

/// The CPU limit of a host, converted to instructions.
pub(super) const fn instructions(cpu_ms: u64) -> u64 {
    cpu_ms * INSTRUCTIONS_PER_TICK
}
