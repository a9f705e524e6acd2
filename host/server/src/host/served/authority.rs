//! What a merchant loses with another release of a plugin, and what that release takes over: neither happens without consent.

use super::merchant_state::MerchantState;
use super::slot::PluginSlot;
use tillhouse_payments::operator::OperatorError;
use tillhouse_payments::operator::served::AllowedChanges;
use tillhouse_runtime::{Capabilities, Capability};

/// Who serves the capabilities of a merchant, seen from one of its plugins.
#[derive(Clone, Copy, Debug)]
struct Serving {
    /// What that plugin serves itself.
    own: Capabilities,
    /// The merchant's other plugins.
    others: Capabilities,
    /// What the bundled shop can serve.
    bundled: Capabilities,
}

impl Serving {
    /// A plugin whose release cannot be used stands for what its configured release exports.
    fn of(state: &MerchantState, index: usize) -> Self {
        let serves = |slot: &PluginSlot| match &slot.in_force {
            Ok(binding) => binding.serves,
            Err(_) => exported(slot),
        };
        let all = |own: bool| {
            let slots = state.slots.iter().filter(move |slot| (slot.index == index) == own);
            slots.flat_map(|slot| serves(slot).iter()).collect()
        };
        Self {
            own: all(true),
            others: all(false),
            bundled: state.fallback.as_ref().map(|it| it.serves).unwrap_or_default(),
        }
    }

    /// What is served without that plugin's part: by other plugins, and by the bundled shop where it would not answer for the
    /// decisions of another.
    fn by_others(self) -> Capabilities {
        let plugins: Capabilities = self.own.iter().chain(self.others.iter()).collect();
        let bundled = self.bundled.without(plugins).iter().filter(|capability| {
            let leader = capability.must_accompany();
            leader.is_none_or(|leader| !plugins.contains(leader))
        });
        self.others.iter().chain(bundled).collect()
    }

    fn all(self) -> Capabilities {
        self.own.iter().chain(self.by_others().iter()).collect()
    }
}

/// What changes for the merchant.
#[derive(Clone, Copy, Debug)]
pub(super) struct AuthorityChange {
    /// Capabilities that nothing serves any more.
    lost: Capabilities,
    /// Capabilities that the release takes over from another plugin or the bundled shop, and that the configured release of its
    /// plugin does not export.
    gained: Capabilities,
}

impl AuthorityChange {
    /// From one state of a merchant to another, which differ in this plugin.
    pub(super) fn between(before: &MerchantState, slot: &PluginSlot, next: &MerchantState) -> Self {
        let (before, next) = (Serving::of(before, slot.index), Serving::of(next, slot.index));
        Self::of(before, next, exported(slot))
    }

    fn of(before: Serving, next: Serving, configured: Capabilities) -> Self {
        let others = before.by_others();
        let deciding = |set: Capabilities| set.without([Capability::Lifecycle].into_iter().collect());
        let new = next.own.without(before.own).without(configured);
        Self {
            lost: deciding(before.all().without(next.all())),
            gained: deciding(new.iter().filter(|it| others.contains(*it)).collect()),
        }
    }

    /// Whether the merchant cannot charge, look up or refund any more.
    pub(super) fn loses_payments(self) -> bool {
        self.lost.contains(Capability::Payments)
    }

    /// Refuse what was not asked for.
    ///
    /// # Errors
    /// With every capability that is lost or gained, and the flags that allow it.
    pub(super) fn ensure_allowed(self, allowed: AllowedChanges) -> Result<(), OperatorError> {
        let mut refused = Vec::new();
        if !allowed.lost && self.lost.iter().next().is_some() {
            refused.push(format!(
                "no plugin of the merchant would serve {} any more; load a release that does, or allow it with --allow-lost",
                names(self.lost)
            ));
        }
        if !allowed.gained && self.gained.iter().next().is_some() {
            refused.push(format!(
                "the release would take over {}, which the configured release of the plugin does not export and which another one \
                 serves now; load a release that does not export it, or allow it with --allow-gained",
                names(self.gained)
            ));
        }
        if refused.is_empty() {
            return Ok(());
        }
        Err(OperatorError::conflict(format!(
            "nothing was changed: {}",
            refused.join("; ")
        )))
    }
}

/// What the configured release of the plugin exports; nothing if its component cannot be used.
fn exported(slot: &PluginSlot) -> Capabilities {
    let component = slot.configured.component.as_ref();
    component.map(|it| it.capabilities()).unwrap_or_default()
}

fn names(capabilities: Capabilities) -> String {
    let names: Vec<&str> = capabilities.iter().map(Capability::name).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests;
