//! `tillhouse order ship`: a new parcel, or news of one.

use std::process::ExitCode;

use clap::Args;

use super::line_units::parse_line_units;
use super::{Named, ask_for_change};
use crate::cli::store_access::{Actor, StoreAccess};
use tillhouse_checkout::decision::LineUnits;
use tillhouse_checkout::time::Timestamp;
use tillhouse_payments::operator::orders::{ShipOrder, Shipment};
use tillhouse_payments::operator::timestamp;

/// A parcel, pickup or download is on its way, or something is new of one.
#[derive(Debug, Args)]
pub(in crate::cli) struct Ship {
    #[command(flatten)]
    named: Named,
    /// What you call the change: the same id never ships twice. Derived from the other arguments if omitted.
    #[arg(long)]
    id: Option<String>,
    /// Id of the parcel; one that is known is updated. The id of the change if omitted.
    #[arg(long)]
    parcel: Option<String>,
    /// shipping, pickup or digital.
    #[arg(long)]
    kind: Option<String>,
    /// `shipped` for a new parcel and that of a known one if omitted; also `processing`, `in_transit`, `out_for_delivery`, `ready_for_pickup`, failed, canceled …
    #[arg(long)]
    status: Option<String>,
    /// Lines in it, each with a quantity: mug:1,tee:2. Everything that is in no other parcel if omitted.
    #[arg(long, value_name = "LINE:QUANTITY", value_delimiter = ',', value_parser = parse_line_units)]
    lines: Vec<LineUnits>,
    /// Name of the carrier.
    #[arg(long)]
    carrier: Option<String>,
    /// Tracking number at the carrier.
    #[arg(long, value_name = "NUMBER")]
    tracking: Option<String>,
    /// Page where the parcel can be tracked.
    #[arg(long, value_name = "URL")]
    tracking_url: Option<String>,
    /// Description, which the buyer reads.
    #[arg(long)]
    description: Option<String>,
    /// Earliest time of arrival: 2026-11-21T19:09:23Z or 2026-11-21.
    #[arg(long, value_parser = timestamp::parse)]
    earliest: Option<Timestamp>,
    /// Latest time of arrival.
    #[arg(long, value_parser = timestamp::parse)]
    latest: Option<Timestamp>,
    /// Where the buyer gets a download (kind digital).
    #[arg(long, value_name = "URL")]
    download: Option<String>,
    /// License key of a download.
    #[arg(long, value_name = "KEY")]
    license_key: Option<String>,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Ship {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        let (merchant, order) = self.named.parts();
        let request = ShipOrder {
            merchant,
            order,
            id: self.id,
            shipment: Shipment {
                parcel: self.parcel,
                kind: self.kind,
                status: self.status,
                lines: self.lines,
                carrier: self.carrier,
                tracking: self.tracking,
                tracking_url: self.tracking_url,
                description: self.description,
                earliest: self.earliest,
                latest: self.latest,
                download: self.download,
                license_key: self.license_key,
            },
            actor: self.actor.actor,
        };
        ask_for_change(&self.store_access, request).await
    }
}
