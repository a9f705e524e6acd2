//! Every body that the host sends, and every body that the sandbox's agent sends, against the official ACP schemas, and against Adyen's
//! document.
//!
//! Where the schemas are is said in `tests/src/official.rs` and `tests/src/official/adyen.rs`. Without them the trials are reported as ignored, not as passed. A whole run
//! compares what it saw with `COVERAGE.md`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod adyen;
mod at_adyen;
mod bodies;
mod coverage;
mod events;
mod examples;
mod feed;
mod newest;
mod openapi;
mod states;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use tillhouse_tests::Release;
use tillhouse_tests::official::{self, fixes as schema_fixes};
use tokio::runtime::Runtime;

use bodies::Bodies;
use events::Events;
use newest::Newest;

fn main() -> ExitCode {
    let folder = official::folder();
    let trials: Vec<Trial> = Release::ALL
        .into_iter()
        .flat_map(|release| trials(&folder, release))
        .chain(examples::trials(&folder))
        .chain(Newest::trials(&folder))
        .chain(at_adyen::trials(&folder))
        .chain(feed::trials(&folder))
        .chain(adyen::trials())
        .collect();
    let arguments = Arguments::from_args();
    let is_whole = arguments.filter.is_none() && arguments.skip.is_empty() && !arguments.list;
    let conclusion = libtest_mimic::run(&arguments, trials);
    if is_whole && conclusion.num_ignored == 0 && !coverage::report() {
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}

type Check = fn(&Runtime, &Bodies) -> Result<(), Failed>;

macro_rules! checks {
    ($($name:ident),+ $(,)?) => {
        [$((stringify!($name), (|runtime, bodies| runtime.block_on(bodies.$name())) as Check)),+]
    };
}

fn trials(folder: &std::path::Path, release: Release) -> Vec<Trial> {
    let checks = checks![
        the_schemas_can_refuse,
        a_purchase,
        a_purchase_of_digital_goods,
        a_purchase_to_europe,
        a_payment_under_way,
        a_decline,
        a_cancellation,
        a_cart_that_cannot_be_sold,
        discounts_and_fees,
        an_authentication,
        an_expired_session,
        a_session_for_the_buyer,
        a_session_for_approval,
        refusals,
        refusals_of_a_release,
        conflicts,
    ];
    let is_absent = !official::file(folder, release).is_file();
    let lacks_events = Events::is_absent(folder, release);
    let events = {
        let folder = folder.to_owned();
        let run = move || {
            let runtime = Runtime::new()?;
            runtime.block_on(Events::of(release, &folder).an_order_and_its_change())
        };
        let name = format!("{}::an_order_and_its_change", release.as_str());
        Trial::test(name, run).with_ignored_flag(lacks_events)
    };
    checks
        .into_iter()
        .map(|(name, check)| {
            let folder = folder.to_owned();
            let run = move || {
                let runtime = Runtime::new()?;
                check(&runtime, &Bodies::of(release, name, &folder))
            };
            Trial::test(format!("{}::{name}", release.as_str()), run).with_ignored_flag(is_absent)
        })
        .chain([events])
        .collect()
}
