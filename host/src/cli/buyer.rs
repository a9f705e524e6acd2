//! `tillhouse buyer`: erase what identifies a person.

use std::process::ExitCode;

use clap::{ArgGroup, Args, Subcommand};

use super::store_access::{Actor, Needs, StoreAccess};
use tillhouse_checkout::ids::{MerchantId, OrderId, SessionId};
use tillhouse_console::table::{Table, or_dash, print_line};
use tillhouse_payments::operator::buyers::{EraseBuyer, ErasedBuyer};

/// What the host keeps of buyers.
#[derive(Debug, Subcommand)]
pub(super) enum Buyer {
    /// Erase names, addresses, e-mail addresses, telephone numbers, free text and devices from checkouts and payments. Amounts,
    /// references and the audit log stay. Open checkouts are canceled. Data that plugins keep, backups, and what was sent to others are
    /// not reached.
    Erase(Erase),
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("buyer").required(true))]
pub(super) struct Erase {
    /// Every checkout with this e-mail address of a buyer or a recipient. Reads all checkouts.
    #[arg(long, group = "buyer")]
    email: Option<String>,
    /// One checkout session, by its id.
    #[arg(long, group = "buyer")]
    session: Option<String>,
    /// The checkout session of this order.
    #[arg(long, group = "buyer")]
    order: Option<String>,
    /// Only checkouts of this merchant.
    #[arg(long)]
    merchant: Option<String>,
    /// Say what would be erased, and change nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Buyer {
    pub(super) async fn run(self) -> ExitCode {
        match self {
            Self::Erase(erase) => erase.run().await,
        }
    }
}

impl Erase {
    async fn run(self) -> ExitCode {
        let request = EraseBuyer {
            merchant: self.merchant.map(MerchantId::new),
            email: self.email,
            session: self.session.map(SessionId::new),
            order: self.order.map(OrderId::new),
            dry_run: self.dry_run,
            actor: self.actor.actor,
        };
        let json = self.store_access.json;
        let show = |erased: &ErasedBuyer| {
            if !json {
                print_erased(erased);
            }
            true
        };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}

fn print_erased(erased: &ErasedBuyer) {
    let mut table = Table::of(["session", "merchant", "state", "order"]);
    for it in &erased.sessions {
        table.row([
            it.session.to_string(),
            it.merchant.to_string(),
            it.state.clone(),
            or_dash(it.order.as_ref()),
        ]);
    }
    table.print("no sessions");
    let rows = &erased.rows;
    let verb = if erased.dry_run { "would erase" } else { "erased" };
    print_line(&format!(
        "{verb}: {} sessions, {} attempts, {} messages, {} recorded answers, {} carts, {} received events",
        rows.sessions, rows.attempts, rows.messages, rows.answers, rows.carts, rows.events
    ));
}
