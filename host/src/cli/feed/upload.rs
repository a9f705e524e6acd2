//! `tillhouse feed upload`: ask for an upload.

use std::process::ExitCode;

use clap::Args;

use super::Target;
use crate::cli::store_access::{Actor, Needs, StoreAccess};
use tillhouse_console::table::print_line;
use tillhouse_payments::operator::feeds::{FeedView, UploadFeed};

/// Ask for an upload of the catalog as it is in force now. The host uploads it, or goes on with it when it is started.
#[derive(Debug, Args)]
pub(in crate::cli) struct Upload {
    #[command(flatten)]
    target: Target,
    /// Upload even while another upload to the destination is open. Which of the two is taken last is not certain then.
    #[arg(long)]
    beside: bool,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Upload {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        let request = UploadFeed {
            target: self.target.into(),
            beside: self.beside,
            actor: self.actor.actor,
        };
        let json = self.store_access.json;
        let show = |upload: &FeedView| {
            if !json {
                print_line(&format!(
                    "upload {} of version {} of the catalog to {} is asked for; see tillhouse feed status {}",
                    upload.id, upload.version, upload.destination, upload.id
                ));
            }
            true
        };
        Box::pin(self.store_access.ask_and_print(request, Needs::Plugins, show)).await
    }
}
