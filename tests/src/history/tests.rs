//! Good histories, and histories that are broken in one way each.

mod broken;

use super::*;
use broken::BROKEN;

const BOTH: [&str; 2] = ["north", "south"];

fn shown(status: Status) -> ShownCheckout {
    let total = |kind: &str, minor| Total {
        kind: kind.to_owned(),
        minor: Some(minor),
    };
    ShownCheckout {
        checkout: "cs_1".to_owned(),
        status,
        order: (status == Status::Completed).then(|| "ord_1".to_owned()),
        currency: "usd".to_owned(),
        totals: vec![
            total("items_base_amount", 5_000),
            total("items_discount", 500),
            total("subtotal", 4_500),
            total("discount", 0),
            total("fulfillment", 599),
            total("tax", 326),
            total("total", 5_425),
        ],
        lines: vec![LineItem {
            item: "tee".to_owned(),
            quantity: 2,
            unit: Some(2_500),
            available: Some(8),
        }],
    }
}

fn operation(action: Action, key: Option<&str>) -> Operation {
    Operation {
        tenant: BOTH[0].to_owned(),
        action,
        checkout: (action != Action::Create).then(|| "cs_1".to_owned()),
        key: key.map(str::to_owned),
        body: 1,
    }
}

fn response(status: u16, body: u64, shown: Option<ShownCheckout>) -> Response {
    Response {
        status,
        body,
        replayed: false,
        shown,
    }
}

/// Adds an operation that was answered before the next one began.
fn done(history: &mut History, operation: Operation, response: Response) {
    let op = history.events.len() as u64;
    let kind = if response.status < 300 {
        EventKind::Ok(response)
    } else {
        EventKind::Fail(response)
    };
    history.events.push(Event {
        op,
        kind: EventKind::Invoke(operation),
    });
    history.events.push(Event { op, kind });
}

fn lost(history: &mut History, operation: Operation) {
    let op = history.events.len() as u64;
    history.events.push(Event {
        op,
        kind: EventKind::Invoke(operation),
    });
    history.events.push(Event {
        op,
        kind: EventKind::Info,
    });
}

/// One purchase: created, paid with a lost response and a retry, retrieved; all ledgers agree.
fn bought() -> History {
    let mut history = History::default();
    let create = operation(Action::Create, Some("k1"));
    done(
        &mut history,
        create.clone(),
        response(201, 11, Some(shown(Status::Open))),
    );
    let complete = operation(Action::Complete, Some("k2"));
    lost(&mut history, complete.clone());
    done(&mut history, complete.clone(), response(409, 90, None));
    done(
        &mut history,
        complete,
        response(200, 12, Some(shown(Status::Completed))),
    );
    let mut again = response(201, 11, Some(shown(Status::Open)));
    again.replayed = true;
    done(&mut history, create, again);
    done(
        &mut history,
        operation(Action::Retrieve, None),
        response(200, 13, Some(shown(Status::Completed))),
    );
    history.ledgers = Ledgers {
        charges: vec![charge("pa_1", 5_425)],
        outside: Vec::new(),
        reports: vec![report("pa_1", 5_425)],
        stock: vec![item("tee", 10, 8)],
        deliveries: Some(vec![
            delivery("ord_1", "evt_1", false),
            delivery("ord_1", "evt_1", true),
        ]),
        attempts: vec![attempt("pa_1", "cs_1")],
        final_states: vec![final_state(shown(Status::Completed))],
        secrets: vec![Secret {
            name: "the card".to_owned(),
            text: "4242424242424242".to_owned(),
        }],
        places: vec![place(b"nothing of interest")],
    };
    history
}

/// The same, but the buyer's card was declined and the buyer canceled.
fn declined() -> History {
    let mut history = History::default();
    done(
        &mut history,
        operation(Action::Create, Some("k1")),
        response(201, 11, Some(shown(Status::Open))),
    );
    done(
        &mut history,
        operation(Action::Complete, Some("k2")),
        response(402, 12, None),
    );
    done(
        &mut history,
        operation(Action::Complete, Some("k2")),
        response(402, 12, None),
    );
    done(
        &mut history,
        operation(Action::Cancel, Some("k3")),
        response(200, 14, Some(shown(Status::Canceled))),
    );
    history.ledgers = Ledgers {
        stock: vec![item("tee", 10, 10)],
        attempts: vec![attempt("pa_1", "cs_1")],
        final_states: vec![final_state(shown(Status::Canceled))],
        ..Ledgers::default()
    };
    history
}

/// A charge of a wrong amount that waits for manual settlement.
fn in_review() -> History {
    let mut history = History::default();
    done(
        &mut history,
        operation(Action::Create, Some("k1")),
        response(201, 11, Some(shown(Status::Open))),
    );
    let complete = operation(Action::Complete, Some("k2"));
    done(
        &mut history,
        complete.clone(),
        response(200, 12, Some(shown(Status::InProgress))),
    );
    done(
        &mut history,
        complete,
        response(200, 13, Some(shown(Status::InProgress))),
    );
    history.ledgers = Ledgers {
        charges: vec![charge("pa_1", 5_424)],
        stock: vec![item("tee", 10, 8)],
        attempts: vec![attempt("pa_1", "cs_1")],
        final_states: vec![FinalState {
            in_review: true,
            overdue: true,
            ..final_state(shown(Status::InProgress))
        }],
        ..Ledgers::default()
    };
    history
}

