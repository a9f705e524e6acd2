//! Completions that are the same payment at the same moment: one of them does the work, and the others have its outcome.
//!
//! This spares the others answers that are true and of no use: that the last print is sold, or that the session has changed, when it
//! is their own payment that did it. It guards nothing. What prevents a second charge is the store, also between hosts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::operation::{CheckoutResponse, CompleteRequest};

/// How a payment ended for its caller; its response is rendered for each caller.
type Ended = Option<Result<(), CheckoutError>>;

/// The completions that run in this process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Duplicates(Arc<Mutex<HashMap<SessionId, Vec<Running>>>>);

#[derive(Debug)]
struct Running {
    /// Without its deadline, which is another for each caller.
    request: CompleteRequest,
    ended: watch::Receiver<Ended>,
}

/// What a completion has to do.
#[derive(Debug)]
pub(super) enum Role {
    /// The work; [`First::end`] tells the others.
    First(First),
    /// To wait for the one that does the same work already.
    Duplicate(Duplicate),
}

impl Duplicates {
    /// Begin a completion, or find the one that is the same.
    pub(super) fn begin(&self, request: &CompleteRequest) -> Role {
        let request = CompleteRequest {
            deadline: None,
            ..request.clone()
        };
        let mut running = self.running();
        let of_session = running.entry(request.session.clone()).or_default();
        if let Some(same) = of_session.iter().find(|running| running.request == request) {
            return Role::Duplicate(Duplicate(same.ended.clone()));
        }
        let (sender, ended) = watch::channel(None);
        of_session.push(Running {
            request: request.clone(),
            ended,
        });
        Role::First(First {
            all: self.clone(),
            request,
            sender,
        })
    }

    fn running(&self) -> MutexGuard<'_, HashMap<SessionId, Vec<Running>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The completion that does the work; dropped when its task ends, even by panic.
#[derive(Debug)]
pub(super) struct First {
    all: Duplicates,
    request: CompleteRequest,
    sender: watch::Sender<Ended>,
}

impl First {
    /// Tell the others. Whoever comes after this begins anew.
    pub(super) fn end(self, done: &Result<CheckoutResponse, CheckoutError>) {
        self.forget();
        let ended = done.as_ref().map(|_| ()).map_err(Clone::clone);
        self.sender.send_replace(Some(ended));
    }

    fn forget(&self) {
        let mut running = self.all.running();
        if let Some(of_session) = running.get_mut(&self.request.session) {
            of_session.retain(|running| running.request != self.request);
            if of_session.is_empty() {
                running.remove(&self.request.session);
            }
        }
    }
}

impl Drop for First {
    fn drop(&mut self) {
        if self.sender.borrow().is_none() {
            self.forget();
        }
    }
}

/// A completion that waits for the same one.
#[derive(Debug)]
pub(super) struct Duplicate(watch::Receiver<Ended>);

impl Duplicate {
    /// The error of the other; `None` where it has paid, goes on after this deadline, or was lost: the session says which.
    pub(super) async fn error(mut self, until: Option<Instant>) -> Option<CheckoutError> {
        let ended = self.0.wait_for(Option::is_some);
        let ended = match until {
            Some(until) => timeout_at(until, ended).await.ok()?,
            None => ended.await,
        };
        ended.ok()?.clone()?.err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::completion;
    use tillhouse_checkout::ids::TokenId;

    fn declined() -> Result<CheckoutResponse, CheckoutError> {
        Err(CheckoutError::Declined { code: "c".into() })
    }

    fn begin(all: &Duplicates, request: &CompleteRequest) -> Option<First> {
        match all.begin(request) {
            Role::First(first) => Some(first),
            Role::Duplicate(_) => None,
        }
    }

    #[tokio::test]
    async fn only_the_same_completion_is_a_duplicate_until_the_first_has_ended() {
        let (all, request) = (Duplicates::default(), completion(&SessionId::new("cs_1")));
        let first = begin(&all, &request).unwrap();
        let other = CompleteRequest {
            token: TokenId::new("spt_2"),
            ..request.clone()
        };
        assert!(begin(&all, &other).is_some(), "another token is another payment");
        let Role::Duplicate(duplicate) = all.begin(&request) else {
            panic!("the same completion runs")
        };
        first.end(&declined());
        assert!(matches!(
            duplicate.error(None).await,
            Some(CheckoutError::Declined { .. })
        ));
        assert!(begin(&all, &request).is_some());
        assert!(all.running().is_empty(), "nothing is left of what has ended");
    }

    #[tokio::test]
    async fn a_lost_or_late_completion_tells_its_duplicates_nothing() {
        let (all, request) = (Duplicates::default(), completion(&SessionId::new("cs_1")));
        let first = begin(&all, &request).unwrap();
        let (Role::Duplicate(late), Role::Duplicate(lost)) = (all.begin(&request), all.begin(&request)) else {
            panic!("the same completion runs")
        };
        assert!(late.error(Some(Instant::now())).await.is_none());
        drop(first);
        assert!(lost.error(None).await.is_none());
        assert!(all.running().is_empty());
    }
}
