//! `tillhouse order settle-refund`: state the outcome of a refund that the host cannot determine.

use std::process::ExitCode;

use clap::{ArgGroup, Args};

use super::Named;
use crate::cli::store_access::{Actor, Needs, StoreAccess};
use tillhouse_console::table::print_line;
use tillhouse_payments::operator::refunds::{SettleRefund as SettleRequest, SettledRefund};

/// State the outcome of a refund that is pending, unknown or `needs_review`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("verdict").required(true))]
pub(in crate::cli) struct SettleRefund {
    #[command(flatten)]
    named: Named,
    /// What the refund was called when it was asked for.
    #[arg(long)]
    id: String,
    /// The money went back, under this reference of the processor.
    #[arg(long, value_name = "REF", group = "verdict")]
    refunded: Option<String>,
    /// The money did not go back and will not.
    #[arg(long, group = "verdict")]
    not_refunded: bool,
    /// How you know, for the audit log: 1 to 1000 characters, no card data.
    #[arg(long, value_name = "TEXT")]
    evidence: String,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl SettleRefund {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        let (merchant, order) = self.named.parts();
        let request = SettleRequest {
            merchant,
            order,
            id: self.id,
            refunded: self.refunded,
            evidence: self.evidence,
            actor: self.actor.actor,
        };
        let json = self.store_access.json;
        let show = |settled: &SettledRefund| {
            if !json {
                let (was, now) = (settled.was.name(), settled.refund.state.name());
                print_line(&format!("refund {} was {was} and is {now}", settled.refund.id));
            }
            true
        };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}
