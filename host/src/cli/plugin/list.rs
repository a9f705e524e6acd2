//! `tillhouse plugin list`: the releases that serve the merchants.

use std::process::ExitCode;

use clap::Args;

use super::load::{release, short};
use crate::cli::store_access::{Needs, StoreAccess};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_console::table::{Table, or_dash, print_line};
use tillhouse_payments::operator::served::{ListPlugins, PluginList, PluginView, ReleaseSource};

/// List the plugins in force: which release, since when, from where, what it decides, and what `plugin back` leads to.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillhouse plugin list --config tillhouse.toml
  tillhouse plugin list --merchant acme --socket data/admin.sock --json

Exit codes: 0 done, 2 usage error, 3 neither a host nor a store could be reached.")]
pub(in crate::cli) struct List {
    /// Only the plugins of this merchant.
    #[arg(long, value_name = "ID")]
    merchant: Option<String>,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl List {
    pub(super) async fn run(self) -> ExitCode {
        let request = ListPlugins {
            merchant: self.merchant.map(MerchantId::new),
        };
        let json = self.store_access.json;
        let show = |list: &PluginList| {
            if !json {
                print_plugins(list);
            }
            true
        };
        Box::pin(self.store_access.ask_and_print(request, Needs::Plugins, show)).await
    }
}

fn print_plugins(list: &PluginList) {
    let mut table = Table::of([
        "merchant", "plugin", "version", "sha256", "from", "since", "decides", "before",
    ]);
    for it in &list.plugins {
        table.row([
            it.merchant.to_string(),
            it.plugin.clone(),
            it.release.version.clone(),
            short(&it.release.sha256).to_owned(),
            source(it),
            it.since.clone(),
            it.serves.join(", "),
            or_dash(it.previous.as_ref().map(release).as_ref()),
        ]);
    }
    table.print("no plugins");
    for it in &list.plugins {
        if let Some(configured) = &it.configured {
            print_line(&format!(
                "merchant {}: the configuration names {} {}; {} was loaded over it and stands until tillhouse plugin back --to-configured",
                it.merchant,
                it.plugin,
                release(configured),
                release(&it.release)
            ));
        }
    }
    for (merchant, plugin) in &list.unused {
        print_line(&format!(
            "merchant {merchant}: a release was loaded for {plugin}, which the configuration does not have; it is not used"
        ));
    }
    for it in &list.out_of_service {
        print_line(&format!(
            "merchant {} is out of service: {}",
            it.merchant,
            it.problems.join("; ")
        ));
    }
}

fn source(view: &PluginView) -> String {
    let name = match view.release.source {
        ReleaseSource::Configuration => "configuration",
        ReleaseSource::Loaded => "loaded",
        ReleaseSource::Bundled => "bundled",
    };
    match &view.release.file {
        Some(file) => format!("{name}: {file}"),
        None => name.to_owned(),
    }
}
