//! `tillhouse feed abandon`: give an upload up.

use std::process::ExitCode;

use clap::Args;

use crate::cli::store_access::{Actor, Needs, StoreAccess};
use tillhouse_checkout::ids::FeedUploadId;
use tillhouse_console::table::print_line;
use tillhouse_payments::operator::feeds::{AbandonFeed, FeedView};

/// Give an open upload up, so that later ones to its destination go on. What the other party has of it may still be taken.
#[derive(Debug, Args)]
pub(in crate::cli) struct Abandon {
    /// Id of the upload: `feed_…`.
    #[arg(value_name = "UPLOAD")]
    upload: String,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Abandon {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        let request = AbandonFeed {
            upload: FeedUploadId::new(self.upload),
            actor: self.actor.actor,
        };
        let json = self.store_access.json;
        let show = |abandoned: &FeedView| {
            if !json {
                print_line(&format!("{} is given up", abandoned.id));
            }
            true
        };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}
