//! `tillhouse order`: what became of orders after they were placed.

mod cancel;
mod deliver;
mod line_units;
mod list;
mod refund;
mod settle_refund;
mod ship;
mod show;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::store_access::{Needs, StoreAccess};
use tillhouse_checkout::ids::{MerchantId, OrderId};
use tillhouse_console::table::print_line;
use tillhouse_payments::operator::OperatorRequest;
use tillhouse_payments::operator::orders::ChangedOrderView;

/// List and show orders, and say what became of them. Every change goes to the agents' webhooks and to the merchant's plugin.
#[derive(Debug, Subcommand)]
pub(super) enum Order {
    /// List orders, newest first.
    List(list::List),
    /// Show one order: lines, parcels, adjustments and refunds.
    Show(show::Show),
    /// A parcel, pickup or download is on its way, or something is new of one.
    Ship(ship::Ship),
    /// Parcels have reached the buyer.
    Deliver(deliver::Deliver),
    /// Cancel what has not left the merchant, and refund what was paid for it.
    Cancel(cancel::Cancel),
    /// Ask for a refund.
    Refund(refund::Refund),
    /// State the outcome of a refund that the host cannot determine.
    SettleRefund(settle_refund::SettleRefund),
}

/// Which order of which merchant.
#[derive(Debug, Args)]
struct Named {
    /// Id of the order.
    order: String,
    /// Merchant that sold the order; needed only if several have an order with this id.
    #[arg(long)]
    merchant: Option<String>,
}

impl Named {
    fn parts(self) -> (Option<MerchantId>, OrderId) {
        (self.merchant.map(MerchantId::new), OrderId::new(self.order))
    }
}

impl Order {
    pub(super) async fn run(self) -> ExitCode {
        match self {
            Self::List(list) => list.run().await,
            Self::Show(show) => show.run().await,
            Self::Ship(ship) => ship.run().await,
            Self::Deliver(deliver) => deliver.run().await,
            Self::Cancel(cancel) => cancel.run().await,
            Self::Refund(refund) => refund.run().await,
            Self::SettleRefund(settle) => settle.run().await,
        }
    }
}

/// Ask for a change of an order, and print what it has made of the order.
async fn ask_for_change<Q: OperatorRequest<Answer = ChangedOrderView>>(access: &StoreAccess, request: Q) -> ExitCode {
    let show = |changed: &ChangedOrderView| {
        if !access.json {
            print_changed(changed);
        }
        true
    };
    access.ask_and_print(request, Needs::Store, show).await
}

/// What a change has made of an order.
fn print_changed(changed: &ChangedOrderView) {
    let order = &changed.order;
    let (status, revision) = (order.status.name(), order.revision);
    if changed.repeated {
        print_line(&format!(
            "order {} is {status} (revision {revision}): {} was done before; another of the same kind needs an --id of its own",
            order.id, changed.change
        ));
    } else {
        print_line(&format!(
            "order {} is {status} (revision {revision}): {}",
            order.id, changed.change
        ));
    }
}
