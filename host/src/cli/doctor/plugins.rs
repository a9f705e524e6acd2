//! The plugins, loaded as `serve` loads them, over a temporary store.

use super::checks::Checks;
use super::processor;
use tillhouse_checkout::catalog::CatalogKind;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::outage::{Outage, OutageCause};
use tillhouse_console::folder;
use tillhouse_payments::operator::served::{ReleaseSource, ServedMerchants};
use tillhouse_runtime::{Capability, Installed};
use tillhouse_server::config::{Config, MaximumLimits, MerchantConfig};
use tillhouse_server::host::HostParts;
use tillhouse_server::host::assembly::Assembly;
use tillhouse_server::host::bindings::FallbackPlugin;
use tillhouse_server::host::error::StartError;
use tillhouse_store::{SqliteSettings, StoreSettings};

const CHECK: &str = "plugins";
const REMEDY: &str = "fix the catalog, the plugin's table or its manifest";

/// Load the plugins of every merchant, and report what each of them decides.
pub(super) async fn check(config: &Config, bundled: Option<FallbackPlugin>, checks: &mut Checks) {
    let folder = match folder::temporary("doctor") {
        Ok(folder) => folder,
        Err(error) => {
            return checks.fail(
                CHECK,
                error.to_string(),
                "set TMPDIR to a folder that this user may write to",
            );
        }
    };
    let parts = HostParts {
        bundled,
        ..HostParts::default()
    };
    let assembly = match Assembly::open_with_store(
        &StoreSettings::Sqlite(SqliteSettings::new(folder.path())),
        config,
        &parts,
    )
    .await
    {
        Ok(assembly) => assembly,
        Err(error) => {
            return checks.fail(
                CHECK,
                error.to_string(),
                "this machine cannot run the engine as configured",
            );
        }
    };
    match assembly.load(config, parts.bundled.as_ref()).await {
        Ok(()) => {
            for (id, merchant) in &config.merchants {
                report_limits(id, merchant, &config.plugins.maximum, checks);
                match assembly.outages().get(id) {
                    None => report_plugins(id, merchant, &assembly.plugins.inventory(id), checks),
                    Some(outage) => report_out_of_service(id, merchant, &outage, checks),
                }
            }
            report_loaded(assembly.served(), checks);
            report_catalogs(assembly.served(), checks).await;
        }
        Err(StartError::Invalid(problems)) => {
            for problem in problems {
                checks.fail(CHECK, problem, REMEDY);
            }
            checks.fail(
                CHECK,
                "no merchant can be served",
                "fix at least one merchant: serve does not start without",
            );
        }
        Err(error) => checks.fail(CHECK, error.to_string(), REMEDY),
    }
    assembly.close().await;
}

/// Report the releases that operators loaded over those of the configuration.
fn report_loaded(served: &dyn ServedMerchants, checks: &mut Checks) {
    for it in served.plugins() {
        if it.release.source != ReleaseSource::Loaded {
            continue;
        }
        let configured = it
            .configured
            .map_or_else(|| "none that can be used".to_owned(), |it| it.version);
        checks.ok(
            CHECK,
            format!(
                "merchant {}: {} {} was loaded at {} from {}, and stands over the configured release: {configured}",
                it.merchant,
                it.plugin,
                it.release.version,
                it.since,
                it.release.file.unwrap_or_default()
            ),
        );
    }
    for (merchant, plugin) in served.unused() {
        checks.warn(
            CHECK,
            format!("merchant {merchant}: a release was loaded for {plugin}, which the configuration does not have"),
            "configure the plugin again, or leave it: the release is not used",
        );
    }
}

/// Report catalogs of which something cannot be bought.
async fn report_catalogs(served: &dyn ServedMerchants, checks: &mut Checks) {
    let catalogs = match served.catalogs(CatalogKind::Product).await {
        Ok(catalogs) => catalogs,
        Err(error) => return checks.fail(CHECK, error.to_string(), REMEDY),
    };
    for it in catalogs {
        for warning in it.in_force.iter().flat_map(|in_force| &in_force.warnings) {
            let file = it.file.as_deref().unwrap_or_default();
            checks.warn(
                CHECK,
                format!("merchants.{}.catalog: {file}: {warning}", it.merchant),
                "correct the file; a running host loads it again",
            );
        }
    }
}

/// Report the limits that a merchant has of its own, unless they are wrong: that was reported with the configuration.
fn report_limits(id: &MerchantId, merchant: &MerchantConfig, maximum: &MaximumLimits, checks: &mut Checks) {
    let own: Vec<String> = merchant
        .limits
        .iter()
        .map(|(key, value)| format!("{} {value} (at most {})", key.name(), maximum.of(key)))
        .collect();
    if !own.is_empty() && merchant.plugin_errors.is_empty() {
        checks.ok(CHECK, format!("merchant {id}: limits of its own: {}", own.join(", ")));
    }
}

/// Report a merchant that would be out of service while the others are served.
fn report_out_of_service(id: &MerchantId, merchant: &MerchantConfig, outage: &Outage, checks: &mut Checks) {
    // Problems of its tables were already reported with the configuration.
    for problem in outage.details.iter().skip(merchant.plugin_errors.len()) {
        checks.fail(CHECK, problem.clone(), REMEDY);
    }
    checks.fail(
        CHECK,
        format!(
            "merchant {id}: out of service: {}; the others are served",
            outage.reason()
        ),
        match outage.causes.iter().all(|cause| *cause == OutageCause::Catalog) {
            true => "fix the file; a version of the catalog that was imported before goes on being served",
            false => "fix that and restart the host",
        },
    );
}

fn report_plugins(id: &MerchantId, merchant: &MerchantConfig, installed: &[Installed], checks: &mut Checks) {
    for it in installed {
        let serves: Vec<&str> = it.serves.iter().map(|capability| capability.name()).collect();
        checks.ok(
            CHECK,
            format!(
                "merchant {id}: {} {} decides {}",
                it.plugin,
                it.version,
                serves.join(", ")
            ),
        );
        for (name, base) in it.upstreams.iter().filter(|(_, base)| base.starts_with("http:")) {
            checks.warn(
                CHECK,
                format!(
                    "merchant {id}: {} sends to upstream {name} without TLS: {base}",
                    it.plugin
                ),
                "use https outside of a simulation",
            );
        }
    }
    let has = |capability| installed.iter().any(|it| it.serves.contains(&capability));
    if !has(Capability::Pricing) {
        checks.fail(
            CHECK,
            format!("merchant {id}: no plugin provides {}", Capability::Pricing),
            "add a plugin that exports it",
        );
    }
    processor::check(id, merchant, has, checks);
}
