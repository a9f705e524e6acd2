//! `tillhouse order show`: one order with what became of it.

use std::process::ExitCode;

use clap::Args;

use super::Named;
use crate::cli::store_access::{Needs, StoreAccess};
use tillhouse_checkout::decision::LineUnits;
use tillhouse_checkout::money::format_minor;
use tillhouse_console::table::{or_dash, print_line};
use tillhouse_payments::operator::orders::{AdjustmentView, FulfillmentView, OrderDetail, OrderView, ShowOrder};
use tillhouse_payments::operator::refunds::RefundView;

/// Show one order: lines, parcels, adjustments and refunds.
#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Show {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        let (merchant, order) = self.named.parts();
        let json = self.store_access.json;
        let show = |detail: &OrderDetail| {
            if !json {
                print_order(&detail.order);
                detail.refunds.refunds.iter().for_each(print_refund);
                let left = format_minor(detail.refunds.left, &detail.order.currency);
                print_line(&format!("{:<11} {left}", "refundable"));
            }
            true
        };
        let request = ShowOrder { merchant, order };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}

fn print_order(it: &OrderView) {
    let rows = [
        ("order", it.id.to_string()),
        ("number", or_dash(it.number.as_ref())),
        ("merchant", it.merchant.to_string()),
        ("session", it.session.to_string()),
        ("attempt", it.attempt.to_string()),
        ("status", it.status.name().to_owned()),
        ("revision", it.revision.to_string()),
        ("captured", format_minor(it.captured, &it.currency)),
        ("refunded", format_minor(it.refunded, &it.currency)),
        ("placed", it.created.clone()),
        ("page", it.permalink.clone()),
    ];
    for (name, value) in rows {
        print_line(&format!("{name:<11} {value}"));
    }
    for line in &it.lines {
        let (ordered, current, fulfilled) = (line.ordered, line.current, line.fulfilled);
        let away = line.dispatched;
        print_line(&format!(
            "line        {}: {ordered} ordered, {current} current, {away} dispatched, {fulfilled} fulfilled",
            line.line
        ));
    }
    it.fulfillments.iter().for_each(print_fulfillment);
    it.adjustments
        .iter()
        .for_each(|adjustment| print_adjustment(adjustment, &it.currency));
}

fn print_fulfillment(it: &FulfillmentView) {
    let carrier = or_dash(it.carrier.as_ref());
    let tracking = or_dash(it.tracking_number.as_ref());
    print_line(&format!(
        "parcel      {} ({}): {}, {carrier} {tracking}, {}",
        it.id,
        it.kind,
        it.status,
        listed(&it.lines)
    ));
    for event in &it.events {
        print_line(&format!("            {} {}", event.at, event.kind));
    }
}

fn print_adjustment(it: &AdjustmentView, currency: &str) {
    let amount = it
        .amount
        .map_or_else(|| "no money".to_owned(), |minor| format_minor(minor, currency));
    print_line(&format!(
        "adjustment  {} ({}): {}, {amount}, {}",
        it.id,
        it.kind,
        it.status,
        listed(&it.lines)
    ));
}

fn print_refund(it: &RefundView) {
    let amount = format_minor(it.amount, &it.currency);
    print_line(&format!("refund      {}: {} over {amount}", it.id, it.state.name()));
}

fn listed(lines: &[LineUnits]) -> String {
    if lines.is_empty() {
        return "the whole order".to_owned();
    }
    let lines: Vec<String> = lines.iter().map(|it| format!("{}:{}", it.line, it.quantity)).collect();
    lines.join(",")
}
