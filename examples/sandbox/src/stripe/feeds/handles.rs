//! What a test reads of feeds, and how it controls them.

use super::import::{FeedImport, ImportFailure};
use super::{Catalog, ErrorFileShape, EventDestination, EventFault, FeedFile, Script, SentEvent, event, processing};
use crate::gate::Hold;
use crate::id::{EventId, ImportId};
use crate::stripe::Stripe;
use crate::sync::lock;

impl Stripe {
    /// Every file that was uploaded or put, oldest first, and the error files that were made.
    #[must_use]
    pub fn feed_files(&self) -> Vec<FeedFile> {
        lock(&self.state.feeds.ledger).files.rows().to_vec()
    }

    /// Every import, oldest first.
    #[must_use]
    pub fn feed_imports(&self) -> Vec<FeedImport> {
        lock(&self.state.feeds.ledger).imports.rows().to_vec()
    }

    /// The catalog as the imports have made it, in the order in which they were processed.
    #[must_use]
    pub fn catalog(&self) -> Catalog {
        lock(&self.state.feeds.ledger).catalog.clone()
    }

    /// Holds every import before it is processed; those that are held are processed in any order once the hold is over.
    pub fn hold_imports(&self) -> Hold {
        Hold::new(std::sync::Arc::clone(&self.state.feeds.gate))
    }

    /// Processes an import now, also while imports are held; returns when its event was answered.
    pub async fn finish_import(&self, id: &ImportId) {
        processing::finish(&self.state, id).await;
    }

    /// Waits until at least this many imports have ended and their events were answered.
    pub async fn imports_settled(&self, count: usize) {
        let mut settled = self.state.feeds.settled.subscribe();
        let _ = settled.wait_for(|settled| *settled >= count).await;
    }

    /// In the next import that is processed, the rows of these items fail with these messages.
    pub fn fail_next_rows(&self, rows: &[(&str, &str)]) {
        let rows = rows
            .iter()
            .map(|(item, message)| ((*item).to_owned(), (*message).to_owned()))
            .collect();
        lock(&self.state.feeds.ledger).scripts.push_back(Script::Rows(rows));
    }

    /// The next import that is processed fails as a whole.
    pub fn fail_next_import(&self, failure: ImportFailure) {
        lock(&self.state.feeds.ledger).scripts.push_back(Script::Fail(failure));
    }

    /// The next import is answered with an id that does not exist.
    pub fn misname_next_import(&self) {
        lock(&self.state.feeds.ledger).misname_next = true;
    }

    /// Every URL for an upload or an error file that was given out so far has expired.
    pub fn expire_links(&self) {
        lock(&self.state.feeds.ledger).links.expire_all();
    }

    /// Where catalog imports name their error files from now on.
    pub fn show_error_files(&self, shape: ErrorFileShape) {
        lock(&self.state.feeds.ledger).error_file_shape = shape;
    }

    /// The largest file of the Files API, and the largest that may be put, in bytes.
    pub fn limit_files(&self, file: usize, upload: usize) {
        *lock(&self.state.feeds.max_file_bytes) = file;
        *lock(&self.state.feeds.max_upload_bytes) = upload;
    }

    /// Sends events to one more endpoint.
    pub fn send_events_to(&self, destination: EventDestination) {
        lock(&self.state.feeds.events.destinations).push(destination);
    }

    /// Injects a fault into the next event; several faults are used in order.
    pub fn fail_next_event(&self, fault: EventFault) {
        lock(&self.state.feeds.events.faults).push_back(fault);
    }

    /// Sends the events that were late or overtaken, and waits for the answers.
    pub async fn deliver_late_events(&self) {
        event::deliver_late(&self.state).await;
    }

    /// Sends an event once more; false if there is no event with this id.
    pub async fn send_event_again(&self, id: &EventId) -> bool {
        event::send_again(&self.state, id).await
    }

    /// Every delivery of an event, in the order of their answers.
    #[must_use]
    pub fn sent_events(&self) -> Vec<SentEvent> {
        lock(&self.state.feeds.events.sent).clone()
    }
}
