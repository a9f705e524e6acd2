//! `tillhouse order cancel`: what has not left the merchant is not sent.

use std::process::ExitCode;

use clap::Args;

use super::line_units::parse_line_units;
use super::{Named, print_changed};
use crate::cli::store_access::{Actor, Needs, StoreAccess};
use tillhouse_checkout::decision::LineUnits;
use tillhouse_checkout::money::format_minor;
use tillhouse_console::table::print_line;
use tillhouse_payments::operator::orders::{CancelOrder, CanceledOrder};

/// Cancel what has not left the merchant, and refund what was paid for it.
#[derive(Debug, Args)]
pub(in crate::cli) struct Cancel {
    #[command(flatten)]
    named: Named,
    /// What you call the cancellation and its refund. Derived from the other arguments if omitted.
    #[arg(long)]
    id: Option<String>,
    /// Lines to cancel, each with a quantity: mug:1,tee:2. Everything that has not left the merchant if omitted.
    #[arg(long, value_name = "LINE:QUANTITY", value_delimiter = ',', value_parser = parse_line_units)]
    lines: Vec<LineUnits>,
    /// Reason, which the buyer reads.
    #[arg(long)]
    reason: Option<String>,
    /// Code of the reason: `out_of_stock`, `changed_mind` …
    #[arg(long)]
    code: Option<String>,
    /// Cancel without a refund: the money was returned in another way.
    #[arg(long)]
    no_refund: bool,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Cancel {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        let (merchant, order) = self.named.parts();
        let request = CancelOrder {
            merchant,
            order,
            id: self.id,
            lines: self.lines,
            reason: self.reason,
            code: self.code,
            refund: !self.no_refund,
            actor: self.actor.actor,
        };
        let json = self.store_access.json;
        let show = |canceled: &CanceledOrder| {
            if !json {
                print_canceled(canceled);
            }
            canceled.refund_error.is_none()
        };
        // A refund asks the processor's plugin what it can do.
        self.store_access.ask_and_print(request, Needs::Plugins, show).await
    }
}

fn print_canceled(canceled: &CanceledOrder) {
    print_changed(&canceled.changed);
    if let Some(refund) = &canceled.refund {
        let amount = format_minor(refund.amount, &refund.currency);
        print_line(&format!(
            "refund {} over {amount} is {}",
            refund.id,
            refund.state.name()
        ));
    }
    if let Some(problem) = &canceled.refund_error {
        print_line(&format!("the order is canceled, and not refunded: {problem}"));
    }
}
