//! `tillhouse plugin bench`: what a plugin's decisions cost, by the size of the cart.

mod carts;
mod reach;
mod report;
mod series;

use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use super::given::Given;
use super::subject::{Found, Place, Subject};
use super::trying;
use super::wrong::{Wrong, ended};
use tillhouse_console::output::{self, Story};
use tillhouse_runtime::EngineSettings;
use tillhouse_runtime::function::Function;
use tillhouse_runtime::limits::Limits;
use tillhouse_runtime::trial::Exported;

use carts::Carts;
use report::Report;
use series::Series;

/// Sizes that are always measured. The last is the largest cart that a host takes.
const SIZES: [usize; 8] = [1, 2, 5, 10, 20, 50, 100, LARGEST];

/// The largest cart that a host takes.
const LARGEST: usize = 200;

/// What is said of a plugin that is never asked about a cart.
const NOTHING: &str = "no function of it is asked about a cart, so that nothing was measured; `tillhouse plugin run` says what one \
     call costs, and `tillhouse plugin run --list` which functions there are";

/// `tillhouse plugin bench`.
#[derive(Debug, Args)]
#[command(after_help = "\
Carts of 1 to 200 lines are made of the catalog's items, or of made-up ones, and every function that is asked about a cart gets
them. Times are medians on an engine as hosts have it; instructions are counted on another one, and are the same on every
machine. Beyond 200 lines, which no host asks about, carts grow until a limit is met; what lies beyond --up-to is extrapolated
and marked with ~.

Examples:
  tillhouse plugin bench
  tillhouse plugin bench my-shop --function pricing.price --catalog catalog.csv
  tillhouse plugin bench --json > bench.json

Exit codes: 0 every cart of 200 lines stays within every limit, 1 one does not or the plugin does not answer, 2 the command was
not understood, 3 the engine does not run on this machine.")]
pub(in crate::cli) struct Bench {
    #[command(flatten)]
    place: Place,
    /// Only this function, as in pricing.price. May be repeated.
    #[arg(long = "function", value_name = "NAME")]
    functions: Vec<String>,
    #[command(flatten)]
    given: Given,
    /// Calls of each size up to 200 lines; the median is shown.
    #[arg(long, value_name = "N", default_value_t = 51, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    samples: u16,
    /// The largest cart that is tried.
    #[arg(long, value_name = "LINES", default_value_t = 3_200, value_parser = clap::value_parser!(u32).range(200..=100_000))]
    up_to: u32,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Bench {
    pub(super) async fn run(self) -> ExitCode {
        let done = Box::pin(self.done()).await;
        ended(done, self.json)
    }

    async fn done(&self) -> Result<Value, Wrong> {
        let found = self.place.find()?;
        let subject = found.build()?;
        let carts = Carts::of(&self.given.catalog(&found)?, self.given.currency);
        let mut all = self.measured(&found, &subject, &carts).await?;
        self.count(&found, &subject, &carts, &mut all).await?;
        let report = Report {
            manifest: &subject.manifest,
            samples: self.samples,
            limits: &Limits::default(),
            all: &all,
            notes: self.notes(&found, &subject, &all),
        };
        report.tell(&Story::new(self.json));
        Ok(report.document())
    }

    /// What was not given, and what to do where nothing was measured.
    fn notes(&self, found: &Found, subject: &Subject, all: &[Series]) -> Vec<String> {
        if all.is_empty() {
            return vec![NOTHING.to_owned()];
        }
        let functions = all.iter().map(|series| series.function);
        let mut missing = functions.filter_map(|function| self.given.no_catalog(found, subject, function));
        missing.next().into_iter().collect()
    }

    /// Times, memory and answers, on an engine as hosts have it.
    async fn measured(&self, found: &Found, subject: &Subject, carts: &Carts) -> Result<Vec<Series>, Wrong> {
        let (trial, component) = trying::trial(&generous(false), found, subject, &self.given).await?;
        let mut all = Vec::new();
        for function in self.chosen(&Exported::of(&component))? {
            output::progress(&format!("measuring {}", function.name()));
            let mut series = Series::new(function);
            series.grow(&trial, carts, self.samples, self.up_to).await?;
            all.push(series);
        }
        Ok(all)
    }

    /// Instructions, on an engine that counts them.
    async fn count(&self, found: &Found, subject: &Subject, carts: &Carts, all: &mut [Series]) -> Result<(), Wrong> {
        output::progress("counting instructions");
        let (trial, _) = trying::trial(&generous(true), found, subject, &self.given).await?;
        for series in all {
            series.count(&trial, carts).await?;
        }
        Ok(())
    }

    fn chosen(&self, exported: &[Exported]) -> Result<Vec<Function>, Wrong> {
        let about_carts = exported.iter().map(|it| it.function).filter(|it| carts::is_about(*it));
        let about_carts: Vec<Function> = about_carts.collect();
        let names: Vec<&str> = about_carts.iter().map(|function| function.name()).collect();
        if let Some(unknown) = self.functions.iter().find(|name| !names.contains(&name.as_str())) {
            return Err(Wrong::Plugin(format!(
                "{unknown} is no function of this plugin that is asked about a cart; there are {}",
                if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                }
            )));
        }
        let wanted = |function: &Function| {
            self.functions.is_empty() || self.functions.iter().any(|name| name == function.name())
        };
        Ok(about_carts.into_iter().filter(wanted).collect())
    }
}

/// Limits that are out of the way: what is used is measured, and held against the real ones.
fn generous(metered: bool) -> EngineSettings {
    let mut settings = trying::settings(metered);
    for calls in [&mut settings.limits.decision, &mut settings.limits.effect] {
        calls.cpu_ticks = series::PATIENCE.as_millis().try_into().unwrap_or(u64::MAX);
        calls.wall = series::PATIENCE;
        calls.memory_bytes = series::MEMORY;
        calls.guest_to_host_bytes = usize::MAX / 2;
    }
    settings
}
