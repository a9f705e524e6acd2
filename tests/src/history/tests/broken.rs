//! Changes that break a good history, each with the invariant that must detect it.

use super::*;

fn with_total(kind: &str, minor: Option<i64>) -> ShownCheckout {
    let mut shown = shown(Status::Completed);
    for entry in shown.totals.iter_mut().filter(|entry| entry.kind == kind) {
        entry.minor = minor;
    }
    shown
}

/// A change to a good history.
type Change = fn(&mut History);

/// The broken invariant, a description, and the change.
pub(super) const BROKEN: &[(Invariant, &str, Change)] = &[
    (Invariant::I1, "a checkout is charged twice", |h| {
        h.ledgers.charges.push(charge("pa_2", 5_425));
        h.ledgers.reports.push(report("pa_2", 5_425));
        h.ledgers.attempts.push(attempt("pa_2", "cs_1"));
    }),
    (Invariant::I2, "a charge has no order", |h| {
        h.ledgers.final_states = vec![final_state(shown(Status::Open))];
    }),
    (Invariant::I2, "a charge belongs to no checkout", |h| {
        h.ledgers.attempts.clear();
    }),
    (Invariant::I2, "a checkout has two orders", |h| {
        h.ledgers.final_states[0].shown.order = Some("ord_2".to_owned());
    }),
    (
        Invariant::I2,
        "a charge of the right amount waits for manual settlement for ever",
        |h| {
            h.ledgers.final_states = vec![FinalState {
                in_review: true,
                ..final_state(shown(Status::InProgress))
            }];
        },
    ),
    (Invariant::I2, "a payment of another party is lost", |h| {
        h.ledgers.outside = vec![outside_payment("psp_1", Kept::Nothing)];
    }),
    (Invariant::I1, "two payments of another party pay one order", |h| {
        h.ledgers.outside = vec![
            outside_payment("psp_1", Kept::Order),
            outside_payment("psp_2", Kept::Order),
        ];
    }),
    (Invariant::I3, "an order has no charge", |h| h.ledgers.charges.clear()),
    (Invariant::I3, "an order is charged another amount", |h| {
        h.ledgers.charges[0].amount = 5_424;
        h.ledgers.reports[0].amount = 5_424;
    }),
    (Invariant::I3, "an order is charged in another currency", |h| {
        h.ledgers.charges[0].currency = "eur".to_owned();
        h.ledgers.reports[0].currency = "eur".to_owned();
    }),
    (Invariant::I4, "a reservation is stranded", |h| {
        h.ledgers.stock[0].left = 7
    }),
    (Invariant::I4, "sold stock is for sale again", |h| {
        h.ledgers.stock[0].left = 10
    }),
    (Invariant::I4, "more is sold than there was", |h| {
        h.ledgers.stock[0] = item("tee", 1, -1);
    }),
    (Invariant::I4, "a negative stock is shown", |h| {
        let mut short = shown(Status::Completed);
        short.lines[0].available = Some(-1);
        done(h, operation(Action::Retrieve, None), response(200, 14, Some(short)));
    }),
    (Invariant::I5, "a retry is answered with another body", |h| {
        done(
            h,
            operation(Action::Complete, Some("k2")),
            response(200, 99, Some(shown(Status::Completed))),
        );
    }),
    (Invariant::I5, "a retry of a successful request is refused", |h| {
        done(h, operation(Action::Complete, Some("k2")), response(400, 99, None));
    }),
    (Invariant::I5, "a key is accepted with another body", |h| {
        let mut other = operation(Action::Complete, Some("k2"));
        other.body = 2;
        done(h, other, response(200, 12, Some(shown(Status::Completed))));
    }),
    (Invariant::I6, "a completed checkout becomes open again", |h| {
        done(
            h,
            operation(Action::Retrieve, None),
            response(200, 14, Some(shown(Status::Open))),
        );
    }),
    (Invariant::I6, "a completed checkout is canceled", |h| {
        done(
            h,
            operation(Action::Cancel, Some("k3")),
            response(200, 14, Some(shown(Status::Canceled))),
        );
    }),
    (
        Invariant::I6,
        "a checkout is completed without a payment request",
        |h| {
            let paid = |event: &Event| matches!(&event.kind, EventKind::Invoke(operation) if operation.action == Action::Complete);
            h.events.retain(|event| !paid(event));
        },
    ),
    (Invariant::I6, "a checkout is created as completed", |h| {
        h.events[1].kind = EventKind::Ok(response(201, 11, Some(shown(Status::Completed))));
    }),
    (Invariant::I6, "a completed checkout is open in the end", |h| {
        h.ledgers.final_states = vec![final_state(shown(Status::Open))];
    }),
    (Invariant::I7, "a charge is not reported", |h| h.ledgers.reports.clear()),
    (Invariant::I7, "a charge is reported twice", |h| {
        h.ledgers.reports.push(report("pa_1", 5_425));
    }),
    (Invariant::I7, "a charge is reported with another amount", |h| {
        h.ledgers.reports[0].amount = 5_400;
    }),
    (Invariant::I7, "a report has no charge", |h| {
        h.ledgers.reports.push(report("pa_9", 5_425));
    }),
    (Invariant::I8, "the receiver rejects the event of an order", |h| {
        h.ledgers.deliveries = Some(vec![delivery("ord_1", "evt_1", false)]);
    }),
    (Invariant::I8, "an order is announced under two event ids", |h| {
        let deliveries = h.ledgers.deliveries.as_mut().unwrap();
        deliveries.push(delivery("ord_1", "evt_2", true));
    }),
    (Invariant::I9, "a payment is in progress for ever", |h| {
        h.ledgers.final_states = vec![FinalState {
            overdue: true,
            ..final_state(shown(Status::InProgress))
        }];
    }),
    (Invariant::I10, "a charge leaves before it is recorded", |h| {
        h.ledgers.attempts[0].charging = false;
    }),
    (Invariant::I10, "a charge has no attempt", |h| {
        h.ledgers.charges.push(charge("pa_9", 100));
    }),
    (Invariant::I11, "a card number is in the store", |h| {
        h.ledgers.places.push(place(b"..\x004242424242424242;"));
    }),
    (Invariant::I11, "a card number is in the store in base64", |h| {
        // "{\"number\":\"4242424242424242\"}"
        h.ledgers
            .places
            .push(place(b"eyJudW1iZXIiOiI0MjQyNDI0MjQyNDI0MjQyIn0="));
    }),
    (Invariant::I11, "a card number is in the store in hexadecimal", |h| {
        h.ledgers.places.push(place(b"34323432343234323432343234323432"));
    }),
    (Invariant::I12, "a merchant reads another's checkout", |h| {
        let mut other_merchant = operation(Action::Retrieve, None);
        other_merchant.tenant = BOTH[1].to_owned();
        done(h, other_merchant, response(200, 13, Some(shown(Status::Completed))));
    }),
    (Invariant::I12, "a merchant cancels another's checkout", |h| {
        let mut other_merchant = operation(Action::Cancel, None);
        other_merchant.tenant = BOTH[1].to_owned();
        done(h, other_merchant, response(200, 13, None));
    }),
    (Invariant::I13, "a total is off by a cent", |h| {
        done(
            h,
            operation(Action::Retrieve, None),
            response(200, 14, Some(with_total("total", Some(5_424)))),
        );
    }),
    (Invariant::I13, "an amount is not an integer", |h| {
        done(
            h,
            operation(Action::Retrieve, None),
            response(200, 14, Some(with_total("tax", None))),
        );
    }),
    (Invariant::I13, "the line items add up to another amount", |h| {
        let mut other = shown(Status::Completed);
        other.lines[0].unit = Some(2_400);
        done(h, operation(Action::Retrieve, None), response(200, 14, Some(other)));
    }),
];
