//! Until when the caller of an operation must have its answer, and who may still give it.
//!
//! Two sides share a deadline: the edge, which answers that there was no time, and the operation, which commits. The first of them
//! decides for both: nothing is committed after the caller was told that nothing was done, and a commit that was begun in
//! time is answered with what it committed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

/// What the calls of plugins leave of the caller's time: for putting together, committing and rendering what they answered.
const COMMIT_TIME: Duration = Duration::from_millis(250);

/// The operation works, and its caller has no answer yet.
const OPEN: u8 = 0;
/// A commit is under way: its outcome is the answer.
const COMMITTING: u8 = 1;
/// A commit is done: it is the answer.
const COMMITTED: u8 = 2;
/// The caller was told that there was no time.
const GIVEN_UP: u8 = 3;

/// The deadline of one operation. Clones share it. The default is none: the caller waits as long as it takes.
#[derive(Clone, Debug, Default)]
pub struct Deadline {
    until: Option<Instant>,
    state: Arc<AtomicU8>,
}

/// The caller was told that there was no time, so that nothing may be committed any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time of the request is over")]
pub struct DeadlineExceeded;

/// A commit that was begun in time. Dropping it before [`done`](Self::done) says that nothing was committed.
#[derive(Debug)]
#[must_use = "the operation is as before when this is dropped"]
pub struct CommitPermit {
    state: Arc<AtomicU8>,
    /// State to return to: an operation may commit more than once.
    before: u8,
}

impl Deadline {
    /// The caller must have its answer at this time; `None` to wait as long as it takes.
    #[must_use]
    pub fn answering(at: Option<Instant>) -> Self {
        Self {
            until: at.map(|at| at.checked_sub(COMMIT_TIME).unwrap_or(at)),
            ..Self::default()
        }
    }

    /// When calls of plugins end: a little before the caller has its answer, so that what they said can be committed. `None` to wait
    /// as long as it takes.
    #[must_use]
    pub const fn until(&self) -> Option<Instant> {
        self.until
    }

    /// Begin a commit whose outcome will be the answer.
    ///
    /// # Errors
    /// When the caller was told that there was no time.
    pub fn begin_commit(&self) -> Result<CommitPermit, DeadlineExceeded> {
        let begun = self.state.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |state| {
            (state != GIVEN_UP).then_some(COMMITTING)
        });
        match begun {
            Ok(before) => Ok(CommitPermit {
                state: Arc::clone(&self.state),
                before,
            }),
            Err(_) => Err(DeadlineExceeded),
        }
    }

    /// Tell the caller that there was no time. `false` if a commit was begun before: the caller gets its outcome instead.
    #[must_use]
    pub fn give_up(&self) -> bool {
        self.change(OPEN, GIVEN_UP)
    }

    /// Tell the caller that there was no time, though a commit is under way that does not end. `false` if it has ended. The operation
    /// has to undo it then, if it can.
    #[must_use]
    pub fn stop_waiting(&self) -> bool {
        self.change(COMMITTING, GIVEN_UP)
    }

    /// Whether a commit of the operation is durable.
    #[must_use]
    pub fn is_committed(&self) -> bool {
        self.state.load(Ordering::SeqCst) == COMMITTED
    }

    /// Whether the caller was told that there was no time.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        self.state.load(Ordering::SeqCst) == GIVEN_UP
    }

    fn change(&self, from: u8, to: u8) -> bool {
        match self
            .state
            .compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst)
        {
            Ok(_) => true,
            Err(current) => current == to,
        }
    }
}

impl CommitPermit {
    /// The commit is durable: from now on the answer is what it committed, however late.
    pub fn done(mut self) {
        self.before = COMMITTED;
    }
}

impl Drop for CommitPermit {
    fn drop(&mut self) {
        // Unchanged if the caller was told in the meantime that there was no time.
        let _ = self
            .state
            .compare_exchange(COMMITTING, self.before, Ordering::SeqCst, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_committed_after_the_caller_was_told_that_there_was_no_time() {
        let deadline = Deadline::default();
        let edge = deadline.clone();
        assert!(edge.give_up());
        assert_eq!(deadline.begin_commit().unwrap_err(), DeadlineExceeded);
        assert!(edge.give_up(), "it stays so");
    }

    #[test]
    fn a_commit_that_was_begun_is_the_answer_even_when_it_is_late() {
        let deadline = Deadline::default();
        let commit = deadline.begin_commit().unwrap();
        assert!(!deadline.give_up());
        commit.done();
        assert!(!deadline.give_up());
        drop(deadline.begin_commit().unwrap());
        assert!(
            !deadline.give_up(),
            "a later commit that failed does not undo the first"
        );
    }

    #[test]
    fn a_commit_that_was_refused_leaves_the_operation_open() {
        let deadline = Deadline::default();
        for _ in 0..2 {
            drop(deadline.begin_commit().unwrap());
        }
        assert!(deadline.give_up());
        deadline.begin_commit().unwrap_err();
    }

    #[test]
    fn an_operation_learns_that_its_caller_did_not_wait_for_its_commit() {
        let deadline = Deadline::default();
        let commit = deadline.begin_commit().unwrap();
        assert!(deadline.stop_waiting());
        commit.done();
        assert!(deadline.is_given_up() && !deadline.is_committed());
        let in_time = Deadline::default();
        in_time.begin_commit().unwrap().done();
        assert!(!in_time.stop_waiting() && in_time.is_committed());
    }

    #[test]
    fn calls_of_plugins_end_before_the_caller_has_its_answer() {
        assert_eq!(Deadline::answering(None).until(), None);
        let at = Instant::now() + Duration::from_secs(3);
        assert_eq!(at - Deadline::answering(Some(at)).until().unwrap(), COMMIT_TIME);
    }
}
