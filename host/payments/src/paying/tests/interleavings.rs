//! Random interleavings: whatever changes, is read, retried, declined or restarted, a charge is for the quote that its caller was shown
//! last.
//!
//! `TILLHOUSE_INTERLEAVINGS=2000 cargo test -p tillhouse-payments interleavings` tries as many; the default is some dozens.

mod step;
mod view;
mod world;

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use step::steps;
use world::{Seen, World};

/// How many interleavings are tried.
fn interleavings() -> u32 {
    let wanted = std::env::var("TILLHOUSE_INTERLEAVINGS").ok();
    wanted.and_then(|number| number.parse().ok()).unwrap_or(48)
}

fn run(lower: bool) -> Seen {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(Config {
        cases: interleavings(),
        failure_persistence: None,
        ..Config::default()
    });
    let seen = RefCell::new(Seen::default());
    runner
        .run(&steps(), |steps| {
            let of_run = runtime.block_on(async {
                let mut world = World::new(lower).await;
                for step in steps {
                    world.step(step).await?;
                }
                world.finish().await?;
                Ok::<Seen, TestCaseError>(world.seen)
            })?;
            seen.borrow_mut().add(of_run);
            Ok(())
        })
        .unwrap();
    seen.into_inner()
}

#[test]
fn whatever_happens_in_between_a_charge_is_for_the_quote_that_was_shown_last() {
    let seen = run(false);
    assert!(
        seen.charged > interleavings() && seen.refused > 0 && seen.replayed > 0,
        "{seen:?}"
    );
    assert_eq!(seen.charged_lower, 0);
}

#[test]
fn where_the_merchant_says_so_a_charge_may_be_lower_for_the_same_purchase() {
    let mut seen = Seen::default();
    // A few dozen interleavings seldom charge a lower total; that none of a thousand does is an error.
    for _ in 0..20 {
        seen.add(run(true));
        if seen.charged_lower > 0 && seen.refused > 0 && seen.replayed > 0 {
            return;
        }
    }
    panic!("{seen:?}");
}
