//! `tillhouse feed export-acp`: the feed as files, for an agent that takes all products as files.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::cli::store_access::{Needs, StoreAccess};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_console::table::print_line;
use tillhouse_payments::operator::feed_changes::{ExportAcpFeed, ExportedView};

/// Write the feed of an agent's endpoint into a folder: `metadata.json` and `products.jsonl`, as ACP 2026-04-17 defines them. Files
/// replace all products that the agent has. The host writes them.
#[derive(Debug, Args)]
pub(in crate::cli) struct ExportAcp {
    /// Folder for the files; it is made if it does not exist.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Merchant whose feed it is. May be left out where only one has a destination.
    #[arg(long, value_name = "ID")]
    merchant: Option<String>,
    /// Name of the agent's endpoint. May be left out where the merchant has only one destination.
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl ExportAcp {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        let request = ExportAcpFeed {
            merchant: self.merchant.map(MerchantId::new),
            destination: self.to,
            // The host may have another working directory.
            to: std::path::absolute(&self.folder).unwrap_or(self.folder),
        };
        let json = self.store_access.json;
        let show = |exported: &ExportedView| {
            if !json {
                print_line(&format!(
                    "{} products with {} variants, {} bytes, in {}",
                    exported.products,
                    exported.variants,
                    exported.bytes,
                    exported.folder.display()
                ));
            }
            true
        };
        Box::pin(self.store_access.ask_and_print(request, Needs::Plugins, show)).await
    }
}
