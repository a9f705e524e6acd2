//! Random orders of completions, results, cancellations, waits, silence and restarts: one approved charge at most, and none without
//! the proof once the buyer had to authenticate.
//!
//! `TILLHOUSE_INTERLEAVINGS=2000 cargo test -p tillhouse-payments random` tries as many; the default is some dozens.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use tillhouse_checkout::operation::CheckoutOperations;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Clock;

use super::interrupted::dies_after;
use super::*;
use crate::testing::{caller, completion_with, recorder};
use crate::token::TokenError;

#[derive(Clone, Debug)]
enum Step {
    /// The processor asks for an authentication of the next charge, at one of the two moments.
    Ask(bool),
    /// A completion, with the token before or with another one, and with this result or none.
    Complete {
        same_token: bool,
        outcome: Option<AuthenticationOutcome>,
    },
    /// The token service does not answer the next resolve.
    Silent,
    /// A host dies with the proof, before or after it was about to resolve the token.
    Die(bool),
    Wait(u64),
    Recover,
    Restart,
    Cancel,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let outcomes = vec![
        AuthenticationOutcome::Authenticated,
        AuthenticationOutcome::Authenticated,
        AuthenticationOutcome::AttemptAcknowledged,
        AuthenticationOutcome::Denied,
        AuthenticationOutcome::Failed,
    ];
    let outcome = prop::option::weighted(0.7, prop::sample::select(outcomes));
    let step = prop_oneof![
        4 => any::<bool>().prop_map(Step::Ask),
        8 => (prop::bool::weighted(0.8), outcome)
            .prop_map(|(same_token, outcome)| Step::Complete { same_token, outcome }),
        1 => Just(Step::Silent),
        2 => any::<bool>().prop_map(Step::Die),
        2 => prop::sample::select(vec![1, 60, 600, 901]).prop_map(Step::Wait),
        3 => Just(Step::Recover),
        1 => Just(Step::Restart),
        1 => Just(Step::Cancel),
    ];
    prop::collection::vec(step, 6..24)
}

struct World {
    host: TestHost,
    session: SessionId,
    tokens: u32,
    paid: bool,
    waited: u32,
}

impl World {
    async fn new() -> Self {
        let host = TestHost::start();
        let session = host.session_with_3ds().await;
        Self {
            host,
            session,
            tokens: 1,
            paid: false,
            waited: 0,
        }
    }

    async fn stored(&self) -> Session {
        self.host.stored(&self.session).await
    }

