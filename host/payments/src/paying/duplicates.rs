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
use tillhouse_checkout::ports::CommitError;

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
    First(Box<First>),
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
        Role::First(Box::new(First {
            all: self.clone(),
            request,
            sender,
        }))
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
    /// Tell the others. A completion that comes after this begins anew.
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

/// What a completion knows of the one that it waited for.
#[derive(Debug)]
pub(super) enum Waited {
    /// It was refused, and so is every other that is the same.
    Refused(CheckoutError),
    /// It has paid, or goes on after this deadline: the session says which.
    LookAtSession,
    /// It ran out of its own time, a service did not answer it, or it was lost: the next one may have more luck.
    TryAgain,
}

impl Duplicate {
    /// Wait for the other, until the deadline of this one.
    pub(super) async fn end(mut self, until: Option<Instant>) -> Waited {
        let ended = self.0.wait_for(Option::is_some);
        let ended = match until {
            None => ended.await,
            Some(until) => match timeout_at(until, ended).await {
                Ok(ended) => ended,
                Err(_) => return Waited::LookAtSession,
            },
        };
        match ended.as_deref() {
            Ok(Some(Ok(()))) => Waited::LookAtSession,
            Ok(Some(Err(error))) if !passes(error) => Waited::Refused(error.clone()),
            Ok(_) | Err(_) => Waited::TryAgain,
        }
    }
}

/// Whether an error is about the time or the luck of one caller.
pub(super) const fn passes(error: &CheckoutError) -> bool {
    matches!(
        error,
        CheckoutError::DeadlineExceeded(_)
            | CheckoutError::Decision(_)
            | CheckoutError::TokenService { .. }
            | CheckoutError::Store(_)
            | CheckoutError::Conflict(CommitError::PluginData | CommitError::Store(_))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::completion;
    use tillhouse_checkout::deadline::DeadlineExceeded;
    use tillhouse_checkout::payment_token::PaymentToken;
    use tillhouse_checkout::ports::StoreError;

    fn declined() -> Result<CheckoutResponse, CheckoutError> {
        Err(CheckoutError::Declined { code: "c".into() })
    }

    fn begin(all: &Duplicates, request: &CompleteRequest) -> Option<Box<First>> {
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
            token: PaymentToken::stripe("spt_2"),
            ..request.clone()
        };
        assert!(begin(&all, &other).is_some(), "another token is another payment");
        let Role::Duplicate(duplicate) = all.begin(&request) else {
            panic!("the same completion runs")
        };
        first.end(&declined());
        let waited = duplicate.end(None).await;
        assert!(
            matches!(waited, Waited::Refused(CheckoutError::Declined { .. })),
            "{waited:?}"
        );
        assert!(begin(&all, &request).is_some());
        assert!(all.running().is_empty(), "nothing is left of what has ended");
    }

    #[tokio::test]
    async fn what_was_only_the_first_ones_misfortune_is_tried_again() {
        let (all, request) = (Duplicates::default(), completion(&SessionId::new("cs_1")));
        let first = begin(&all, &request).unwrap();
        let (Role::Duplicate(late), Role::Duplicate(lost)) = (all.begin(&request), all.begin(&request)) else {
            panic!("the same completion runs")
        };
        assert!(matches!(late.end(Some(Instant::now())).await, Waited::LookAtSession));
        drop(first);
        assert!(matches!(lost.end(None).await, Waited::TryAgain));
        assert!(all.running().is_empty());
        for passing in [DeadlineExceeded.into(), CheckoutError::Store(StoreError::new("disk"))] {
            let first = begin(&all, &request).unwrap();
            let Role::Duplicate(duplicate) = all.begin(&request) else {
                panic!("the same completion runs")
            };
            first.end(&Err(passing));
            assert!(matches!(duplicate.end(None).await, Waited::TryAgain));
        }
    }
}
