//! `tillhouse feed upload`: ask for an upload.

use std::process::ExitCode;

use clap::Args;

use super::{Target, print_uploads, waiting};
use crate::cli::store_access::{Actor, Answerer, Needs, StoreAccess, StoreAccessError};
use tillhouse_checkout::feed::FeedStatus;
use tillhouse_console::table::print_line;
use tillhouse_payments::operator::feeds::{FeedView, UploadFeed};

/// Ask for an upload of the catalog as it is in force now. The host uploads it, or goes on with it when it is started.
///
/// With --wait, exit code 1 if a row was refused, or the whole upload has failed. If the command is stopped, the upload goes on.
#[derive(Debug, Args)]
pub(in crate::cli) struct Upload {
    #[command(flatten)]
    target: Target,
    /// Upload even while another upload to the destination is open. Which of the two is taken last is not certain then.
    #[arg(long)]
    beside: bool,
    /// Wait until the upload is over, and say what became of it. Needs a running host.
    #[arg(long)]
    wait: bool,
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
        let (wait, json) = (self.wait, self.store_access.json);
        let ask = async |answerer: Answerer<'_>| {
            if wait && matches!(answerer, Answerer::Store(_)) {
                return Err(StoreAccessError::Unreachable(
                    "no host runs that would upload it; start one, or leave --wait out".to_owned(),
                ));
            }
            let asked = answerer.answer(request).await?;
            match wait {
                true => waiting::until_over(answerer, asked, json).await,
                false => Ok(asked),
            }
        };
        let answer = Box::pin(self.store_access.with(Needs::Plugins, ask)).await;
        self.store_access.print_answer(answer, |upload| {
            if !json {
                print_upload(upload, wait);
            }
            upload.open || upload.status == FeedStatus::Succeeded
        })
    }
}

fn print_upload(upload: &FeedView, is_over: bool) {
    let id = &upload.id;
    if !is_over {
        return print_line(&format!(
            "upload {id} of version {} of the catalog to {} is asked for; see tillhouse feed status {id}",
            upload.version, upload.destination
        ));
    }
    print_uploads(std::slice::from_ref(upload), "");
    if upload.withheld > 0 || upload.refused.is_some_and(|refused| refused > 0) {
        print_line(&format!(
            "rows that were refused or not sent: tillhouse feed errors {id}"
        ));
    }
}
