//! One cell of the table: inject a fault, pay, and check the outcome.

use std::time::Duration;

use tillhouse_sandbox::stripe::{Operation, ReportedOutcome};
use tillhouse_sandbox::{Fault as PeerFault, acquirer};
use tillhouse_tests::eventually::{wait_for_released_stock, wait_until};
use tillhouse_tests::proxy::Fault;
use tillhouse_tests::{Acp, HttpResponse, Release, TestHost};

use crate::faulty_host::FaultyHost;
use crate::peer::{OutboxKind, Peer, Server};
use crate::table::{AgentResponse, CellFault, Expected};

/// An item of which there is only one in stock.
const ITEM: &[(&str, u32)] = &[("print-last", 1)];

/// A fault at a peer, and the expected outcome.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    pub(crate) row: &'static str,
    pub(crate) fault: CellFault,
    pub(crate) peer: Peer,
    pub(crate) expected: Expected,
}

impl Cell {
    pub(crate) fn name(&self) -> String {
        format!("{}::{}", self.peer.name, self.row)
    }

    /// Buy the last print while the fault is active, remove the fault, and check the outcome.
    pub(crate) async fn run(self) {
        let mut faulty_host = FaultyHost::start(&self).await;
        let session = agent(&faulty_host.host).ready(ITEM).await;
        let token = faulty_host.host.token(session.total("total")).await;
        self.inject_fault(&faulty_host);
        let answer = agent(&faulty_host.host).complete(session.id(), &token).await;
        self.assert_agent_response(&answer);
        self.wait_for_faults(&mut faulty_host).await;
        self.remove_fault(&mut faulty_host).await;
        wait_until_outbox_is_empty(&faulty_host.host).await;
        self.assert_ledgers_agree(&faulty_host.host, &session, self.expected.charges)
            .await;
        if self.expected.charges == 0 {
            self.assert_can_be_paid(&faulty_host.host, &session, &token).await;
        }
        faulty_host.host.stop().await;
    }

    fn inject_fault(&self, faulty_host: &FaultyHost) {
        let Peer {
            server,
            route,
            before,
            times,
            outbox_kind,
            ..
        } = self.peer;
        let proxy = faulty_host.proxy(server);
        match self.fault {
            // The original request succeeds; only its duplicate is at fault, so one is enough.
            CellFault::Injected(fault @ Fault::Duplicate) => proxy.inject(route, fault, 1),
            CellFault::Injected(fault) => proxy.inject(route, fault, times),
            CellFault::ReplayedError => match server {
                Server::Acquirer => {
                    let charge = acquirer::Operation::Charge;
                    faulty_host
                        .host
                        .sandbox
                        .acquirer
                        .fail_next(charge, PeerFault::Status(500));
                }
                Server::Stripe => {
                    let operation = outbox_kind.map_or(Operation::Resolve, |_| Operation::Report);
                    faulty_host
                        .host
                        .sandbox
                        .stripe
                        .fail_next(operation, PeerFault::Status(500));
                }
                Server::Receiver => unreachable!("a receiver keeps no answers"),
            },
            // The configuration becomes wrong only at the restart, so the exchange must fail until then.
            CellFault::UnknownHost | CellFault::NoTls if outbox_kind.is_none() => {}
            CellFault::Refused | CellFault::UnknownHost | CellFault::NoTls => match before {
                Some(before) => proxy.refuse_after(before),
                None => proxy.refuse(),
            },
        }
    }

    fn assert_agent_response(&self, answer: &HttpResponse) {
        let agent_response = match answer.json["status"].as_str() {
            Some("completed") if answer.status == 200 => Some(AgentResponse::Completed),
            Some("complete_in_progress") if answer.status == 200 => Some(AgentResponse::InProgress),
            _ if answer.status / 100 == 5 => Some(AgentResponse::Error),
            _ => None,
        };
        assert_eq!(
            agent_response,
            Some(self.expected.agent_response),
            "{} {}",
            answer.status,
            answer.text()
        );
    }

