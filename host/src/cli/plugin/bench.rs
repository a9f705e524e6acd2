//! `tillhouse plugin bench`: measures the cost of a plugin's decisions by cart size.

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

/// Cart sizes, in lines, that are always measured.
const SIZES: [usize; 8] = [1, 2, 5, 10, 20, 50, 100, LARGEST];

/// Maximum number of lines that a host accepts in a cart.
const LARGEST: usize = 200;

/// Note for a plugin without a function that takes a cart.
const NOTHING: &str = "no function of this plugin takes a cart, so nothing was measured; `tillhouse plugin run` shows the cost of \
     one call, and `tillhouse plugin run --list` lists the functions";

#[derive(Debug, Args)]
#[command(after_help = "\
Every function that takes a cart is called with carts of 1 to 200 lines, made of the catalog's items or of generated ones. Times
are medians on an engine configured as in a host; instructions are counted on a second engine, and are the same on every machine.
Beyond 200 lines, the maximum that a host accepts, carts grow until a limit is reached; sizes beyond --up-to are extrapolated and
marked with ~.

Examples:
  tillhouse plugin bench
  tillhouse plugin bench my-shop --function pricing.price --catalog catalog.csv
  tillhouse plugin bench --json > bench.json

Exit codes: 0 carts of up to 200 lines stay within every limit, 1 a limit is exceeded or the plugin does not answer, 2 usage
error, 3 the engine does not run on this machine.")]
pub(in crate::cli) struct Bench {
    #[command(flatten)]
    place: Place,
    /// Only this function, such as pricing.price. May be repeated.
    #[arg(long = "function", value_name = "NAME")]
    functions: Vec<String>,
    #[command(flatten)]
    given: Given,
    /// Calls of each size up to 200 lines; the median is shown.
    #[arg(long, value_name = "N", default_value_t = 51, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    samples: u16,
    /// Largest cart that is tried, in lines.
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

    /// Notes on missing options, or on why nothing was measured.
    fn notes(&self, found: &Found, subject: &Subject, all: &[Series]) -> Vec<String> {
        if all.is_empty() {
            return vec![NOTHING.to_owned()];
        }
        let functions = all.iter().map(|series| series.function);
        let mut missing = functions.filter_map(|function| self.given.no_catalog(found, subject, function));
        missing.next().into_iter().collect()
    }

    /// Measure time, memory and answer size, on an engine configured as in a host.
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

    /// Count instructions, on an engine with instruction counting.
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
                "{unknown} is not a function of this plugin that takes a cart; available: {}",
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

/// Settings with limits far above a host's: usage is measured and compared with the real limits afterwards.
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
