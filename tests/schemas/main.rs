//! Every body that the host sends, and every body that the sandbox's agent sends, against the official ACP schemas.
//!
//! The schemas are not part of this repository. They are read from the folder in `TILLHOUSE_ACP_SCHEMAS`, which has a folder
//! for each release as in <https://github.com/agentic-commerce-protocol/agentic-commerce-protocol>; the default is
//! `../shared/acp`, relative to the workspace. Without the schemas the trials are reported as ignored, not as passed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod bodies;
mod events;
mod newest;
mod official;
mod schema_fixes;

use std::path::PathBuf;

use libtest_mimic::{Arguments, Failed, Trial};
use tillhouse_tests::{Release, workspace};
use tokio::runtime::Runtime;

use bodies::Bodies;
use events::Events;
use newest::Newest;

fn main() {
    let folder =
        std::env::var_os("TILLHOUSE_ACP_SCHEMAS").map_or_else(|| workspace().join("../shared/acp"), PathBuf::from);
    let trials = [Release::V2025_09_29, Release::V2026_04_17]
        .into_iter()
        .flat_map(|release| trials(&folder, release))
        .chain(Newest::trials(&folder))
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
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
                check(&runtime, &Bodies::of(release, &folder))
            };
            Trial::test(format!("{}::{name}", release.as_str()), run).with_ignored_flag(is_absent)
        })
        .chain([events])
        .collect()
}
