//! The codes of plugin faults.

use std::fmt;

/// Why a plugin call ended without a usable answer, although the plugin is configured and its systems may be up.
///
/// The code of each variant ([`as_str`](Self::as_str)) is stable: operators and plugin authors see it in logs, reports and JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PluginFault {
    /// The guest trapped: a panic, `unreachable`, or an access out of bounds. Also a call into a plugin that has already failed
    /// in the same phase.
    Trap,
    /// The call used more CPU time than its limit, or more instructions than the budget of a trial.
    CpuBudget,
    /// The call took longer than its wall-clock limit, including the wait for HTTP responses.
    WallClock,
    /// The guest requested more linear memory or table elements than a call may have.
    Memory,
    /// The guest requested more pseudo-random bytes than one call may have.
    Random,
    /// The guest called `exit`.
    Exit,
    /// The guest used up the stack of 512 KiB that the host gives to a call.
    Stack,
    /// The guest passed more bytes to the host than a call may, in its result or in arguments of imports.
    OutputTooLarge,
    /// The guest held more resource handles at the same time than a call may.
    Handles,
    /// The result violates the contract: a list that is too long, a malformed id, an invalid discriminant.
    Contract,
    /// The host failed during the call; the plugin is not the cause.
    Host,
}

impl PluginFault {
    /// All faults, in the order of their definition.
    pub const ALL: [Self; 11] = [
        Self::Trap,
        Self::CpuBudget,
        Self::WallClock,
        Self::Memory,
        Self::Random,
        Self::Exit,
        Self::Stack,
        Self::OutputTooLarge,
        Self::Handles,
        Self::Contract,
        Self::Host,
    ];

    /// Stable code, in kebab case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trap => "trap",
            Self::CpuBudget => "cpu-budget",
            Self::WallClock => "wall-clock",
            Self::Memory => "memory",
            Self::Random => "random",
            Self::Exit => "exit",
            Self::Stack => "stack",
            Self::OutputTooLarge => "output-too-large",
            Self::Handles => "handles",
            Self::Contract => "contract",
            Self::Host => "host",
        }
    }
}

impl fmt::Display for PluginFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::PluginFault;

    #[test]
    fn every_fault_has_its_own_code() {
        let codes: HashSet<_> = PluginFault::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(codes.len(), PluginFault::ALL.len());
    }
}
