//! A host under test that reaches its peers through proxies, which inject faults.

use tillhouse_sandbox::receiver;
use tillhouse_tests::eventually::fast_timings;
use tillhouse_tests::proxy::{Fault, Proxy};
use tillhouse_tests::{Merchant, Release, TestHost};

use crate::cell::Cell;
use crate::peer::Server;
use crate::table::CellFault;

/// Timeout of the host's requests in cells whose fault is a peer that does not respond; other cells use the default.
const SILENT_PEER_TIMEOUT_MS: u32 = 1000;

/// Deadline of the complete request in cells whose fault lasts until the agent is told that the payment is in progress.
const COMPLETE_DEADLINE_MS: u32 = 2000;

/// A host, and a proxy in front of each server that it calls.
#[derive(Debug)]
pub(crate) struct FaultyHost {
    pub(crate) host: TestHost,
    stripe: Proxy,
    acquirer: Proxy,
    receiver: Proxy,
    timeout_setting: String,
}

impl FaultyHost {
    /// Start a host. Its configuration is correct, unless the fault of the cell is a wrong configuration that must be present
    /// from the start.
    pub(crate) async fn start(cell: &Cell) -> Self {
        let (stripe, acquirer, receiver) = (Proxy::start().await, Proxy::start().await, Proxy::start().await);
        let waits = matches!(cell.fault, CellFault::Injected(Fault::Silence | Fault::Drip));
        let timeout_setting = if waits {
            format!("timeout_ms = {SILENT_PEER_TIMEOUT_MS}")
        } else {
            String::new()
        };
        let mut urls = [&stripe, &acquirer, &receiver].map(Proxy::url);
        if cell.peer.outbox_kind.is_none() {
            set_wrong_url(&mut urls, cell);
        }
        let mut host = TestHost::builder()
            .merchant(merchant(&urls, &timeout_setting))
            .timings(fast_timings());
        let lasts = matches!(
            cell.fault,
            CellFault::Refused | CellFault::UnknownHost | CellFault::NoTls
        );
        if lasts && cell.peer.server == Server::Stripe && cell.peer.outbox_kind.is_none() {
            host = host.set(&format!("server.request_timeout_ms = {COMPLETE_DEADLINE_MS}"));
        }
        let host = host.start().await;
        stripe.set_target(host.sandbox.stripe.address());
        acquirer.set_target(host.sandbox.acquirer.address());
        receiver.set_target(host.sandbox.receiver.address());
        Self {
            host,
            stripe,
            acquirer,
            receiver,
            timeout_setting,
        }
    }

    /// The proxy through which the host reaches a server.
    pub(crate) fn proxy(&self, server: Server) -> &Proxy {
        match server {
            Server::Stripe => &self.stripe,
            Server::Acquirer => &self.acquirer,
            Server::Receiver => &self.receiver,
        }
    }

    /// Restart the host with the wrong configuration of a cell, or with the correct one if `None`.
    pub(crate) async fn configure(&mut self, wrong: Option<&Cell>) {
        let mut urls = [&self.stripe, &self.acquirer, &self.receiver].map(Proxy::url);
        if let Some(cell) = wrong {
            set_wrong_url(&mut urls, cell);
        }
        self.host.restart_as(merchant(&urls, &self.timeout_setting)).await;
    }
}

/// Configured URLs of Stripe, the acquirer and the receiver of order events, in this order.
type Urls = [String; 3];

fn set_wrong_url([stripe, acquirer, receiver]: &mut Urls, cell: &Cell) {
    let url = match cell.peer.server {
        Server::Stripe => stripe,
        Server::Acquirer => acquirer,
        Server::Receiver => receiver,
    };
    match cell.fault {
        // `.invalid` is reserved and never resolves (RFC 6761 §6.4).
        CellFault::UnknownHost => "http://nowhere.invalid".clone_into(url),
        CellFault::NoTls => *url = url.replace("http://", "https://"),
        _ => {}
    }
}

fn merchant([stripe, acquirer, receiver]: &Urls, timeout_setting: &str) -> Merchant {
    Merchant::named("demo")
        .webhook("agent", Release::V2026_04_17, &[])
        .receiver_settings(&format!("url = \"{receiver}{}\"\n{timeout_setting}", receiver::PATH))
        .set(&format!("[stripe]\nbase_url = \"{stripe}\"\n{timeout_setting}"))
        .acquirer(&format!("base_url = \"{acquirer}\"\n{timeout_setting}"))
}
