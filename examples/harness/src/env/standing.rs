//! What a shop is started with, and what it would not hear of afterwards.

use std::collections::BTreeMap;

use super::Env;
use super::circumstances::Installation;

/// What a test says of the surroundings at one time.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    installed: Installation,
    now_ms: u64,
    /// The upstreams that the test scripted, and whether one of them is to be silent.
    scripted: BTreeMap<String, bool>,
}

impl Env {
    pub(crate) fn standing(&self) -> Standing {
        let servers = self.inner.servers.iter();
        let scripted = servers.filter_map(|(name, server)| {
            let script = server.upstream.script();
            (!script.expectations.is_empty()).then(|| (name.clone(), script.is_silent()))
        });
        Standing {
            installed: self.wanted(),
            now_ms: self.now_ms(),
            scripted: scripted.collect(),
        }
    }
}

impl Standing {
    /// What is said later, and comes too late for a shop that was started with this.
    pub(crate) fn too_late(&self, later: &Self) -> Vec<String> {
        let (then, now) = (&self.installed, &later.installed);
        let said = [
            (then.config != now.config, "the configuration: env.config()"),
            (then.secrets != now.secrets, "a secret: env.secret()"),
            (then.catalog != now.catalog, "the catalog: env.catalog(), env.item()"),
            (then.currency != now.currency, "the currency: env.currency()"),
            (self.now_ms != later.now_ms, "the clock: env.now(), env.advance()"),
        ];
        let said = said.into_iter().filter(|(changed, _)| *changed);
        let mut late: Vec<String> = said.map(|(_, what)| what.to_owned()).collect();
        for (name, silent) in &later.scripted {
            match self.scripted.get(name) {
                None => late.push(format!(
                    "upstream `{name}` is the sandbox's acquirer in this shop: script it before env.shop()"
                )),
                Some(false) if *silent => late.push(format!(
                    "upstream `{name}` has the usual time limit in this shop: script Fault::Timeout before env.shop()"
                )),
                Some(_) => {}
            }
        }
        late
    }
}
