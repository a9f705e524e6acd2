//! Settings captured when a shop starts; later changes are rejected.

use std::collections::BTreeMap;

use super::Env;
use super::circumstances::Installation;

/// The settings of a test at one time.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    installed: Installation,
    now_ms: u64,
    /// The upstreams that the test scripted, and whether one of their expectations is a timeout.
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
    /// Changes since then, which have no effect on a shop that has started.
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
