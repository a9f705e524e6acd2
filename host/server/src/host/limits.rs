//! The limits of plugins: the built-in ones, and those that the operator sets.

use crate::config::PluginLimits;
use tillhouse_runtime::EngineSettings;

/// The built-in limits, with those that the operator set.
pub(super) fn engine_settings(config: &PluginLimits) -> EngineSettings {
    let mut settings = EngineSettings {
        code_folder: config.code_folder.clone(),
        ..EngineSettings::default()
    };
    if let Some(instances) = config.max_instances {
        settings.max_instances = instances;
    }
    let limits = &mut settings.limits;
    if let Some(phases) = config.phases_per_merchant {
        limits.phases_per_merchant = phases;
    }
    if let Some(payments) = config.payments_per_merchant {
        limits.payments_per_merchant = payments;
    }
    if let Some(wait) = config.queue_wait {
        limits.queue_wait = wait;
    }
    if let Some(bytes) = config.component_bytes {
        limits.component_bytes = bytes;
    }
    // Only for a decision: a charge cut short by them would have an unknown outcome.
    if let Some(cpu) = config.cpu {
        limits.decision.cpu_ms = u64::try_from(cpu.as_millis()).unwrap_or(u64::MAX);
    }
    if let Some(wall) = config.wall {
        limits.decision.wall = wall;
    }
    for calls in [
        &mut limits.decision,
        &mut limits.effect,
        &mut limits.processor,
        &mut limits.charge,
    ] {
        if let Some(bytes) = config.memory_bytes {
            calls.memory_bytes = bytes;
        }
        if let Some(timeout) = config.http_timeout {
            calls.http_timeout = timeout;
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use tillhouse_runtime::{CallLimits, Limits};

    #[test]
    fn what_the_operator_does_not_set_is_built_in() {
        assert_eq!(engine_settings(&PluginLimits::default()).limits, Limits::default());
    }

    #[test]
    fn a_short_decision_does_not_make_a_short_charge() {
        let set = PluginLimits {
            cpu: Some(Duration::from_millis(5)),
            wall: Some(Duration::from_millis(20)),
            ..PluginLimits::default()
        };
        let limits = engine_settings(&set).limits;
        assert_eq!(
            (limits.decision.cpu_ms, limits.decision.wall),
            (5, Duration::from_millis(20))
        );
        assert_eq!(limits.charge, CallLimits::charge());
        assert_eq!(limits.effect, CallLimits::effect());
    }

    #[test]
    fn a_merchants_share_is_set_for_decisions_and_payments_apart() {
        let set = PluginLimits {
            phases_per_merchant: Some(3),
            payments_per_merchant: Some(5),
            queue_wait: Some(Duration::from_millis(7)),
            ..PluginLimits::default()
        };
        let limits = engine_settings(&set).limits;
        let share = (
            limits.phases_per_merchant,
            limits.payments_per_merchant,
            limits.queue_wait,
        );
        assert_eq!(share, (3, 5, Duration::from_millis(7)));
    }
}
