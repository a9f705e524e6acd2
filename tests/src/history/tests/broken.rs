//! Changes that break a good history, each with the invariant that must detect it.

use super::*;

fn with_total(kind: &str, minor: Option<i64>) -> Shown {
    let mut shown = shown(Status::Completed);
    for entry in shown.totals.iter_mut().filter(|entry| entry.kind == kind) {
        entry.minor = minor;
    }
    shown
}

/// A change to a good history.
type Break = fn(&mut History);

/// The broken invariant, a description, and the change.
pub(super) const BROKEN: &[(Invariant, &str, Break)] = &[
    (Invariant::I1, "a checkout is charged twice", |h| {
        h.books.charges.push(charge("pa_2", 5_425));
        h.books.reports.push(report("pa_2", 5_425));
        h.books.attempts.push(attempt("pa_2", "cs_1"));
    }),
    (Invariant::I2, "a charge has no order", |h| {
        h.books.looks = vec![look(shown(Status::Open))];
    }),
    (Invariant::I2, "a charge belongs to no checkout", |h| {
        h.books.attempts.clear();
    }),
    (Invariant::I2, "a checkout has two orders", |h| {
        h.books.looks[0].shown.order = Some("ord_2".to_owned());
    }),
    (
        Invariant::I2,
        "a charge of the right amount waits for manual settlement for ever",
        |h| {
            h.books.looks = vec![Look {
                in_review: true,
                ..look(shown(Status::InProgress))
            }];
        },
    ),
    (Invariant::I3, "an order has no charge", |h| h.books.charges.clear()),
    (Invariant::I3, "an order is charged another amount", |h| {
        h.books.charges[0].amount = 5_424;
        h.books.reports[0].amount = 5_424;
    }),
    (Invariant::I3, "an order is charged in another currency", |h| {
        h.books.charges[0].currency = "eur".to_owned();
        h.books.reports[0].currency = "eur".to_owned();
    }),
    (Invariant::I4, "a reservation is stranded", |h| {
        h.books.stock[0].left = 7
    }),
    (Invariant::I4, "sold stock is for sale again", |h| {
        h.books.stock[0].left = 10
    }),
    (Invariant::I4, "more is sold than there was", |h| {
        h.books.stock[0] = item("tee", 1, -1);
    }),
    (Invariant::I4, "a negative stock is shown", |h| {
        let mut short = shown(Status::Completed);
        short.lines[0].available = Some(-1);
        done(h, call(Action::Retrieve, None), seen(200, 14, Some(short)));
    }),
    (Invariant::I5, "a retry is answered with another body", |h| {
        done(
            h,
            call(Action::Complete, Some("k2")),
            seen(200, 99, Some(shown(Status::Completed))),
        );
    }),
    (Invariant::I5, "a retry of a successful request is refused", |h| {
        done(h, call(Action::Complete, Some("k2")), seen(400, 99, None));
    }),
    (Invariant::I5, "a key is accepted with another body", |h| {
        let mut other = call(Action::Complete, Some("k2"));
        other.body = 2;
        done(h, other, seen(200, 12, Some(shown(Status::Completed))));
    }),
    (Invariant::I6, "a completed checkout becomes open again", |h| {
        done(
            h,
            call(Action::Retrieve, None),
            seen(200, 14, Some(shown(Status::Open))),
        );
    }),
    (Invariant::I6, "a completed checkout is canceled", |h| {
        done(
            h,
            call(Action::Cancel, Some("k3")),
            seen(200, 14, Some(shown(Status::Canceled))),
        );
    }),
    (
        Invariant::I6,
        "a checkout is completed without a payment request",
        |h| {
            let paid = |event: &Event| matches!(&event.what, What::Invoke(call) if call.action == Action::Complete);
            h.events.retain(|event| !paid(event));
        },
    ),
    (Invariant::I6, "a checkout is created as completed", |h| {
        h.events[1].what = What::Ok(seen(201, 11, Some(shown(Status::Completed))));
    }),
    (Invariant::I6, "a completed checkout is open in the end", |h| {
        h.books.looks = vec![look(shown(Status::Open))];
    }),
    (Invariant::I7, "a charge is not reported", |h| h.books.reports.clear()),
    (Invariant::I7, "a charge is reported twice", |h| {
        h.books.reports.push(report("pa_1", 5_425));
    }),
    (Invariant::I7, "a charge is reported with another amount", |h| {
        h.books.reports[0].amount = 5_400;
    }),
    (Invariant::I7, "a report has no charge", |h| {
        h.books.reports.push(report("pa_9", 5_425));
    }),
    (Invariant::I8, "the receiver rejects the event of an order", |h| {
        h.books.deliveries = Some(vec![delivery("ord_1", "evt_1", false)]);
    }),
    (Invariant::I8, "an order is announced under two event ids", |h| {
        let deliveries = h.books.deliveries.as_mut().unwrap();
        deliveries.push(delivery("ord_1", "evt_2", true));
    }),
    (Invariant::I9, "a payment is in progress for ever", |h| {
        h.books.looks = vec![Look {
            overdue: true,
            ..look(shown(Status::InProgress))
        }];
    }),
    (Invariant::I10, "a charge leaves before it is recorded", |h| {
        h.books.attempts[0].charging = false;
    }),
    (Invariant::I10, "a charge has no attempt", |h| {
        h.books.charges.push(charge("pa_9", 100));
    }),
    (Invariant::I11, "a card number is in the store", |h| {
        h.books.places.push(place(b"..\x004242424242424242;"));
    }),
    (Invariant::I11, "a card number is in the store in base64", |h| {
        // "{\"number\":\"4242424242424242\"}"
        h.books.places.push(place(b"eyJudW1iZXIiOiI0MjQyNDI0MjQyNDI0MjQyIn0="));
    }),
    (Invariant::I11, "a card number is in the store in hexadecimal", |h| {
        h.books.places.push(place(b"34323432343234323432343234323432"));
    }),
    (Invariant::I12, "a merchant reads another's checkout", |h| {
        let mut stranger = call(Action::Retrieve, None);
        stranger.tenant = BOTH[1].to_owned();
        done(h, stranger, seen(200, 13, Some(shown(Status::Completed))));
    }),
    (Invariant::I12, "a merchant cancels another's checkout", |h| {
        let mut stranger = call(Action::Cancel, None);
        stranger.tenant = BOTH[1].to_owned();
        done(h, stranger, seen(200, 13, None));
    }),
    (Invariant::I13, "a total is off by a cent", |h| {
        done(
            h,
            call(Action::Retrieve, None),
            seen(200, 14, Some(with_total("total", Some(5_424)))),
        );
    }),
    (Invariant::I13, "an amount is not an integer", |h| {
        done(
            h,
            call(Action::Retrieve, None),
            seen(200, 14, Some(with_total("tax", None))),
        );
    }),
    (Invariant::I13, "the line items add up to another amount", |h| {
        let mut other = shown(Status::Completed);
        other.lines[0].unit = Some(2_400);
        done(h, call(Action::Retrieve, None), seen(200, 14, Some(other)));
    }),
];
