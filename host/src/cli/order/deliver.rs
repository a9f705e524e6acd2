//! `tillhouse order deliver`: parcels have reached the buyer.

use std::process::ExitCode;

use clap::Args;

use super::{Named, ask_for_change};
use crate::cli::store_access::{Actor, StoreAccess};
use tillhouse_payments::operator::orders::DeliverOrder;

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
        ask_for_change(&self.store_access, request).await
    }
}
