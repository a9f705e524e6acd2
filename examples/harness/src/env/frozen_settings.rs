//! Settings captured when a shop starts; later changes are rejected.

use std::collections::BTreeMap;

use super::Env;
use super::settings::Installation;

/// The settings of a test at one time.
#[derive(Clone, Debug)]
pub(crate) struct FrozenSettings {
    installed: Installation,
    now_ms: u64,
    /// The upstreams that the test scripted, and whether one of their expectations is a timeout.
    scripted: BTreeMap<String, bool>,
}

impl Env {
    pub(crate) fn frozen_settings(&self) -> FrozenSettings {
        let servers = self.inner.servers.iter();
        let scripted = servers.filter_map(|(name, server)| {
            let script = server.upstream.script();
            (!script.expectations.is_empty()).then(|| (name.clone(), script.is_silent()))
        });
        FrozenSettings {
            installed: self.current_installation(),
            now_ms: self.now_ms(),
            scripted: scripted.collect(),
        }
    }
}

impl FrozenSettings {
    /// Changes since then, which have no effect on a shop that has started.
    pub(crate) fn late_changes(&self, later: &Self) -> Vec<String> {
        let (then, now) = (&self.installed, &later.installed);
        let changes = [
            (then.config != now.config, "the configuration: env.config()"),
            (then.secrets != now.secrets, "a secret: env.secret()"),
            (then.catalog != now.catalog, "the catalog: env.catalog(), env.item()"),
            (then.currency != now.currency, "the currency: env.currency()"),
            (self.now_ms != later.now_ms, "the clock: env.now(), env.advance()"),
        ];
        let changes = changes.into_iter().filter(|(changed, _)| *changed);
        let mut late: Vec<String> = changes.map(|(_, what)| what.to_owned()).collect();
        for (name, silent) in &later.scripted {
            match self.scripted.get(name) {
                None => late.push(format!(
                    "upstream `{name}`: in this shop it is the sandbox's acquirer; script it before env.shop()"
                )),
                Some(false) if *silent => late.push(format!(
                    "upstream `{name}`: in this shop it has the default timeout; script Fault::Timeout before env.shop()"
                )),
                Some(_) => {}
            }
        }
        late
    }
}
