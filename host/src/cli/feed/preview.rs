//! `tillhouse feed preview`: what an upload would send.

use std::process::ExitCode;

use clap::Args;

use super::Target;
use crate::cli::store_access::{Needs, StoreAccess};
use tillhouse_checkout::feed::preview::FeedPreview;
use tillhouse_console::table::{Table, print_line};
use tillhouse_payments::operator::feeds::PreviewFeed;

/// Show what an upload would send now: how many rows, which rules they break, the first of them. Nothing is sent.
///
/// Exit code 1 if rows would be left out, or the whole upload refused.
#[derive(Debug, Args)]
pub(in crate::cli) struct Preview {
    #[command(flatten)]
    target: Target,
    /// Number of rows to show.
    #[arg(long, default_value_t = 5)]
    rows: usize,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Preview {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        let request = PreviewFeed {
            target: self.target.into(),
            rows: self.rows,
        };
        let json = self.store_access.json;
        let show = |preview: &FeedPreview| {
            if !json {
                print_preview(preview);
            }
            preview.refused.is_none() && preview.withheld == 0
        };
        Box::pin(self.store_access.ask_and_print(request, Needs::Plugins, show)).await
    }
}

fn print_preview(preview: &FeedPreview) {
    print_line(&format!(
        "{} feed of {} to {} by {} ({}), version {} of the catalog",
        preview.feed, preview.merchant, preview.destination, preview.transport, preview.mode, preview.version
    ));
    print_line(&format!(
        "{} rows would be sent, {} of them to delete; {} would be left out; {} of at most {} bytes",
        preview.sent, preview.deletes, preview.withheld, preview.bytes, preview.max_bytes
    ));
    if let Some(refused) = &preview.refused {
        print_line(&format!("would be refused: {refused}"));
    }
    if !preview.problems.is_empty() {
        let mut table = Table::of([
            "rule",
            "rows",
            "left out",
            "first item",
            "line",
            "column",
            "what is wrong there",
        ]);
        for it in &preview.problems {
            table.row([
                it.rule.clone(),
                it.rows.to_string(),
                if it.withholds { "yes" } else { "no" }.to_owned(),
                it.item.to_string(),
                it.line.to_string(),
                it.column.clone(),
                format!("{}; {}", it.message, it.help),
            ]);
        }
        table.print("");
    }
    for row in &preview.first {
        let cells = preview.columns.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        let cells: Vec<_> = cells.map(|(name, cell)| format!("{name}={cell}")).collect();
        print_line(&cells.join(" | "));
    }
}
