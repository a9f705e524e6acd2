//! The limits of plugins: the built-in ones, those that the operator sets for all, and those of one merchant.

use std::sync::Arc;

use crate::config::{PluginLimits, SandboxLimits};
use tillhouse_runtime::{EngineSettings, Limits};

/// The built-in limits, with those that the operator set for every merchant, and room for the largest that a merchant may have.
pub(super) fn engine_settings(config: &PluginLimits) -> EngineSettings {
    let mut settings = EngineSettings {
        code_folder: config.code_folder.clone(),
        room: config.maximum.room(),
        ..EngineSettings::default()
    };
    if let Some(instances) = config.max_instances {
        settings.max_instances = instances;
    }
    let limits = &mut settings.limits;
    if let Some(wait) = config.queue_wait {
        limits.queue_wait = wait;
    }
    limits.data.keys = config.data_keys.unwrap_or(limits.data.keys);
    limits.data.bytes = config.data_bytes.unwrap_or(limits.data.bytes);
    config.sandbox.apply(limits);
    settings
}

/// The limits of one merchant: those of all, under its own.
pub(super) fn of_merchant(of_all: &Limits, own: &SandboxLimits) -> Arc<Limits> {
    let mut limits = of_all.clone();
    own.apply(&mut limits);
    Arc::new(limits)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::LimitKey;
    use tillhouse_runtime::CallLimits;

    fn limits_of(sandbox: SandboxLimits) -> Limits {
        let config = PluginLimits {
            sandbox,
            ..PluginLimits::default()
        };
        engine_settings(&config).limits
    }

    #[test]
    fn what_the_operator_does_not_set_is_built_in() {
        assert_eq!(limits_of(SandboxLimits::default()), Limits::default());
        assert_eq!(
            of_merchant(&Limits::default(), &SandboxLimits::default()).as_ref(),
            &Limits::default()
        );
    }

    #[test]
    fn a_short_decision_does_not_make_a_short_charge() {
        let short = SandboxLimits::default().with(LimitKey::Cpu, 5).with(LimitKey::Wall, 20);
        let limits = limits_of(short);
        assert_eq!(
            (limits.decision.cpu_ms, limits.decision.wall),
            (5, Duration::from_millis(20))
        );
        assert_eq!(limits.charge, CallLimits::charge());
        assert_eq!(limits.effect, CallLimits::effect());
    }

    #[test]
    fn a_merchants_share_is_set_for_decisions_and_payments_apart() {
        let config = PluginLimits {
            sandbox: SandboxLimits::default()
                .with(LimitKey::Phases, 3)
                .with(LimitKey::Payments, 5),
            queue_wait: Some(Duration::from_millis(7)),
            ..PluginLimits::default()
        };
        let limits = engine_settings(&config).limits;
        let share = (
            limits.phases_per_merchant,
            limits.payments_per_merchant,
            limits.queue_wait,
        );
        assert_eq!(share, (3, 5, Duration::from_millis(7)));
    }

    #[test]
    fn every_limit_of_a_merchant_changes_its_limits_and_is_put_over_that_of_all() {
        let of_all = limits_of(SandboxLimits::default().with(LimitKey::TableElements, 7_000));
        for key in LimitKey::ALL {
            let limits = of_merchant(&of_all, &SandboxLimits::default().with(key, 1_234));
            assert_ne!(*limits, of_all, "{}", key.name());
            let is_table = key == LimitKey::TableElements;
            assert_eq!(limits.decision.table_elements == 7_000, !is_table, "{}", key.name());
        }
    }

    #[test]
    fn there_is_room_for_what_a_merchant_may_have_and_for_what_all_have() {
        let room = engine_settings(&PluginLimits::default()).room;
        let built_in = Limits::default();
        assert!(room.memory_bytes >= built_in.largest_memory());
        assert!(room.table_elements >= built_in.decision.table_elements);
        assert!(room.component_bytes >= built_in.component_bytes);
    }
}
