//! A host under test that reaches its peers through proxies, which inject faults.

use tillhouse_sandbox::receiver;
use tillhouse_tests::eventually::fast_timings;
use tillhouse_tests::proxy::{Fault, Proxy};
use tillhouse_tests::{Merchant, Release, TestHost};

use crate::cell::Cell;
use crate::peer::Server;
use crate::table::Trouble;

/// Timeout of the host's requests in cells whose fault is a peer that does not respond; other cells use the default.
const VAIN_WAIT_MS: u32 = 1000;

/// Deadline of the complete request in cells whose fault lasts until the agent is told that the payment is in progress.
const LASTING_WAIT_MS: u32 = 2000;

/// A host, and a proxy in front of each server that it calls.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) host: TestHost,
    stripe: Proxy,
    acquirer: Proxy,
    receiver: Proxy,
    patience: String,
}

impl Bench {
    /// Start a host. Its configuration is correct, unless the fault of the cell is a wrong configuration that must be present
    /// from the start.
    pub(crate) async fn start(cell: &Cell) -> Self {
        let (stripe, acquirer, receiver) = (Proxy::start().await, Proxy::start().await, Proxy::start().await);
        let waits = matches!(cell.trouble, Trouble::Spoiled(Fault::Silence | Fault::Drip));
        let patience = if waits {
            format!("timeout_ms = {VAIN_WAIT_MS}")
        } else {
            String::new()
        };
        let mut urls = [&stripe, &acquirer, &receiver].map(Proxy::url);
        if cell.peer.errand.is_none() {
            misplace(&mut urls, cell);
        }
        let mut host = TestHost::builder()
            .merchant(merchant(&urls, &patience))
            .timings(fast_timings());
        let lasts = matches!(cell.trouble, Trouble::Refused | Trouble::NoName | Trouble::NoTls);
        if lasts && cell.peer.server == Server::Stripe && cell.peer.errand.is_none() {
            host = host.set(&format!("server.request_timeout_ms = {LASTING_WAIT_MS}"));
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
            patience,
        }
    }

    /// The proxy through which the host reaches a server.
    pub(crate) fn at(&self, server: Server) -> &Proxy {
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
            misplace(&mut urls, cell);
        }
        self.host.restart_as(merchant(&urls, &self.patience)).await;
    }
}

/// Configured URLs of Stripe, the acquirer and the receiver of order events, in this order.
type Urls = [String; 3];

fn misplace([stripe, acquirer, receiver]: &mut Urls, cell: &Cell) {
    let url = match cell.peer.server {
        Server::Stripe => stripe,
        Server::Acquirer => acquirer,
        Server::Receiver => receiver,
    };
    match cell.trouble {
        // `.invalid` is reserved and never resolves (RFC 6761 §6.4).
        Trouble::NoName => "http://nowhere.invalid".clone_into(url),
        Trouble::NoTls => *url = url.replace("http://", "https://"),
        _ => {}
    }
}

fn merchant([stripe, acquirer, receiver]: &Urls, patience: &str) -> Merchant {
    Merchant::named("demo")
        .webhook("agent", Release::V2026_04_17, &[])
        .receiver_settings(&format!("url = \"{receiver}{}\"\n{patience}", receiver::PATH))
        .set(&format!("[stripe]\nbase_url = \"{stripe}\"\n{patience}"))
        .acquirer(&format!("base_url = \"{acquirer}\"\n{patience}"))
}
