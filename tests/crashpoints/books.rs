//! Everybody's books, compared.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use tillhouse_sandbox::acquirer::ChargeStatus;
use tillhouse_sandbox::stripe::ReportedOutcome;
use tillhouse_tests::crashpoints::Shop;

use crate::agent::Agent;
use crate::scene::ITEM;

/// What was bought was paid for once, by the books of the acquirer, of Stripe, of the shop and of whoever hears of orders.
pub(crate) async fn agree(shop: &Shop, agent: &Agent) {
    let acp = shop.serving().await.expect("it serves");
    let shown = acp.retrieve(agent.session()).await.expect(200).is("completed");
    let (total, order) = (agent.total(), shown["order"]["id"].as_str().expect("an order"));
    assert_eq!(shown.total("total"), total);

    // The acquirer: money was taken once, and what was taken before it is given back.
    let charges = shop.sandbox.acquirer.ledger().charges();
    let kept: Vec<_> = charges
        .iter()
        .filter(|it| it.amount_captured > it.amount_refunded)
        .collect();
    assert_eq!(kept.len(), 1, "{charges:#?}");
    assert_eq!(
        (kept[0].status, kept[0].amount_captured),
        (ChargeStatus::Approved, total)
    );

    // Stripe: one report for each attempt that had an outcome, and of the charge that it is made.
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
    let ended = Ended::read(&shop.store());
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

    // The shop: nothing is owed to anybody, and nothing was given up.
    assert!(shop.backlog().is_empty(), "{:#?}", shop.backlog());
    assert_eq!((ended.dead, ended.completed), (0, 1), "{ended:?}");

    // Whoever hears of orders: one, once, however often it was sent.
    let events = shop.sandbox.receiver.events();
    let ids: Vec<_> = events.iter().map(|event| (event.kind(), event.session())).collect();
    assert_eq!(ids, [("order_create", agent.session())]);
    assert!(events[0].body.to_string().contains(order), "{:#?}", events[0].body);

    // The stock: it was the last one.
    let other = acp.open(ITEM).await;
    let _ = other.message("out_of_stock");
}

/// What has come to an end, read from the store.
#[derive(Debug)]
struct Ended {
    attempts: Vec<String>,
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
            completed: texts("SELECT id FROM orders WHERE session <> 'cs_another'").len(),
            dead: texts("SELECT kind FROM outbox WHERE state = 'dead'").len(),
        }
    }

    fn attempts(&self, state: &str) -> usize {
        self.attempts.iter().filter(|it| *it == state).count()
    }
}