    async fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Ask(before) => ask(
                &self.host,
                if before {
                    Asking::BeforeTheCharge
                } else {
                    Asking::AtTheCharge
                },
            ),
            Step::Silent => self.host.tokens.set(|script| {
                script.resolves.push_back(Err(TokenError::Unavailable {
                    detail: "503".into(),
                    retry_after: Some(Duration::from_secs(3600)),
                }));
            }),
            Step::Complete { same_token, outcome } => self.complete(same_token, outcome).await?,
            Step::Die(resolving) => {
                if self.stored().await.state.name() == "authentication_required" {
                    dies_after(&self.host, &self.session, resolving).await;
                    self.restart().await;
                }
            }
            Step::Wait(seconds) => self.host.clock.advance(Duration::from_secs(seconds)),
            Step::Recover => {
                self.host.payments.recovery().run_once().await;
            }
            Step::Restart => self.restart().await,
            Step::Cancel => {
                let api = self.host.api();
                let _ = api.cancel(&caller(), &self.session, None, recorder()).await;
            }
        }
        self.check().await
    }

    async fn complete(
        &mut self,
        same_token: bool,
        outcome: Option<AuthenticationOutcome>,
    ) -> Result<(), TestCaseError> {
        self.tokens += u32::from(!same_token);
        let waited = self.stored().await.state.name() == "authentication_required";
        let before = charges(&self.host).len();
        let request = CompleteRequest {
            authentication: outcome.map(result),
            ..completion_with(&self.session, &format!("spt_{}", self.tokens))
        };
        let done = self.host.complete(request).await;
        let after = charges(&self.host);
        let permits = outcome.is_some_and(AuthenticationOutcome::permits_a_charge);
        for charge in &after[before..] {
            prop_assert_eq!(charge.contains("has_cryptogram: true"), permits, "{}", charge);
            prop_assert!(!waited || permits, "charged without the proof: {}", charge);
        }
        if let Ok(CheckoutResponse::Fresh(_)) = done {
            self.waited += u32::from(self.stored().await.state.name() == "authentication_required");
        }
        Ok(())
    }

    async fn restart(&mut self) {
        let host = std::mem::replace(&mut self.host, TestHost::start());
        self.host = host.restarted().await;
    }

    /// What holds after every step.
    async fn check(&mut self) -> Result<(), TestCaseError> {
        let (session, attempts) = (self.stored().await, self.host.attempts(&self.session).await);
        let live = attempts.iter().filter(|attempt| attempt.status().is_live());
        prop_assert!(live.count() <= 1, "{:?}", attempts);
        let approved = attempts
            .iter()
            .filter(|attempt| attempt.status() == AttemptStatus::Approved);
        self.paid = session.order().is_some();
        prop_assert_eq!(approved.count(), usize::from(self.paid));
        if let Some(id) = session.live_attempt() {
            let attempt = attempts.iter().find(|attempt| attempt.id == *id).unwrap();
            let waits = attempt.status() == AttemptStatus::AuthenticationRequired;
            prop_assert_eq!(session.state.name() == "authentication_required", waits);
        }
        Ok(())
    }

    /// A buyer who authenticates is served in the end, unless the session is over.
    async fn finish(&mut self) -> Result<(), TestCaseError> {
        self.host.tokens.set(|script| script.resolves.clear());
        self.host.processor.set(|script| {
            script.requirements.clear();
            script.charges.clear();
        });
        self.host.clock.advance(Duration::from_secs(901));
        self.host.payments.recovery().run_once().await;
        // A token service that asks to wait an hour has a payment continue only then.
        while self.stored().await.state.name() == "committing" {
            self.host.clock.advance(Duration::from_secs(600));
            self.host.payments.recovery().run_once().await;
        }
        // What went back to waiting for the buyer has waited long enough.
        self.host.payments.recovery().run_once().await;
        self.check().await?;
        let session = self.stored().await;
        let is_over = self.paid || session.state.is_final() || session.expires <= self.host.clock.now();
        if !is_over {
            self.tokens += 1;
            let request = completion_with(&self.session, &format!("spt_{}", self.tokens));
            let paid = self.host.complete(request).await;
            prop_assert!(paid.is_ok(), "{:?} {:?}", paid, session.state);
            self.check().await?;
            prop_assert!(self.paid);
        }
        Ok(())
    }
}

#[test]
fn whatever_happens_in_between_there_is_one_charge_at_most_and_none_without_the_proof() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let wanted = std::env::var("TILLHOUSE_INTERLEAVINGS").ok();
    let mut runner = TestRunner::new(Config {
        cases: wanted.and_then(|number| number.parse().ok()).unwrap_or(48),
        failure_persistence: None,
        ..Config::default()
    });
    let (paid, waited) = (std::cell::Cell::new(0_u32), std::cell::Cell::new(0_u32));
    runner
        .run(&steps(), |steps| {
            runtime.block_on(async {
                let mut world = World::new().await;
                for step in steps {
                    world.step(step).await?;
                }
                world.finish().await?;
                paid.set(paid.get() + u32::from(world.paid));
                waited.set(waited.get() + world.waited);
                Ok::<(), TestCaseError>(())
            })
        })
        .unwrap();
    assert!(
        paid.get() > 0 && waited.get() > 0,
        "{} paid, {} waited",
        paid.get(),
        waited.get()
    );
}
