//! One cell of the table: inject a fault, pay, and check the outcome.

use std::time::Duration;

use tillhouse_sandbox::stripe::{Operation, ReportedOutcome};
use tillhouse_sandbox::{Fault as PeerFault, acquirer};
use tillhouse_tests::eventually::{wait_for_released_stock, wait_until};
use tillhouse_tests::proxy::Fault;
use tillhouse_tests::{Acp, Answer, Release, TestHost};

use crate::bench::Bench;
use crate::peer::{Errand, Peer, Server};
use crate::table::{End, Told, Trouble};

/// An item of which there is only one in stock.
const ITEM: &[(&str, u32)] = &[("print-last", 1)];

/// A fault at a peer, and the expected outcome.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    pub(crate) row: &'static str,
    pub(crate) trouble: Trouble,
    pub(crate) peer: Peer,
    pub(crate) end: End,
}

impl Cell {
    pub(crate) fn name(&self) -> String {
        format!("{}::{}", self.peer.name, self.row)
    }

    /// Buy the last print while the fault is active, remove the fault, and check the outcome.
    pub(crate) async fn run(self) {
        let mut bench = Bench::start(&self).await;
        let session = agent(&bench.host).ready(ITEM).await;
        let token = bench.host.token(session.total("total")).await;
        self.break_it(&bench);
        let answer = agent(&bench.host).complete(session.id(), &token).await;
        self.is_told(&answer);
        self.runs_into_it(&mut bench).await;
        self.mend(&mut bench).await;
        all_done(&bench.host).await;
        self.agrees(&bench.host, &session, self.end.charges).await;
        if self.end.charges == 0 {
            self.can_be_paid(&bench.host, &session, &token).await;
        }
        bench.host.stop().await;
    }

    fn break_it(&self, bench: &Bench) {
        let Peer {
            server,
            route,
            before,
            times,
            errand,
            ..
        } = self.peer;
        let proxy = bench.at(server);
        match self.trouble {
            // The original request succeeds; only its duplicate is at fault, so one is enough.
            Trouble::Spoiled(fault @ Fault::Duplicate) => proxy.inject(route, fault, 1),
            Trouble::Spoiled(fault) => proxy.inject(route, fault, times),
            Trouble::ErrorKept => match server {
                Server::Acquirer => {
                    let charge = acquirer::Operation::Charge;
                    bench.host.sandbox.acquirer.fail_next(charge, PeerFault::Status(500));
                }
                Server::Stripe => {
                    let operation = errand.map_or(Operation::Resolve, |_| Operation::Report);
                    bench.host.sandbox.stripe.fail_next(operation, PeerFault::Status(500));
                }
                Server::Receiver => unreachable!("a receiver keeps no answers"),
            },
            // The configuration becomes wrong only at the restart, so the exchange must fail until then.
            Trouble::NoName | Trouble::NoTls if errand.is_none() => {}
            Trouble::Refused | Trouble::NoName | Trouble::NoTls => match before {
                Some(before) => proxy.refuse_after(before),
                None => proxy.refuse(),
            },
        }
    }

    fn is_told(&self, answer: &Answer) {
        let told = match answer.json["status"].as_str() {
            Some("completed") if answer.status == 200 => Some(Told::Completed),
            Some("complete_in_progress") if answer.status == 200 => Some(Told::InProgress),
            _ if answer.status / 100 == 5 => Some(Told::Error),
            _ => None,
        };
        assert_eq!(told, Some(self.end.told), "{} {}", answer.status, answer.text());
    }

    /// Wait until the fault has occurred as often as it should.
    async fn runs_into_it(&self, bench: &mut Bench) {
        match (self.trouble, self.peer.errand) {
            (Trouble::Refused, Some(errand)) => tried(&bench.host, errand, 1).await,
            (Trouble::NoName | Trouble::NoTls, Some(errand)) => {
                tried(&bench.host, errand, 1).await;
                bench.configure(Some(self)).await;
                let tries = bench.host.backlog().tries(errand.kind());
                tried(&bench.host, errand, tries + 1).await;
            }
            (_, errand) => {
                let proxy = bench.at(self.peer.server);
                // A message that took effect despite the fault is recognized as delivered, and is not sent again.
                moving(&bench.host, "all faults have occurred", async || {
                    proxy.pending() == 0
                        || errand.is_some() && proxy.pending() < self.peer.times && bench.host.backlog().is_empty()
                })
                .await;
            }
        }
    }