/// Paid at another party, which has paid a second time: that is for the operator.
fn paid_elsewhere() -> History {
    let mut history = bought();
    history.ledgers.charges.clear();
    history.ledgers.reports.clear();
    history.ledgers.deliveries = Some(Vec::new());
    history.ledgers.outside = vec![
        outside_payment("psp_1", Kept::Order),
        outside_payment("psp_2", Kept::Discrepancy),
    ];
    history
}

fn outside_payment(reference: &str, kept: Kept) -> OutsidePayment {
    OutsidePayment {
        reference: reference.to_owned(),
        checkout: "cs_1".to_owned(),
        amount: 5_425,
        kept,
    }
}

fn charge(reference: &str, amount: i64) -> Charge {
    Charge {
        reference: reference.to_owned(),
        amount,
        currency: "usd".to_owned(),
    }
}

fn report(reference: &str, amount: i64) -> Report {
    Report {
        reference: reference.to_owned(),
        amount,
        currency: "usd".to_owned(),
    }
}

fn item(item: &str, start: i64, left: i64) -> StockItem {
    StockItem {
        tenant: BOTH[0].to_owned(),
        item: item.to_owned(),
        start,
        left,
    }
}

fn delivery(order: &str, event: &str, accepted: bool) -> Delivery {
    Delivery {
        order: order.to_owned(),
        event: event.to_owned(),
        accepted,
    }
}

fn attempt(reference: &str, checkout: &str) -> Attempt {
    Attempt {
        reference: reference.to_owned(),
        checkout: checkout.to_owned(),
        charging: true,
    }
}

fn final_state(shown: ShownCheckout) -> FinalState {
    FinalState {
        tenant: BOTH[0].to_owned(),
        shown,
        overdue: false,
        in_review: false,
    }
}

fn place(bytes: &[u8]) -> SearchedPlace {
    SearchedPlace {
        name: "tillhouse.db".to_owned(),
        bytes: bytes.to_vec(),
    }
}

#[test]
fn good_histories_are_accepted() {
    for (name, history) in [
        ("bought", bought()),
        ("declined", declined()),
        ("in review", in_review()),
        ("paid elsewhere", paid_elsewhere()),
    ] {
        assert_eq!(history.violations(), [], "{name}");
    }
}

#[test]
fn every_broken_history_is_rejected_by_its_invariant() {
    for (invariant, name, break_it) in BROKEN {
        let mut history = bought();
        break_it(&mut history);
        let found = history.violations();
        let named = found.iter().any(|violation| violation.invariant == *invariant);
        assert!(named, "{name}: expected a violation of {invariant:?}, got {found:?}");
    }
}

#[test]
fn every_invariant_is_broken_by_some_history() {
    let broken: std::collections::BTreeSet<Invariant> = BROKEN.iter().map(|(invariant, ..)| *invariant).collect();
    assert_eq!(broken.len(), 13);
    assert!(BROKEN.len() >= 20);
}

#[test]
fn a_decline_that_becomes_an_order_under_the_same_key_is_rejected() {
    let mut history = declined();
    done(
        &mut history,
        operation(Action::Complete, Some("k2")),
        response(200, 15, None),
    );
    let found = history.violations();
    assert!(
        found.iter().any(|violation| violation.invariant == Invariant::I5),
        "{found:?}"
    );
}

#[test]
fn answers_that_overlap_may_show_what_was_true_a_moment_before() {
    let mut history = bought();
    let late = history.events.len() as u64;
    history.events.insert(
        2,
        Event {
            op: late,
            kind: EventKind::Invoke(operation(Action::Retrieve, None)),
        },
    );
    history.events.push(Event {
        op: late,
        kind: EventKind::Ok(response(200, 14, Some(shown(Status::Open)))),
    });
    assert_eq!(history.violations(), []);
}

#[test]
fn a_secret_is_found_at_every_offset_of_base64() {
    use base64::Engine as _;
    for offset in 0..7 {
        let mut bytes = vec![b'x'; offset];
        bytes.extend(b"4242424242424242 and more");
        let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
        let mut history = bought();
        history.ledgers.places.push(place(encoded.as_bytes()));
        let found = history.violations();
        assert_eq!(found.len(), 1, "at {offset}: {found:?}");
    }
}

#[test]
fn a_long_history_is_read_in_one_pass() {
    let one = bought();
    let mut long = History::default();
    long.ledgers.deliveries = Some(Vec::new());
    for number in 0..10_000 {
        let name = |text: &str| format!("{text}-{number}");
        for event in &one.events {
            let mut event = event.clone();
            event.op += number * 100;
            match &mut event.kind {
                EventKind::Invoke(operation) => {
                    operation.checkout = operation.checkout.as_deref().map(name);
                    operation.key = operation.key.as_deref().map(name);
                }
                EventKind::Ok(response) | EventKind::Fail(response) => {
                    if let Some(shown) = &mut response.shown {
                        shown.checkout = name(&shown.checkout);
                        shown.order = shown.order.as_deref().map(name);
                    }
                }
                EventKind::Info => {}
            }
            long.events.push(event);
        }
        let mut last = shown(Status::Completed);
        last.checkout = name("cs_1");
        last.order = Some(name("ord_1"));
        long.ledgers.final_states.push(final_state(last));
        long.ledgers.charges.push(charge(&name("pa_1"), 5_425));
        long.ledgers.reports.push(report(&name("pa_1"), 5_425));
        long.ledgers.attempts.push(attempt(&name("pa_1"), &name("cs_1")));
        let deliveries = long.ledgers.deliveries.as_mut().unwrap();
        deliveries.push(delivery(&name("ord_1"), &name("evt_1"), true));
    }
    assert!(long.events.len() >= 100_000);
    assert_eq!(long.violations(), []);
}
