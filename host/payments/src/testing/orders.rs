//! Orders that were paid, without the payment.

use tillhouse_checkout::attempt::{Attempt, AttemptState, AttemptWrite, Paid};
use tillhouse_checkout::decision::OrderIdentity;
use tillhouse_checkout::ids::{AttemptId, OrderId, ProcessorReference, SessionId};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::order::{Order, OrderProgress, OrderWrite, OrderedLine};
use tillhouse_checkout::payer::Payer;
use tillhouse_checkout::payment_token::PaymentToken;
use tillhouse_checkout::ports::Store as _;
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

use super::{START, TestHost, attempt, session_of};

/// The only line of such an order.
pub(crate) const LINE: &str = "mug";

impl TestHost {
    /// An order over so many units of one line, paid with the charge `ch_{number}`.
    pub(crate) async fn with_order(&self, number: u64, units: u32, total: Money) -> Order {
        let charge = Paid::Charge(ProcessorReference::new(format!("ch_{number}")));
        let paid = Attempt {
            id: AttemptId::new(format!("pa_{number}")),
            session: SessionId::new(format!("cs_{number}")),
            amount: total,
            reference: format!("pa_{number}"),
            payer: Payer::Token(PaymentToken::stripe(format!("spt_{number}"))),
            ..attempt(AttemptState::Approved {
                paid: charge,
                settled: START,
            })
        };
        let order = Order {
            id: OrderId::new(format!("ord_{number}")),
            number: None,
            permalink: "https://shop.example/orders/1".into(),
            merchant: paid.merchant.clone(),
            session: paid.session.clone(),
            attempt: paid.id.clone(),
            total,
            created: START,
            progress: OrderProgress {
                lines: vec![OrderedLine {
                    line: LINE.into(),
                    item: LINE.into(),
                    ordered: units,
                }],
                ..OrderProgress::default()
            },
        };
        let paid = Attempt {
            order: OrderIdentity {
                id: order.id.to_string(),
                ..paid.order
            },
            ..paid
        };
        let session = Session {
            state: SessionState::Completed {
                order: Box::new(order.clone()),
            },
            ..session_of(&paid)
        };
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: Box::new(session),
                replaces: None,
            }),
            attempt: Some(AttemptWrite::new(paid, None)),
            order: Some(OrderWrite::new(order.clone())),
            ..UnitOfWork::default()
        };
        self.store.commit(unit).await.unwrap();
        order
    }
}
