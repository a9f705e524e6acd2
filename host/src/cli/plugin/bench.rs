//! `tillhouse plugin bench`: measures the cost of a plugin's decisions by cart size.

mod arguments;
mod limit_projection;
mod quotes;
mod report;
mod series;

use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use super::error::{VerbError, finish};
use super::options::PluginOptions;
use super::sample_carts::SampleCarts;
use super::target_plugin::{BuiltPlugin, PluginPath, PluginSource};
use super::trial_setup;
use tillhouse_console::output::{self, Printer};
use tillhouse_runtime::function::Function;
use tillhouse_runtime::limits::Limits;
use tillhouse_runtime::trial::{Exported, Trial};
use tillhouse_runtime::{Component, EngineSettings};

use quotes::QuoteCosts;
use report::Report;
use series::Series;

/// Cart sizes, in lines, that are always measured.
const SIZES: [usize; 8] = [1, 2, 5, 10, 20, 50, 100, LARGEST];

/// Maximum number of lines that a host accepts in a cart.
const LARGEST: usize = 200;

/// Note for a plugin without a function that takes a cart.
const NO_CART_FUNCTION: &str = "no function of this plugin takes a cart, so nothing was measured; `tillhouse plugin run` shows the cost of \
     one call, and `tillhouse plugin run --list` lists the functions";

#[derive(Debug, Args)]
#[command(after_help = "\
Every function that takes a cart is called with carts of 1 to 200 lines, made of the catalog's items or of generated ones. Times
are medians on an engine configured as in a host; instructions are counted on a second engine, and are the same on every machine.
A plugin that decides stock, prices, fulfillment and taxes is also measured by whole quotes: in one call of quoting.quote, if it
exports that, and with a call for each decision.

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
    plugin_path: PluginPath,
    /// Only this function, such as pricing.price. May be repeated.
    #[arg(long = "function", value_name = "NAME")]
    functions: Vec<String>,
    #[command(flatten)]
    options: PluginOptions,
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
        let done = Box::pin(self.measure()).await;
        finish(done, self.json)
    }

    async fn measure(&self) -> Result<Value, VerbError> {
        let source = self.plugin_path.find()?;
        let plugin = source.build()?;
        let carts = SampleCarts::of(&self.options.catalog(&source)?, self.options.currency);
        // Time, memory and size of the answer, on an engine configured as in a host.
        let settings = generous_settings(false);
        let (trial, component) = trial_setup::load_trial(&settings, &source, &plugin, &self.options).await?;
        let mut all = self.measure_calls(&trial, &component, &carts).await?;
        let mut quotes = QuoteCosts::of(component.capabilities()).filter(|_| self.is_chosen(Function::QuoteWhole));
        if let Some(quotes) = &mut quotes {
            output::print_progress("measuring whole quotes");
            quotes.measure(&trial, &carts, self.samples).await;
        }
        output::print_progress("counting instructions");
        let settings = generous_settings(true);
        let (trial, _) = trial_setup::load_trial(&settings, &source, &plugin, &self.options).await?;
        for series in &mut all {
            series.count_instructions(&trial, &carts).await?;
        }
        if let Some(quotes) = &mut quotes {
            quotes.count_instructions(&trial, &carts).await;
        }
        let report = Report {
            manifest: &plugin.manifest,
            samples: self.samples,
            limits: &Limits::default(),
            all: &all,
            quotes: quotes.as_ref(),
            notes: self.notes(&source, &plugin, &all),
        };
        report.print(&Printer::new(self.json));
        Ok(report.document())
    }

    /// Notes on missing options, or on why nothing was measured.
    fn notes(&self, source: &PluginSource, plugin: &BuiltPlugin, all: &[Series]) -> Vec<String> {
        if all.is_empty() {
            return vec![NO_CART_FUNCTION.to_owned()];
        }
        let functions = all.iter().map(|series| series.function);
        let mut missing = functions.filter_map(|function| self.options.missing_catalog_note(source, plugin, function));
        missing.next().into_iter().collect()
    }

    async fn measure_calls(
        &self,
        trial: &Trial,
        component: &Component,
        carts: &SampleCarts,
    ) -> Result<Vec<Series>, VerbError> {
        let mut all = Vec::new();
        for function in self.chosen_functions(&Exported::of(component))? {
            output::print_progress(&format!("measuring {}", function.name()));
            let mut series = Series::new(function);
            series.measure(trial, carts, self.samples, self.up_to).await?;
            all.push(series);
        }
        Ok(all)
    }

    fn chosen_functions(&self, exported: &[Exported]) -> Result<Vec<Function>, VerbError> {
        let cart_functions = exported
            .iter()
            .map(|it| it.function)
            .filter(|it| arguments::takes_cart(*it));
        let cart_functions: Vec<Function> = cart_functions.collect();
        let names: Vec<&str> = cart_functions.iter().map(|function| function.name()).collect();
        if let Some(unknown) = self.functions.iter().find(|name| !names.contains(&name.as_str())) {
            return Err(VerbError::Plugin(format!(
                "{unknown} is not a function of this plugin that takes a cart; available: {}",
                if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                }
            )));
        }
        let chosen = cart_functions.into_iter().filter(|function| self.is_chosen(*function));
        Ok(chosen.collect())
    }

    fn is_chosen(&self, function: Function) -> bool {
        self.functions.is_empty() || self.functions.iter().any(|name| name == function.name())
    }
}

/// Settings with limits far above a host's: usage is measured and compared with the real limits afterwards.
fn generous_settings(metered: bool) -> EngineSettings {
    let mut settings = trial_setup::settings(metered);
    for calls in [&mut settings.limits.decision, &mut settings.limits.effect] {
        calls.cpu_ms = series::TIME_LIMIT.as_millis().try_into().unwrap_or(u64::MAX);
        calls.wall = series::TIME_LIMIT;
        calls.memory_bytes = series::MEMORY_LIMIT;
        calls.guest_to_host_bytes = usize::MAX / 2;
    }
    settings
}