    async fn mend(&self, bench: &mut Bench) {
        match self.trouble {
            Trouble::Refused => bench.at(self.peer.server).accept_connections(),
            Trouble::NoName | Trouble::NoTls => {
                if self.peer.errand.is_some() {
                    bench.at(self.peer.server).accept_connections();
                }
                bench.configure(None).await;
            }
            Trouble::Spoiled(_) | Trouble::ErrorKept => {}
        }
    }

    /// The ledgers of the acquirer, of Stripe, of the shop and of the agent's platform agree.
    async fn agrees(&self, host: &TestHost, session: &Answer, charges: usize) {
        let captures = host.sandbox.acquirer.ledger().captures();
        assert_eq!(captures.len(), charges, "{captures:#?}");
        let records = host.sandbox.stripe.payment_records();
        let of = |outcome| records.iter().filter(move |record| record.outcome == outcome);
        assert_eq!(
            of(ReportedOutcome::Failed).count(),
            self.end.failures_reported,
            "{records:#?}"
        );
        let made: Vec<_> = of(ReportedOutcome::Guaranteed).collect();
        assert_eq!(made.len(), charges, "{records:#?}");
        self.is_announced(host, session, charges);
        let shown = agent(host).retrieve(session.id()).await.expect(200);
        if charges == 0 {
            let _ = shown.is("ready_for_payment");
            wait_for_released_stock(host).await;
            return;
        }
        let total = session.total("total");
        assert_eq!(captures[0].amount_captured, total);
        assert_eq!(made[0].amount_guaranteed.value, total);
        assert_eq!(made[0].payment_reference, captures[0].reference);
        let shown = shown.is("completed");
        assert!(shown["order"]["id"].is_string(), "{}", shown.text());
        let other = agent(host).open(ITEM).await;
        let _ = other.message("out_of_stock");
    }

    /// The agent's platform has received one event if there is an order, however often it was delivered, and none otherwise. The
    /// platform refuses a redelivery with other bytes.
    fn is_announced(&self, host: &TestHost, session: &Answer, charges: usize) {
        let events = host.sandbox.receiver.events();
        let arrivals: Vec<_> = events.iter().map(|event| event.arrivals.len()).collect();
        let expected = (charges > 0).then_some(self.end.arrivals);
        assert_eq!(arrivals, Vec::from_iter(expected), "{events:#?}");
        let of_session = events.iter().all(|event| event.session() == session.id());
        assert!(of_session, "{events:#?}");
    }

    /// The unpaid checkout can be paid: with the same token if it is still valid, otherwise with a new one only.
    async fn can_be_paid(&self, host: &TestHost, session: &Answer, token: &str) {
        let again = agent(host).complete(session.id(), token).await;
        if self.end.token_is_good {
            let _ = again.expect(200).is("completed");
        } else {
            assert_eq!(again.status / 100, 4, "{}", again.text());
            let fresh = host.token(session.total("total")).await;
            let _ = agent(host)
                .complete(session.id(), &fresh)
                .await
                .expect(200)
                .is("completed");
        }
        all_done(host).await;
        self.agrees(host, session, 1).await;
    }
}

fn agent(host: &TestHost) -> Acp<'_> {
    host.acp(Release::V2026_04_17)
}

/// Wait until a condition holds, while advancing the test clock, which drives retries and the proof that a charge is absent.
///
/// The steps are small, because a receiver refuses an event whose timestamp is minutes old.
async fn moving(host: &TestHost, what: &str, mut holds: impl AsyncFnMut() -> bool) {
    wait_until(what, async || {
        host.clock.advance(Duration::from_millis(500));
        holds().await
    })
    .await;
}

/// Wait until the message has been attempted this often, without success.
async fn tried(host: &TestHost, errand: Errand, tries: u32) {
    moving(host, "the message has been attempted", async || {
        host.backlog().tries(errand.kind()) >= tries
    })
    .await;
}

async fn all_done(host: &TestHost) {
    moving(host, "the outbox is empty", async || host.backlog().is_empty()).await;
}
