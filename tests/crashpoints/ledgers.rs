//! Compares the ledgers of all parties.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use tillhouse_sandbox::acquirer::ChargeStatus;
use tillhouse_sandbox::stripe::ReportedOutcome;
use tillhouse_tests::crashpoints::Shop;

use crate::agent::Agent;
use crate::scene::ITEM;

/// Asserts that one item was bought and paid for once, and so much of it refunded once, according to the acquirer, Stripe, the shop and the webhook receiver.
pub(crate) async fn assert_ledgers_agree(shop: &Shop, agent: &Agent, refunded: i64) {
    let acp = shop.wait_until_serving().await.expect("the host serves");
    let shown = acp.retrieve(agent.session()).await.expect(200).is("completed");
    let (total, order) = (
        agent.total(),
        shown["order"]["id"].as_str().expect("the session shows an order id"),
    );
    assert_eq!(shown.total("total"), total);

    // The acquirer: one charge is captured, and every earlier one was reversed.
    let charges = shop.sandbox.acquirer.ledger().charges();
    let refunds: Vec<i64> = shop
        .sandbox
        .acquirer
        .ledger()
        .refunds()
        .iter()
        .map(|it| it.amount)
        .collect();
    let expected: Vec<i64> = Vec::from_iter((refunded > 0).then_some(refunded));
    if charges.len() == 1 {
        assert_eq!(refunds, expected);
    }
    let kept: Vec<_> = charges
        .iter()
        .filter(|it| it.amount_captured > it.amount_refunded)
        .collect();
    assert_eq!(kept.len(), 1, "{charges:#?}");
    assert_eq!(
        (kept[0].status, kept[0].amount_captured),
        (ChargeStatus::Approved, total)
    );

    // Stripe: one report for each decided attempt, and one for the successful charge.
    let records = shop.sandbox.stripe.payment_records();
    let of = |outcome| {
        records
            .iter()
            .filter(move |record| record.outcome == outcome)
            .collect::<Vec<_>>()
    };
    let made = of(ReportedOutcome::Guaranteed);
    assert_eq!(made.len(), 1, "{records:#?}");
    assert_eq!(
        (made[0].amount_guaranteed.value, made[0].payment_reference.as_str()),
        (total, &*kept[0].reference)
    );
    let reported: Vec<i64> = made[0].refunds.iter().map(|refund| refund.amount.value).collect();
    assert_eq!(reported, expected, "{records:#?}");
    let ended = Ended::read(&shop.store());
    assert_eq!(ended.refunds, vec!["done"; expected.len()]);
    assert_eq!(ended.attempts("approved"), 1, "{ended:?}");
    assert_eq!(
        of(ReportedOutcome::Failed).len(),
        ended.attempts("declined"),
        "{ended:?} {records:#?}"
    );
    assert_eq!(
        of(ReportedOutcome::Canceled).len(),
        ended.attempts("voided"),
        "{ended:?} {records:#?}"
    );

    // The shop: no pending and no dead messages.
    assert!(shop.backlog().is_empty(), "{:#?}", shop.backlog());
    assert_eq!((ended.dead, ended.completed), (0, 1), "{ended:?}");

    // The webhook receiver: one event for the order and one for its refund, however often they were sent.
    let events = shop.sandbox.receiver.events();
    let ids: Vec<_> = events.iter().map(|event| (event.kind(), event.session())).collect();
    let mut told = vec![("order_create", agent.session())];
    told.extend(expected.iter().map(|_| ("order_update", agent.session())));
    assert_eq!(ids, told);
    assert!(events[0].body.to_string().contains(order), "{:#?}", events[0].body);

    // The stock: the last unit is sold.
    let other = acp.open(ITEM).await;
    let _ = other.message("out_of_stock");
}

/// Attempts, orders and messages that have ended, read from the store.
#[derive(Debug)]
struct Ended {
    attempts: Vec<String>,
    refunds: Vec<String>,
    completed: usize,
    dead: usize,
}

impl Ended {
    fn read(store: &Path) -> Self {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let db = Connection::open_with_flags(store.join("tillhouse.db"), flags).unwrap();
        let texts = |sql: &str| -> Vec<String> {
            let mut statement = db.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| row.get(0)).unwrap();
            rows.collect::<Result<_, _>>().unwrap()
        };
        Self {
            attempts: texts("SELECT state FROM attempt ORDER BY seq"),
            refunds: texts("SELECT state FROM refund ORDER BY seq"),
            completed: texts("SELECT id FROM orders WHERE session <> 'cs_another'").len(),
            dead: texts("SELECT kind FROM outbox WHERE state = 'dead'").len(),
        }
    }

    fn attempts(&self, state: &str) -> usize {
        self.attempts.iter().filter(|it| *it == state).count()
    }
}
