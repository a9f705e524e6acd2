//! The connection slots: which connections hold them, and which have to close when there are no free slots.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::CLOSING_CONNECTIONS;
use super::client::Client;

/// Which limit refused a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LimitReached {
    /// All slots are taken by connections with a request in progress.
    Host,
    /// The client has reached its limit, and all its connections have a request in progress.
    Client,
}

/// State of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ConnectionState {
    /// Idle: no request yet, or none since the last response.
    Idle,
    /// The body of a request is arriving; the client is not authenticated yet.
    Receiving,
    /// A complete request is being processed.
    Working,
}

#[derive(Debug)]
struct Connection {
    client: Option<Client>,
    state: ConnectionState,
    /// Sequence number of the last change of state; a lower number means an earlier change.
    turn: u64,
    leave: CancellationToken,
}

/// How long a connection keeps its slot even if other connections need one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GracePeriods {
    /// While idle: a client needs time to send its request.
    pub(crate) idle: Duration,
    /// While the body of a request is arriving.
    pub(crate) body: Duration,
}

/// A pool of slots with a limit in total and a limit per client.
#[derive(Debug)]
pub(crate) struct Slots {
    max: usize,
    max_per_client: usize,
    held: Mutex<SlotTable>,
}

#[derive(Debug)]
struct SlotTable {
    grace: GracePeriods,
    next: u64,
    open: HashMap<u64, Connection>,
    /// Number of connections that lost their slot and are still closing.
    leaving: usize,
    waiting: BTreeMap<u64, (u64, Instant)>,
    receiving: BTreeMap<u64, (u64, Instant)>,
    of_client: HashMap<Client, BTreeSet<u64>>,
}

impl Slots {
    /// A pool of `max` slots, at most `max_per_client` per client. A connection beyond its grace period loses its slot if others need it.
    pub(crate) fn new(max: usize, max_per_client: usize, grace: GracePeriods) -> Arc<Self> {
        let held = Mutex::new(SlotTable {
            grace,
            next: 0,
            open: HashMap::new(),
            leaving: 0,
            waiting: BTreeMap::new(),
            receiving: BTreeMap::new(),
            of_client: HashMap::new(),
        });
        Arc::new(Self {
            max,
            max_per_client,
            held,
        })
    }

    /// Take a slot. If none is free, the longest idle connection loses its slot. Without a client, the limit per client does not
    /// apply.
    ///
    /// # Errors
    /// When every connection that could lose its slot has a request in progress.
    pub(crate) fn take(self: &Arc<Self>, client: Option<Client>) -> Result<Slot, LimitReached> {
        let mut held = self.held();
        if held.open.len() + held.leaving >= self.max + CLOSING_CONNECTIONS {
            return Err(LimitReached::Host);
        }
        if client.is_some_and(|client| held.count(client) >= self.max_per_client) {
            let own = client.and_then(|client| held.evictable_of_client(client));
            held.evict(own.ok_or(LimitReached::Client)?);
        } else if held.open.len() >= self.max {
            let one = held.evictable().or_else(|| held.evictable_of_busiest_client(client));
            held.evict(one.ok_or(LimitReached::Host)?);
        }
        let (id, leave) = held.add(client);
        drop(held);
        Ok(Slot(Arc::new(SlotHandle {
            slots: Arc::clone(self),
            id,
            leave,
            has_request: AtomicBool::new(false),
            has_unread: AtomicBool::new(false),
        })))
    }

    /// Whether there is no free slot; a connection is then closed after its response.
    pub(crate) fn is_full(&self) -> bool {
        let held = self.held();
        held.open.len() + held.leaving >= self.max
    }

    /// Close the longest idle connection, if there is one.
    pub(crate) fn evict_longest_idle(&self) {
        let mut held = self.held();
        if let Some(id) = held.evictable() {
            held.evict(id);
        }
    }

    fn held(&self) -> MutexGuard<'_, SlotTable> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SlotTable {
    fn add(&mut self, client: Option<Client>) -> (u64, CancellationToken) {
        let id = self.tick();
        let leave = CancellationToken::new();
        let connection = Connection {
            client,
            state: ConnectionState::Idle,
            turn: id,
            leave: leave.clone(),
        };
        self.open.insert(id, connection);
        self.waiting.insert(id, (id, Instant::now()));
        if let Some(client) = client {
            self.of_client.entry(client).or_default().insert(id);
        }
        (id, leave)
    }

