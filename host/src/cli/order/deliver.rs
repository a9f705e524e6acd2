//! `tillhouse order deliver`.

use std::process::ExitCode;

use clap::Args;

use super::{Named, print_changed};
use crate::cli::store_access::{Actor, Needs, StoreAccess};
use tillhouse_payments::operator::orders::{ChangedOrderView, DeliverOrder};

/// Parcels have reached the buyer.
#[derive(Debug, Args)]
pub(in crate::cli) struct Deliver {
    #[command(flatten)]
    named: Named,
    /// What you call the change. Derived from the other arguments if omitted.
    #[arg(long)]
    id: Option<String>,
    /// Parcel that was delivered; may be repeated. All that are under way if omitted.
    #[arg(long = "parcel")]
    parcels: Vec<String>,
    /// Where, which the buyer reads.
    #[arg(long)]
    location: Option<String>,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Deliver {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        let (merchant, order) = self.named.parts();
        let request = DeliverOrder {
            merchant,
            order,
            id: self.id,
            parcels: self.parcels,
            location: self.location,
            actor: self.actor.actor,
        };
        let json = self.store_access.json;
        let show = |changed: &ChangedOrderView| {
            if !json {
                print_changed(changed);
            }
            true
        };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}
