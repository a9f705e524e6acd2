//! `tillhouse order refund`: ask for a refund.

use std::process::ExitCode;

use clap::Args;

use super::Named;
use super::line_units::parse_line_units;
use crate::cli::store_access::{Actor, Needs, StoreAccess};
use tillhouse_checkout::decision::LineUnits;
use tillhouse_checkout::money::format_minor;
use tillhouse_console::table::print_line;
use tillhouse_payments::operator::refunds::{AskedRefund, RefundOrder};

/// Ask for a refund. The host sends it once, looks up what became of it, and tells agents, plugin and Stripe.
#[derive(Debug, Args)]
pub(in crate::cli) struct Refund {
    #[command(flatten)]
    named: Named,
    /// What you call the refund, for example the number of the return: the same id never refunds twice.
    #[arg(long)]
    id: String,
    /// Amount to refund, tax included, in the currency of the order: 12.00. All that is left if omitted.
    #[arg(long)]
    amount: Option<String>,
    /// Lines that it is about, each with a quantity: mug:1,tee:2. The whole order if omitted.
    #[arg(long, value_name = "LINE:QUANTITY", value_delimiter = ',', value_parser = parse_line_units)]
    lines: Vec<LineUnits>,
    /// Reason, which the buyer reads.
    #[arg(long)]
    reason: Option<String>,
    /// Code of the reason: `damaged`, `not_received` …
    #[arg(long)]
    code: Option<String>,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Refund {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        let (merchant, order) = self.named.parts();
        let request = RefundOrder {
            merchant,
            order,
            id: self.id,
            amount: self.amount,
            lines: self.lines,
            reason: self.reason,
            code: self.code,
            actor: self.actor.actor,
        };
        let json = self.store_access.json;
        let show = |asked: &AskedRefund| {
            if !json {
                let it = &asked.refund;
                let when = if asked.is_new { "" } else { "was asked for before and " };
                print_line(&format!(
                    "refund {} of order {} over {} {when}is {}",
                    it.id,
                    it.order,
                    format_minor(it.amount, &it.currency),
                    it.state.name()
                ));
            }
            true
        };
        self.store_access.ask_and_print(request, Needs::Plugins, show).await
    }
}
