//! `tillhouse plugin load`: another release of a plugin for a running host.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::error::VerbError;
use super::target_plugin::PluginPath;
use crate::cli::plugin::load::configuration::check_configuration;
use crate::cli::store_access::{Actor, Needs, StoreAccess};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_console::output;
use tillhouse_console::table::print_line;
use tillhouse_payments::operator::served::{AllowedChanges, LoadPlugin, PluginReplaced, ReleaseView};

mod configuration;

/// Load another release of a plugin into a running host. No request is refused for it.
///
/// The id in its manifest says which plugin of the merchant it replaces. It is checked as at a start, keeps the configuration and
/// the grants of that plugin's table in the configuration file, and gets no more than these. The host keeps a copy, and restarts
/// use it until `plugin back`, also if the configuration file names another component meanwhile.
#[derive(Debug, Args)]
#[command(after_help = "\
Requests and payments in progress finish with the release that they started with. A release that does not pass the checks changes
nothing. One that leaves a capability unserved, or takes one over that the configured release does not export, needs --allow-lost or
--allow-gained. If no host runs, the next start uses the release. Several hosts on one PostgreSQL have their loaded releases each of its
own: load it into every host.

Examples:
  tillhouse plugin load acme_shop.wasm --merchant acme --config tillhouse.toml    # with plugin.toml or acme_shop.toml beside it
  tillhouse plugin load acme_shop.wasm --merchant acme --socket data/admin.sock

Exit codes: 0 in force, 1 refused, 2 usage error, 3 neither a host nor a store could be reached.")]
pub(in crate::cli) struct Load {
    /// Component (.wasm), with plugin.toml, or a manifest of the same name, beside it.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Merchant whose plugin is replaced.
    #[arg(long, value_name = "ID")]
    merchant: String,
    /// Manifest, if it is not the one beside the component.
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    #[command(flatten)]
    allow: Allow,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    store_access: StoreAccess,
}

/// What the operator allows the change to do to the merchant.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Allow {
    /// Allow capabilities that no plugin of the merchant serves any more. Never payments while an attempt is open.
    #[arg(long)]
    allow_lost: bool,
    /// Allow the release to take over capabilities from another plugin or the bundled shop that the configured one does not export.
    #[arg(long)]
    allow_gained: bool,
}

impl Allow {
    pub(super) fn changes(self) -> AllowedChanges {
        AllowedChanges {
            lost: self.allow_lost,
            gained: self.allow_gained,
        }
    }
}

impl Load {
    pub(super) async fn run(self) -> ExitCode {
        let request = match self.request() {
            Ok(request) => request,
            Err(error) => return error.report(self.store_access.json),
        };
        let json = self.store_access.json;
        let show = |replaced: &PluginReplaced| {
            if !json {
                print_replaced(replaced);
            }
            true
        };
        Box::pin(self.store_access.ask_and_print(request, Needs::Plugins, show)).await
    }

    /// Read the release, and check what needs no host: its problems have their place in the plugin's files.
    fn request(&self) -> Result<LoadPlugin, VerbError> {
        if !self.file.is_file() {
            return Err(VerbError::Usage(format!(
                "{} is not a file: give the component that tillhouse plugin build prints",
                self.file.display()
            )));
        }
        let path = PluginPath {
            path: self.file.clone(),
            manifest: self.manifest.clone(),
        };
        let plugin = path.find()?.build()?;
        if let Some(config) = &self.store_access.config {
            check_configuration(config, &self.merchant, &plugin)?;
        }
        output::print_progress(&format!("loading {}", plugin.artifact.name()));
        let file = std::fs::canonicalize(&self.file).unwrap_or_else(|_| self.file.clone());
        Ok(LoadPlugin {
            merchant: MerchantId::new(self.merchant.as_str()),
            component: plugin.artifact.bytes,
            file: display(&file),
            manifest: plugin.artifact.manifest_text.unwrap_or_default(),
            manifest_name: plugin.artifact.manifest_name,
            allowed: self.allow.changes(),
            actor: self.actor.actor.clone(),
        })
    }
}

fn display(path: &Path) -> String {
    path.display().to_string()
}

/// Print what is in force now, and what was before.
pub(super) fn print_replaced(replaced: &PluginReplaced) {
    let (merchant, plugin) = (&replaced.merchant, &replaced.plugin);
    let now = release(&replaced.now);
    if !replaced.changed {
        return print_line(&format!("merchant {merchant}: {plugin} {now} is already in force"));
    }
    let before = replaced
        .before
        .as_ref()
        .map_or_else(|| "none that could be used".to_owned(), release);
    print_line(&format!(
        "merchant {merchant}: {plugin} {now} is in force; before: {before}"
    ));
    for (what, capabilities) in [("gained", &replaced.gained), ("lost", &replaced.lost)] {
        if !capabilities.is_empty() {
            print_line(&format!("  {what}: {}", capabilities.join(", ")));
        }
    }
}

/// Version and the beginning of the digest.
pub(super) fn release(view: &ReleaseView) -> String {
    format!("{} ({})", view.version, short(&view.sha256))
}

/// The beginning of a digest, as tables show it. The whole is in the JSON document.
pub(super) fn short(sha256: &str) -> &str {
    sha256.get(..12).unwrap_or(sha256)
}