    fn tick(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn count(&self, client: Client) -> usize {
        self.of_client.get(&client).map_or(0, BTreeSet::len)
    }

    /// The longest idle connection, or else the one whose body has been arriving for the longest; both beyond their grace period.
    fn evictable(&self) -> Option<u64> {
        let oldest = |turns: &BTreeMap<u64, (u64, Instant)>, grace: Duration| {
            let (_, (id, since)) = turns.first_key_value()?;
            (since.elapsed() >= grace).then_some(*id)
        };
        let waiting = oldest(&self.waiting, self.grace.idle);
        waiting.or_else(|| oldest(&self.receiving, self.grace.body))
    }

    /// Like `idle`, among the connections of one client.
    fn evictable_of_client(&self, client: Client) -> Option<u64> {
        let oldest = |state: ConnectionState, turns: &BTreeMap<u64, (u64, Instant)>, grace: Duration| {
            let (id, since) = turns.get(&self.oldest_turn(client, |it| it == state)?)?;
            (since.elapsed() >= grace).then_some(*id)
        };
        let waiting = oldest(ConnectionState::Idle, &self.waiting, self.grace.idle);
        waiting.or_else(|| oldest(ConnectionState::Receiving, &self.receiving, self.grace.body))
    }

    /// A connection without a complete request, however new, of the client with the most connections. `None` unless that client
    /// has more connections than the new connection's client would then have.
    fn evictable_of_busiest_client(&self, newcomer: Option<Client>) -> Option<u64> {
        let own = newcomer.map_or(0, |client| self.count(client));
        let (heaviest, ids) = self.of_client.iter().max_by_key(|(_, ids)| ids.len())?;
        let turn = self.oldest_turn(*heaviest, |state| state != ConnectionState::Working)?;
        let (id, _) = self.waiting.get(&turn).or_else(|| self.receiving.get(&turn))?;
        (ids.len() > own + 1).then_some(*id)
    }

    /// The lowest `turn` among the connections of a client in the given states.
    fn oldest_turn(&self, client: Client, does: impl Fn(ConnectionState) -> bool) -> Option<u64> {
        let own = self.of_client.get(&client)?.iter().filter_map(|id| self.open.get(id));
        let those = own.filter(|connection| does(connection.state));
        those.map(|connection| connection.turn).min()
    }

    fn evict(&mut self, id: u64) {
        if let Some(connection) = self.remove(id) {
            self.leaving += 1;
            connection.leave.cancel();
        }
    }

    fn begin(&mut self, id: u64, state: ConnectionState) {
        let turn = self.tick();
        let Some(connection) = self.open.get_mut(&id) else {
            return;
        };
        self.waiting.remove(&connection.turn);
        self.receiving.remove(&connection.turn);
        (connection.state, connection.turn) = (state, turn);
        match state {
            ConnectionState::Idle => _ = self.waiting.insert(turn, (id, Instant::now())),
            ConnectionState::Receiving => _ = self.receiving.insert(turn, (id, Instant::now())),
            ConnectionState::Working => {}
        }
    }

    fn remove(&mut self, id: u64) -> Option<Connection> {
        let connection = self.open.remove(&id)?;
        self.waiting.remove(&connection.turn);
        self.receiving.remove(&connection.turn);
        if let Some(client) = connection.client
            && let Some(ids) = self.of_client.get_mut(&client)
        {
            ids.remove(&id);
            if ids.is_empty() {
                self.of_client.remove(&client);
            }
        }
        Some(connection)
    }

    fn free(&mut self, id: u64) {
        if self.remove(id).is_none() {
            self.leaving = self.leaving.saturating_sub(1);
        }
    }
}

/// Guard of a slot; dropping it frees the slot.
#[derive(Debug)]
pub(crate) struct Slot(Arc<SlotHandle>);

impl Slot {
    /// The handle through which the connection reports its state.
    pub(crate) fn handle(&self) -> Arc<SlotHandle> {
        Arc::clone(&self.0)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.slots.held().free(self.0.id);
    }
}

/// Handle of a connection to its slot: reports the state, and signals when the connection has to close.
#[derive(Debug)]
pub(crate) struct SlotHandle {
    slots: Arc<Slots>,
    id: u64,
    leave: CancellationToken,
    has_request: AtomicBool,
    has_unread: AtomicBool,
}

impl SlotHandle {
    pub(crate) fn set_idle(&self) {
        self.begin(ConnectionState::Idle);
    }

    pub(crate) fn set_receiving(&self) {
        self.begin(ConnectionState::Receiving);
    }

    pub(crate) fn set_working(&self) {
        self.begin(ConnectionState::Working);
    }

    /// Whether a request has arrived that has no response yet.
    pub(crate) fn has_request(&self) -> bool {
        self.has_request.load(Ordering::Acquire)
    }

    /// Note that the rest of a request body will not be read.
    pub(crate) fn set_unread(&self) {
        self.has_unread.store(true, Ordering::Release);
    }

    /// Whether the client may still be sending a body that will not be read.
    pub(crate) fn has_unread(&self) -> bool {
        self.has_unread.load(Ordering::Acquire)
    }

    /// Cancelled when the connection has to close because its slot is needed.
    pub(crate) const fn evicted(&self) -> &CancellationToken {
        &self.leave
    }

    /// Whether all slots of the pool are taken.
    pub(crate) fn is_pool_full(&self) -> bool {
        self.slots.is_full()
    }

    fn begin(&self, state: ConnectionState) {
        self.has_request
            .store(state != ConnectionState::Idle, Ordering::Release);
        self.slots.held().begin(self.id, state);
    }
}

#[cfg(test)]
mod tests;
