//! Limits of plugins: those of every merchant in `[plugins]`, those of one merchant in `[merchants.NAME.limits]`, and the most that
//! a merchant may have in `[plugins.maximum]`. The three tables have the same keys.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::section::Section;
use tillhouse_runtime::Limits;
use tillhouse_runtime::limits::Room;

/// A limit that can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LimitKey {
    /// `cpu_ms`: CPU time of a decision, such as a price.
    Cpu,
    /// `wall_ms`: timeout of a decision.
    Wall,
    /// `effect_cpu_ms`: CPU time of a call that may reach systems of the merchant, such as a reservation.
    EffectCpu,
    /// `effect_wall_ms`: timeout of such a call.
    EffectWall,
    /// `payment_cpu_ms`: CPU time of a call that reaches the processor. Never less than the built-in limit: a charge that is cut
    /// short has an unknown outcome.
    PaymentCpu,
    /// `memory_bytes`: linear memory of an instance, for every kind of call.
    Memory,
    /// `table_elements`: elements of the tables of an instance, for every kind of call.
    TableElements,
    /// `component_bytes`: size of a component.
    Component,
    /// `answer_bytes`: bytes of a result, and of the arguments of an import.
    Answer,
    /// `http_timeout_ms`: timeout of a request to an upstream that has none of its own.
    HttpTimeout,
    /// `phases_per_merchant`: concurrent phases, except payments, that hold instances.
    Phases,
    /// `payments_per_merchant`: concurrent charges and status checks.
    Payments,
}

impl LimitKey {
    /// All keys, in the order of the example.
    pub const ALL: [Self; 12] = [
        Self::Phases,
        Self::Payments,
        Self::Cpu,
        Self::Wall,
        Self::EffectCpu,
        Self::EffectWall,
        Self::PaymentCpu,
        Self::Memory,
        Self::TableElements,
        Self::Component,
        Self::Answer,
        Self::HttpTimeout,
    ];

    /// The key in a table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu_ms",
            Self::Wall => "wall_ms",
            Self::EffectCpu => "effect_cpu_ms",
            Self::EffectWall => "effect_wall_ms",
            Self::PaymentCpu => "payment_cpu_ms",
            Self::Memory => "memory_bytes",
            Self::TableElements => "table_elements",
            Self::Component => "component_bytes",
            Self::Answer => "answer_bytes",
            Self::HttpTimeout => "http_timeout_ms",
            Self::Phases => "phases_per_merchant",
            Self::Payments => "payments_per_merchant",
        }
    }

    /// What a host can do with.
    const fn range(self) -> RangeInclusive<u64> {
        match self {
            Self::Cpu | Self::EffectCpu => 2..=10_000,
            Self::PaymentCpu => 200..=10_000,
            Self::Wall | Self::EffectWall => 2..=60_000,
            Self::Memory => 65_536..=4_294_967_296,
            Self::TableElements => 1_000..=1_000_000,
            Self::Component => 1_024..=268_435_456,
            Self::Answer => 65_536..=67_108_864,
            Self::HttpTimeout => 1..=60_000,
            Self::Phases | Self::Payments => 1..=10_000,
        }
    }

    /// The most that a merchant may have where `[plugins.maximum]` does not say otherwise.
    const fn built_in_maximum(self) -> u64 {
        match self {
            Self::Cpu | Self::EffectCpu | Self::PaymentCpu => 1_000,
            Self::Wall | Self::EffectWall => 10_000,
            Self::Memory => 256 << 20,
            Self::TableElements => 50_000,
            Self::Component => 64 << 20,
            Self::Answer => 4 << 20,
            Self::HttpTimeout => 30_000,
            Self::Phases | Self::Payments => 256,
        }
    }

    fn apply(self, value: u64, limits: &mut Limits) {
        let size = usize::try_from(value).unwrap_or(usize::MAX);
        let time = Duration::from_millis(value);
        match self {
            // A decision's time is not that of a charge, which would have an unknown outcome if it were cut short.
            Self::Cpu => limits.decision.cpu_ms = value,
            Self::Wall => limits.decision.wall = time,
            Self::EffectCpu => limits.effect.cpu_ms = value,
            Self::EffectWall => limits.effect.wall = time,
            Self::PaymentCpu => {
                limits.processor.cpu_ms = value;
                limits.charge.cpu_ms = value;
            }
            Self::Memory => limits.each(|calls| calls.memory_bytes = size),
            Self::TableElements => limits.each(|calls| calls.table_elements = size),
            Self::Component => limits.component_bytes = size,
            Self::Answer => limits.each(|calls| calls.guest_to_host_bytes = size),
            Self::HttpTimeout => limits.each(|calls| calls.http_timeout = time),
            Self::Phases => limits.phases_per_merchant = size,
            Self::Payments => limits.payments_per_merchant = size,
        }
    }
}

