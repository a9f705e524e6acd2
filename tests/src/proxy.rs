//! A proxy between a host and one of its peers that spoils chosen exchanges.
//!
//! It passes HTTP/1 on, one request after the other on a connection, and does to the next requests of a [`Route`] what a
//! [`Fault`] says. Whatever it does follows from what it has read: nothing in it waits for a time to pass, but for the drip,
//! which is slow by intent.

mod door;
mod exchange;
mod fault;
mod message;
mod route;
#[cfg(test)]
mod tests;
mod wire;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::task::JoinHandle;

pub use fault::{Fault, RETRY_AFTER};
pub use route::Route;

use door::Door;

/// A proxy on a free port. Dropped, it goes, and its connections with it.
#[derive(Debug)]
pub struct Proxy {
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

/// What the connections of a proxy share.
#[derive(Debug)]
struct Shared {
    door: Door,
    peer: OnceLock<SocketAddr>,
    plans: Mutex<Vec<Plan>>,
}

/// What is to happen to the next requests of a route.
#[derive(Debug)]
struct Plan {
    route: Route,
    act: Act,
    times: usize,
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Spoil(Fault),
    /// Pass the request on, and refuse connections from the moment that it is answered.
    CloseBehind,
}

impl Proxy {
    /// A proxy that does not know yet where it leads.
    pub async fn start() -> Self {
        let shared = Arc::new(Shared {
            door: Door::open_anywhere(),
            peer: OnceLock::new(),
            plans: Mutex::default(),
        });
        let accepting = tokio::spawn(accept(Arc::clone(&shared)));
        Self { shared, accepting }
    }

    /// Where it leads.
    pub fn lead_to(&self, peer: SocketAddr) {
        self.shared.peer.set(peer).expect("a proxy leads to one peer");
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.shared.door.address()
    }

    /// Its base URL, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Do that to the next so many requests of a route.
    pub fn spoil(&self, route: Route, fault: Fault, times: usize) {
        self.plan(route, Act::Spoil(fault), times);
    }

    /// Refuse connections from now on.
    pub fn refuse(&self) {
        self.shared.door.close();
    }

    /// Refuse connections from the moment that the next request of a route is answered.
    pub fn refuse_after(&self, route: Route) {
        self.plan(route, Act::CloseBehind, 1);
    }

    /// Take connections again, on the same port.
    pub fn admit(&self) {
        self.shared.door.open();
    }

    /// How many requests are still to be spoiled.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.shared.plans().iter().map(|plan| plan.times).sum()
    }

    fn plan(&self, route: Route, act: Act, times: usize) {
        self.shared.plans().push(Plan { route, act, times });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    fn plans(&self) -> std::sync::MutexGuard<'_, Vec<Plan>> {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to happen to this request; asked once for each.
    fn act_on(&self, method: &str, path: &str) -> Option<Act> {
        let mut plans = self.plans();
        let plan = plans
            .iter_mut()
            .find(|plan| plan.times > 0 && plan.route.covers(method, path))?;
        plan.times -= 1;
        Some(plan.act)
    }
}

async fn accept(shared: Arc<Shared>) {
    // Dropped with this task, and with it every connection.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let stream = shared.door.accept().await;
        let shared = Arc::clone(&shared);
        // A side that hangs up is what faults are made of.
        connections.spawn(async move { drop(exchange::serve(stream, &shared).await) });
        while connections.try_join_next().is_some() {}
    }
}
