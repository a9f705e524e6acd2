//! The plugins, loaded as `serve` would load them, over a store that is thrown away.

use std::path::PathBuf;

use super::findings::Findings;
use crate::checkout::ids::MerchantId;
use crate::config::Config;
use crate::host::Parts;
use crate::host::assembly::Assembly;
use crate::host::bindings::Bundled;
use crate::host::error::StartError;
use crate::plugin::{Capability, Installed};
use crate::store::{SqliteSettings, StoreSettings};

const CHECK: &str = "plugins";

/// Load everything and say what each merchant has.
pub(super) async fn look(config: &Config, bundled: Option<Bundled>, findings: &mut Findings) {
    let folder = Scratch::new();
    let parts = Parts {
        bundled,
        ..Parts::default()
    };
    let assembly = match Assembly::over(&StoreSettings::Sqlite(SqliteSettings::new(&folder.0)), config, &parts).await {
        Ok(assembly) => assembly,
        Err(error) => {
            return findings.fail(
                CHECK,
                error.to_string(),
                "this machine cannot run the engine as configured",
            );
        }
    };
    match assembly.load(config, parts.bundled.as_ref()).await {
        Ok(()) => {
            for merchant in config.merchants.keys() {
                judge(merchant, &assembly.plugins.inventory(merchant), findings);
            }
        }
        Err(StartError::Wrong(problems)) => {
            for problem in problems {
                findings.fail(CHECK, problem, "correct the plugin's table or its manifest");
            }
        }
        Err(error) => findings.fail(CHECK, error.to_string(), "correct the plugin's table or its manifest"),
    }
    assembly.close().await;
}

fn judge(merchant: &MerchantId, installed: &[Installed], findings: &mut Findings) {
    for it in installed {
        let serves: Vec<&str> = it.serves.iter().map(|capability| capability.name()).collect();
        findings.ok(
            CHECK,
            format!("{merchant}: {} {} decides {}", it.plugin, it.version, serves.join(", ")),
        );
        for (name, base) in it.upstreams.iter().filter(|(_, base)| base.starts_with("http:")) {
            findings.warn(
                CHECK,
                format!("{merchant}: {} sends to {name} without TLS: {base}", it.plugin),
                "use https outside of a simulation",
            );
        }
    }
    let has = |capability| installed.iter().any(|it| it.serves.contains(&capability));
    for needed in [Capability::Pricing, Capability::Payments] {
        if !has(needed) {
            findings.fail(
                CHECK,
                format!("{merchant}: nobody decides {needed}"),
                "add a plugin that exports it",
            );
        }
    }
    if has(Capability::Payments) && !has(Capability::PaymentsList) {
        findings.warn(
            CHECK,
            format!("{merchant}: its processor cannot list charges"),
            "tillhouse reconcile has nothing to compare with; use a plugin that exports payments-list",
        );
    }
    if has(Capability::Payments) && !has(Capability::PaymentsVoid) && !has(Capability::PaymentsRefund) {
        findings.warn(
            CHECK,
            format!("{merchant}: its processor can neither void nor refund"),
            "a charge whose order cannot be made waits for a person; use a plugin that exports payments-void",
        );
    }
}

/// A folder that goes when this is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("tillhouse-doctor-{}", std::process::id())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // One that stays is a few kilobytes in the folder for such things.
        std::fs::remove_dir_all(&self.0).ok();
    }
}
