//! `tillhouse feed increment`: upload what has changed.

use std::process::ExitCode;

use clap::Args;

use crate::cli::store_access::{Needs, StoreAccess};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_console::table::print_line;
use tillhouse_payments::operator::feed_changes::{ComparedView, UploadChanges};

/// Upload what has changed of stock and prices since it was uploaded, now and not when the interval is over.
#[derive(Debug, Args)]
pub(in crate::cli) struct Increment {
    /// Merchant whose feed it is. May be left out where only one has a destination.
    #[arg(long, value_name = "ID")]
    merchant: Option<String>,
    /// Destination: `stripe`, or the name of an agent's endpoint. May be left out where the merchant has only one.
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Increment {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        let request = UploadChanges {
            merchant: self.merchant.map(MerchantId::new),
            destination: self.to,
        };
        let json = self.store_access.json;
        let show = |compared: &ComparedView| {
            if !json {
                print_line(&text(compared));
            }
            true
        };
        Box::pin(self.store_access.ask_and_print(request, Needs::Plugins, show)).await
    }
}

fn text(compared: &ComparedView) -> String {
    let ComparedView {
        items, changed, rows, ..
    } = compared;
    match (&compared.waits, &compared.upload) {
        (Some(why), _) => format!("nothing is uploaded now: {why}"),
        (None, Some(upload)) => format!(
            "{items} items compared, {changed} are not as they were uploaded; upload {upload} with {rows} rows is asked for"
        ),
        (None, None) => format!("{items} items compared; all are as they were uploaded"),
    }
}