/// Limits that one table sets; any other limit is what it is without the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SandboxLimits(BTreeMap<LimitKey, u64>);

impl SandboxLimits {
    /// Reads the keys of this table that are limits.
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let set = LimitKey::ALL
            .into_iter()
            .filter_map(|key| Some((key, section.number(key.name(), key.range())?)));
        Self(set.collect())
    }

    /// What the table sets, in the order of [`LimitKey::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (LimitKey, u64)> {
        LimitKey::ALL
            .into_iter()
            .filter_map(|key| Some((key, *self.0.get(&key)?)))
    }

    /// Puts them over other limits.
    pub fn apply(&self, limits: &mut Limits) {
        for (key, value) in self.iter() {
            key.apply(value, limits);
        }
    }

    /// These limits, with this one.
    #[must_use]
    pub fn with(mut self, key: LimitKey, value: u64) -> Self {
        self.0.insert(key, value);
        self
    }
}

/// The most that a merchant may have of each limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaximumLimits {
    /// `[plugins.maximum]`.
    given: SandboxLimits,
    /// `[plugins]`, which every merchant has.
    of_everyone: SandboxLimits,
}

impl MaximumLimits {
    /// Reads `[plugins.maximum]`. What every merchant has must be within it.
    pub(super) fn read(plugins: &mut Section<'_>, of_everyone: &SandboxLimits) -> Self {
        let given = match plugins.optional_section("maximum") {
            Some(mut section) => {
                let given = SandboxLimits::read(&mut section);
                section.finish();
                given
            }
            None => SandboxLimits::default(),
        };
        let maximum = Self {
            given,
            of_everyone: of_everyone.clone(),
        };
        maximum.check(of_everyone, plugins);
        maximum
    }

    /// The most that a merchant may have: at least what every merchant has.
    #[must_use]
    pub fn of(&self, key: LimitKey) -> u64 {
        let of_everyone = self.of_everyone.0.get(&key).copied().unwrap_or_default();
        let given = self.given.0.get(&key).copied();
        given.unwrap_or_else(|| key.built_in_maximum().max(of_everyone))
    }

    /// Reports every limit of a table that is over its maximum.
    pub(super) fn check(&self, limits: &SandboxLimits, section: &Section<'_>) {
        for (key, value) in limits.iter() {
            let (name, maximum) = (key.name(), self.of(key));
            if value > maximum {
                section.error(
                    name,
                    format!("is {value}, and this host allows at most {maximum}"),
                    format!("lower it, or raise {name} in [plugins.maximum]"),
                );
            }
        }
    }

    /// What pool and compiler must have room for.
    #[must_use]
    pub fn room(&self) -> Room {
        let size = |key| usize::try_from(self.of(key)).unwrap_or(usize::MAX);
        Room {
            memory_bytes: size(LimitKey::Memory),
            table_elements: size(LimitKey::TableElements),
            component_bytes: size(LimitKey::Component),
        }
    }
}
