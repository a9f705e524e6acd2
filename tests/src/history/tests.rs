//! Good histories, and histories that are broken in one way each.

mod broken;

use super::*;
use broken::BROKEN;

const BOTH: [&str; 2] = ["north", "south"];

fn shown(status: Status) -> Shown {
    let total = |kind: &str, minor| Total {
        kind: kind.to_owned(),
        minor: Some(minor),
    };
    Shown {
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
        lines: vec![Line {
            item: "tee".to_owned(),
            quantity: 2,
            unit: Some(2_500),
            available: Some(8),
        }],
    }
}

fn call(action: Action, key: Option<&str>) -> Call {
    Call {
        tenant: BOTH[0].to_owned(),
        action,
        checkout: (action != Action::Create).then(|| "cs_1".to_owned()),
        key: key.map(str::to_owned),
        body: 1,
    }
}

fn seen(status: u16, body: u64, shown: Option<Shown>) -> Seen {
    Seen {
        status,
        body,
        replayed: false,
        shown,
    }
}

/// Adds an operation that was answered before the next one began.
fn done(history: &mut History, call: Call, seen: Seen) {
    let op = history.events.len() as u64;
    let what = if seen.status < 300 {
        What::Ok(seen)
    } else {
        What::Fail(seen)
    };
    history.events.push(Event {
        op,
        what: What::Invoke(call),
    });
    history.events.push(Event { op, what });
}

fn lost(history: &mut History, call: Call) {
    let op = history.events.len() as u64;
    history.events.push(Event {
        op,
        what: What::Invoke(call),
    });
    history.events.push(Event { op, what: What::Info });
}

/// One purchase: created, paid with a lost response and a retry, retrieved; all ledgers agree.
fn bought() -> History {
    let mut history = History::default();
    let create = call(Action::Create, Some("k1"));
    done(&mut history, create.clone(), seen(201, 11, Some(shown(Status::Open))));
    let complete = call(Action::Complete, Some("k2"));
    lost(&mut history, complete.clone());
    done(&mut history, complete.clone(), seen(409, 90, None));
    done(&mut history, complete, seen(200, 12, Some(shown(Status::Completed))));
    let mut again = seen(201, 11, Some(shown(Status::Open)));
    again.replayed = true;
    done(&mut history, create, again);
    done(
        &mut history,
        call(Action::Retrieve, None),
        seen(200, 13, Some(shown(Status::Completed))),
    );
    history.books = Books {
        charges: vec![charge("pa_1", 5_425)],
        reports: vec![report("pa_1", 5_425)],
        stock: vec![item("tee", 10, 8)],
        deliveries: Some(vec![
            delivery("ord_1", "evt_1", false),
            delivery("ord_1", "evt_1", true),
        ]),
        attempts: vec![attempt("pa_1", "cs_1")],
        looks: vec![look(shown(Status::Completed))],
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
        call(Action::Create, Some("k1")),
        seen(201, 11, Some(shown(Status::Open))),
    );
    done(&mut history, call(Action::Complete, Some("k2")), seen(402, 12, None));
    done(&mut history, call(Action::Complete, Some("k2")), seen(402, 12, None));
    done(
        &mut history,
        call(Action::Cancel, Some("k3")),
        seen(200, 14, Some(shown(Status::Canceled))),
    );
    history.books = Books {
        stock: vec![item("tee", 10, 10)],
        attempts: vec![attempt("pa_1", "cs_1")],
        looks: vec![look(shown(Status::Canceled))],
        ..Books::default()
    };
    history
}

/// A charge of a wrong amount that waits for manual settlement.
fn in_review() -> History {
    let mut history = History::default();
    done(
        &mut history,
        call(Action::Create, Some("k1")),
        seen(201, 11, Some(shown(Status::Open))),
    );
    let complete = call(Action::Complete, Some("k2"));
    done(
        &mut history,
        complete.clone(),
        seen(200, 12, Some(shown(Status::InProgress))),
    );
    done(&mut history, complete, seen(200, 13, Some(shown(Status::InProgress))));
    history.books = Books {
        charges: vec![charge("pa_1", 5_424)],
        stock: vec![item("tee", 10, 8)],
        attempts: vec![attempt("pa_1", "cs_1")],
        looks: vec![Look {
            in_review: true,
            overdue: true,
            ..look(shown(Status::InProgress))
        }],
        ..Books::default()
    };
    history
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

fn item(item: &str, start: i64, left: i64) -> Item {
    Item {
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

fn look(shown: Shown) -> Look {
    Look {
        tenant: BOTH[0].to_owned(),
        shown,
        overdue: false,
        in_review: false,
    }
}

fn place(bytes: &[u8]) -> Place {
    Place {
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
    done(&mut history, call(Action::Complete, Some("k2")), seen(200, 15, None));
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
            what: What::Invoke(call(Action::Retrieve, None)),
        },
    );
    history.events.push(Event {
        op: late,
        what: What::Ok(seen(200, 14, Some(shown(Status::Open)))),
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
        history.books.places.push(place(encoded.as_bytes()));
        let found = history.violations();
        assert_eq!(found.len(), 1, "at {offset}: {found:?}");
    }
}

#[test]
fn a_long_history_is_read_in_one_pass() {
    let one = bought();
    let mut long = History::default();
    long.books.deliveries = Some(Vec::new());
    for number in 0..10_000 {
        let name = |text: &str| format!("{text}-{number}");
        for event in &one.events {
            let mut event = event.clone();
            event.op += number * 100;
            match &mut event.what {
                What::Invoke(call) => {
                    call.checkout = call.checkout.as_deref().map(name);
                    call.key = call.key.as_deref().map(name);
                }
                What::Ok(seen) | What::Fail(seen) => {
                    if let Some(shown) = &mut seen.shown {
                        shown.checkout = name(&shown.checkout);
                        shown.order = shown.order.as_deref().map(name);
                    }
                }
                What::Info => {}
            }
            long.events.push(event);
        }
        let mut last = shown(Status::Completed);
        last.checkout = name("cs_1");
        last.order = Some(name("ord_1"));
        long.books.looks.push(look(last));
        long.books.charges.push(charge(&name("pa_1"), 5_425));
        long.books.reports.push(report(&name("pa_1"), 5_425));
        long.books.attempts.push(attempt(&name("pa_1"), &name("cs_1")));
        let deliveries = long.books.deliveries.as_mut().unwrap();
        deliveries.push(delivery(&name("ord_1"), &name("evt_1"), true));
    }
    assert!(long.events.len() >= 100_000);
    assert_eq!(long.violations(), []);
}
