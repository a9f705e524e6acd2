//! `tillhouse plugin back`: the release before the one that was loaded.

use std::process::ExitCode;

use clap::Args;

use super::load::{Allow, print_replaced};
use crate::cli::store_access::{Actor, Needs, StoreAccess};
use tillhouse_checkout::ids::{MerchantId, PluginId};
use tillhouse_payments::operator::served::{PluginReplaced, RevertPlugin};

/// Put the release before the loaded one back into force: the one that was loaded before it, or the configured one.
///
/// It is checked again, with the configuration that the host was started with, and replaces the current one without a dropped
/// request. Each call goes back by one; the host keeps the last ten loaded releases of a plugin.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillhouse plugin back --merchant acme --config tillhouse.toml
  tillhouse plugin back --merchant acme --plugin acme-shop --to-configured --config tillhouse.toml

Exit codes: 0 in force, 1 refused, 2 usage error, 3 neither a host nor a store could be reached.")]
pub(in crate::cli) struct Back {
    /// Merchant whose plugin goes back.
    #[arg(long, value_name = "ID")]
    merchant: String,
    /// Plugin that goes back. Needed if several plugins of the merchant have loaded releases.
    #[arg(long, value_name = "ID")]
    plugin: Option<String>,
    /// Go back to the release that the configuration names, and forget every loaded one.
    #[arg(long)]
    to_configured: bool,
    #[command(flatten)]
    allow: Allow,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Back {
    pub(super) async fn run(self) -> ExitCode {
        let request = RevertPlugin {
            merchant: MerchantId::new(self.merchant),
            plugin: self.plugin.map(PluginId::new),
            to_configured: self.to_configured,
            allowed: self.allow.changes(),
            actor: self.actor.actor,
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
}
