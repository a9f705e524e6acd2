//! Whether the requests of agents are signed.

use super::checks::Checks;
use tillhouse_server::config::{AcpConfig, Config, KeyConfig};

const CHECK: &str = "signatures";

/// Say of every merchant that speaks ACP whose signatures are looked at.
pub(super) fn check(config: &Config, checks: &mut Checks) {
    for (id, merchant) in &config.merchants {
        let Some(acp) = &merchant.acp else { continue };
        let unsigned = names(acp, |key| key.signing.is_none());
        let optional = names(acp, |key| key.signing.as_ref().is_some_and(|signing| !signing.demanded));
        if unsigned.is_empty() && optional.is_empty() {
            checks.ok(CHECK, format!("{id}: every request of ACP must be signed"));
            continue;
        }
        let mut parts = Vec::new();
        if !unsigned.is_empty() {
            parts.push(format!(
                "Signature and Timestamp of {} are not verified",
                unsigned.join(", ")
            ));
        }
        if !optional.is_empty() {
            parts.push(format!("requests of {} may be unsigned", optional.join(", ")));
        }
        checks.ok(
            CHECK,
            format!("{id}: {}: the bearer key alone says who calls", parts.join("; ")),
        );
    }
}

/// The names of the keys of which this is true, each once.
fn names(acp: &AcpConfig, is_true: impl Fn(&KeyConfig) -> bool) -> Vec<&str> {
    let mut names: Vec<&str> = acp
        .keys
        .iter()
        .filter(|key| is_true(key))
        .map(|key| key.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
