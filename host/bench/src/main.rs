//! `tillhouse-bench`, which `tillhouse bench` starts: the cost of the sandbox, the disk and HTTP, as ratios within one run.
//!
//! The same shop is called in three ways through the same pipeline: as a component, as native Rust, and as a service behind
//! HTTP. Then whole purchases over HTTP are compared with a bare echo server and with plain commits of the store. What is
//! compared is measured in alternating rounds, and the median round counts, because the speed of a machine changes over time.

mod baselines;
mod callout;
mod calls;
mod catalog_import;
mod connection;
mod disk;
mod echo;
mod figures;
mod imports;
mod isolated_runtime;
mod load;
mod machine;
mod native;
mod one_by_one;
mod plan;
mod postgres_import;
mod purchases;
mod report;
mod request_templates;
mod shop;
#[cfg(test)]
mod tests;
mod thread_hop;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use serde::Serialize;

use tillhouse_console::bundled::{self, BundledPlugins};
use tillhouse_console::local_host::LocalHost;
use tillhouse_console::output::{self, Printer};
use tillhouse_console::{CommandError, command};

use plan::Plan;

/// All clients share one merchant here; let them wait for a permit rather than be refused, however slow the disk is.
const QUEUE_SETTINGS: &str = "\n[plugins]\nqueue_wait_ms = 5000\n";

/// Measure the cost of the sandbox, the disk and HTTP on this machine, as ratios within one run.
#[derive(Debug, Parser)]
#[command(name = "tillhouse bench", bin_name = "tillhouse bench", version)]
struct Bench {
    /// Print one JSON document instead of tables.
    #[arg(long)]
    json: bool,
    /// Fewer and shorter rounds, about 20 seconds in total: enough to see that it works, too few to compare machines.
    #[arg(long)]
    quick: bool,
    /// Data folder, which selects the disk to measure. Default: the temporary directory. Uses a new folder in it, and removes
    /// that afterwards.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Measure nothing but the import of a catalog with this many rows into a running host, and quotes meanwhile. Build with
    /// `--release`.
    #[arg(long, value_name = "ROWS")]
    imports: Option<usize>,
    /// Import the rows into this database as well, which is empty and on this machine, and compare that with the same rows inserted
    /// bare: `postgres://user:password@127.0.0.1:5432/database`.
    #[arg(long, value_name = "URL", requires = "imports")]
    postgres: Option<String>,
}

/// All measurements. The names are stable: programs read them from `--json`.
#[derive(Debug, Serialize)]
struct Results {
    machine: machine::Machine,
    calls: Vec<calls::CallRow>,
    /// Microseconds of every plugin call that go into changing threads.
    hop_us: f64,
    purchases: Vec<purchases::PurchaseRow>,
    #[serde(rename = "books")]
    ledgers: purchases::LedgerTotals,
    disk: disk::Disk,
    echo: echo::Echo,
}

impl Results {
    /// Measure everything, with data in a new folder below `parent`.
    async fn collect(plan: &Plan, plugins: &BundledPlugins, parent: &Path) -> Result<Self, CommandError> {
        let data = parent.join(format!("tillhouse-bench-{}", std::process::id()));
        std::fs::create_dir_all(&data)?;
        let machine = machine::Machine::detect(&data, plan.quick);

        let catalog = shop::catalog();
        let local = LocalHost::start_with_catalog(
            &catalog,
            |_| QUEUE_SETTINGS.to_owned(),
            plugins,
            data.join("host"),
            "127.0.0.1:0",
            None,
        )
        .await?;
        let measured = measure(plan, &local, &data).await;
        local.stop().await;
        let removed = std::fs::remove_dir_all(&data);

        let (calls, hop_us, served) = measured?;
        removed?;
        Ok(Self {
            machine,
            calls,
            hop_us,
            purchases: served.purchases,
            ledgers: served.ledgers,
            disk: served.disk,
            echo: served.echo,
        })
    }
}

impl Bench {
    async fn run(self) -> Result<(), CommandError> {
        let plan = if self.quick { Plan::quick() } else { Plan::full() };
        let plugins = bundled::plugins()?;
        let parent = self.data.unwrap_or_else(std::env::temp_dir);
        if let Some(rows) = self.imports {
            let figures = Box::pin(imports::measure(rows, &plugins, &parent, self.postgres)).await?;
            if self.json {
                output::print_json(&serde_json::to_value(&figures)?);
            } else {
                imports::print(&Printer::new(false), &figures);
            }
            return Ok(());
        }
        let results = Results::collect(&plan, &plugins, &parent).await?;
        if self.json {
            output::print_json(&serde_json::to_value(&results)?);
        } else {
            report::print(&Printer::new(false), &results);
        }
        Ok(())
    }
}

fn main() -> ExitCode {
    let bench = Bench::parse();
    command::block_on(command::exit_code_of(bench.run()))
}

async fn measure(
    plan: &Plan,
    local: &LocalHost,
    data: &Path,
) -> Result<(Vec<calls::CallRow>, f64, purchases::LoadResults), CommandError> {
    output::print_progress("calling the shop as a component, as native Rust and over HTTP");
    let calls = calls::measure(plan, local.host.plugins.clone()).await?;
    let hop_us = isolated_runtime::on_own_runtime("bench-hop", thread_hop::measure).await?;
    let served = purchases::measure(plan, local, data).await?;
    Ok((calls, hop_us, served))
}