    /// Wait until the fault has occurred as often as it should.
    async fn wait_for_faults(&self, faulty_host: &mut FaultyHost) {
        match (self.fault, self.peer.outbox_kind) {
            (CellFault::Refused, Some(outbox_kind)) => wait_for_attempts(&faulty_host.host, outbox_kind, 1).await,
            (CellFault::UnknownHost | CellFault::NoTls, Some(outbox_kind)) => {
                wait_for_attempts(&faulty_host.host, outbox_kind, 1).await;
                faulty_host.configure(Some(self)).await;
                let tries = faulty_host.host.backlog().tries(outbox_kind.kind());
                wait_for_attempts(&faulty_host.host, outbox_kind, tries + 1).await;
            }
            (_, outbox_kind) => {
                let proxy = faulty_host.proxy(self.peer.server);
                // A message that took effect despite the fault is recognized as delivered, and is not sent again.
                wait_with_clock(&faulty_host.host, "all faults have occurred", async || {
                    proxy.pending() == 0
                        || outbox_kind.is_some()
                            && proxy.pending() < self.peer.times
                            && faulty_host.host.backlog().is_empty()
                })
                .await;
            }
        }
    }

    async fn remove_fault(&self, faulty_host: &mut FaultyHost) {
        match self.fault {
            CellFault::Refused => faulty_host.proxy(self.peer.server).accept_connections(),
            CellFault::UnknownHost | CellFault::NoTls => {
                if self.peer.outbox_kind.is_some() {
                    faulty_host.proxy(self.peer.server).accept_connections();
                }
                faulty_host.configure(None).await;
            }
            CellFault::Injected(_) | CellFault::ReplayedError => {}
        }
    }

    /// The ledgers of the acquirer, of Stripe, of the shop and of the agent's platform agree.
    async fn assert_ledgers_agree(&self, host: &TestHost, session: &HttpResponse, charges: usize) {
        let captures = host.sandbox.acquirer.ledger().captures();
        assert_eq!(captures.len(), charges, "{captures:#?}");
        let records = host.sandbox.stripe.payment_records();
        let of = |outcome| records.iter().filter(move |record| record.outcome == outcome);
        assert_eq!(
            of(ReportedOutcome::Failed).count(),
            self.expected.failures_reported,
            "{records:#?}"
        );
        let made: Vec<_> = of(ReportedOutcome::Guaranteed).collect();
        assert_eq!(made.len(), charges, "{records:#?}");
        self.assert_order_event(host, session, charges);
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
    fn assert_order_event(&self, host: &TestHost, session: &HttpResponse, charges: usize) {
        let events = host.sandbox.receiver.events();
        let arrivals: Vec<_> = events.iter().map(|event| event.arrivals.len()).collect();
        let expected = (charges > 0).then_some(self.expected.arrivals);
        assert_eq!(arrivals, Vec::from_iter(expected), "{events:#?}");
        let of_session = events.iter().all(|event| event.session() == session.id());
        assert!(of_session, "{events:#?}");
    }

    /// The unpaid checkout can be paid: with the same token if it is still valid, otherwise with a new one only.
    async fn assert_can_be_paid(&self, host: &TestHost, session: &HttpResponse, token: &str) {
        let again = agent(host).complete(session.id(), token).await;
        if self.expected.is_token_usable {
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
        wait_until_outbox_is_empty(host).await;
        self.assert_ledgers_agree(host, session, 1).await;
    }
}

fn agent(host: &TestHost) -> Acp<'_> {
    host.acp(Release::V2026_04_17)
}

/// Wait until a condition holds, while advancing the test clock, which drives retries and the proof that a charge is absent.
///
/// The steps are small, because a receiver refuses an event whose timestamp is minutes old.
async fn wait_with_clock(host: &TestHost, what: &str, mut holds: impl AsyncFnMut() -> bool) {
    wait_until(what, async || {
        host.clock.advance(Duration::from_millis(500));
        holds().await
    })
    .await;
}

/// Wait until the message has been attempted this often, without success.
async fn wait_for_attempts(host: &TestHost, outbox_kind: OutboxKind, tries: u32) {
    wait_with_clock(host, "the message has been attempted", async || {
        host.backlog().tries(outbox_kind.kind()) >= tries
    })
    .await;
}

async fn wait_until_outbox_is_empty(host: &TestHost) {
    wait_with_clock(host, "the outbox is empty", async || host.backlog().is_empty()).await;
}
