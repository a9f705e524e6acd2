//! A proxy between a host and one of its peers that injects faults into chosen exchanges.
//!
//! It forwards HTTP/1 requests one after the other on a connection, and applies a [`Fault`] to the next requests of a [`Route`].
//! Its actions depend only on what it has read: it never waits for time to pass, except for the drip, which is slow on purpose.

mod exchange;
mod fault;
mod message;
mod refusing_listener;
mod route;
#[cfg(test)]
mod tests;
mod wire;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::task::JoinHandle;

pub use fault::{Fault, RETRY_AFTER};
pub use route::Route;

use refusing_listener::RefusingListener;

/// A proxy on a free port. Dropping it closes its connections.
#[derive(Debug)]
pub struct Proxy {
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

/// State shared by the connections of a proxy.
#[derive(Debug)]
struct Shared {
    listener: RefusingListener,
    peer: OnceLock<SocketAddr>,
    plans: Mutex<Vec<Plan>>,
}

/// The action planned for the next requests of a route.
#[derive(Debug)]
struct Plan {
    route: Route,
    action: PlannedAction,
    times: usize,
}

#[derive(Clone, Copy, Debug)]
enum PlannedAction {
    Inject(Fault),
    /// Forward the request, and refuse connections as soon as it is answered.
    ForwardThenClose,
}

impl Proxy {
    /// Starts a proxy without a target; see [`Self::set_target`].
    pub async fn start() -> Self {
        let shared = Arc::new(Shared {
            listener: RefusingListener::bind_free_port(),
            peer: OnceLock::new(),
            plans: Mutex::default(),
        });
        let accepting = tokio::spawn(accept(Arc::clone(&shared)));
        Self { shared, accepting }
    }

    /// Sets the target, once.
    pub fn set_target(&self, peer: SocketAddr) {
        self.shared.peer.set(peer).expect("a proxy leads to one peer");
    }

    /// The address that the proxy listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.shared.listener.address()
    }

    /// The proxy's base URL, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Applies a fault to the next `times` requests of a route.
    pub fn inject(&self, route: Route, fault: Fault, times: usize) {
        self.plan(route, PlannedAction::Inject(fault), times);
    }

    /// Refuses connections from now on.
    pub fn refuse(&self) {
        self.shared.listener.close();
    }

    /// Refuses connections as soon as the next request of a route is answered.
    pub fn refuse_after(&self, route: Route) {
        self.plan(route, PlannedAction::ForwardThenClose, 1);
    }

    /// Accepts connections again, on the same port.
    pub fn accept_connections(&self) {
        self.shared.listener.open();
    }

    /// Number of planned faults that have not been applied yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.shared.plans().iter().map(|plan| plan.times).sum()
    }

    fn plan(&self, route: Route, action: PlannedAction, times: usize) {
        self.shared.plans().push(Plan { route, action, times });
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

    /// The action for this request; call it once for each request.
    fn planned_action(&self, method: &str, path: &str) -> Option<PlannedAction> {
        let mut plans = self.plans();
        let plan = plans
            .iter_mut()
            .find(|plan| plan.times > 0 && plan.route.covers(method, path))?;
        plan.times -= 1;
        Some(plan.action)
    }
}

async fn accept(shared: Arc<Shared>) {
    // Dropped with this task; drops every connection.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let stream = shared.listener.accept().await;
        let shared = Arc::clone(&shared);
        // Connections that break off are expected here: the faults cause them.
        connections.spawn(async move { drop(exchange::serve(stream, &shared).await) });
        while connections.try_join_next().is_some() {}
    }
}
