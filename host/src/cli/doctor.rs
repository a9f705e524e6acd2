//! `tillhouse doctor`: checks configuration, store, plugins and machine.

mod adyen;
mod checks;
mod configuration;
mod feeds;
mod machine;
mod party_units;
mod plugins;
mod processor;
mod signatures;
mod store;
mod stripe;
mod toolchain;
mod vault;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use checks::Checks;
use tillhouse_console::{CommandError, bundled};
use tillhouse_server::host::bindings::FallbackPlugin;

/// Check configuration, store, plugins and machine, and report each problem with its fix.
///
/// Without a configuration it checks the tools that plugins are built with: Rust, the target wasm32-wasip2, and the SDK version
/// that the plugin of the current folder is locked to.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tillhouse doctor                              # this machine, for writing plugins
  tillhouse doctor --config tillhouse.toml      # a host, before it is started or while it runs

Exit codes: 0 no check failed (there may be warnings), 1 a check failed, 2 usage error.")]
pub(super) struct Doctor {
    /// Configuration file. Without it, only the machine and its toolchain are checked.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Check the toolchain even if there is a configuration.
    #[arg(long)]
    toolchain: bool,
    /// Component of the reference shop, as for `tillhouse serve`.
    #[arg(long)]
    reference: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Returns exit code 1 if a check failed; warnings do not count.
    pub(super) async fn run(self) -> ExitCode {
        let mut checks = Checks::default();
        machine::clock(&mut checks);
        machine::core_dumps(&mut checks);
        if self.toolchain || self.config.is_none() {
            toolchain::check(Path::new("."), &mut checks);
        }
        if let Some(file) = &self.config
            && let Some(config) = configuration::check(file, &mut checks)
        {
            stripe::check(&config, &mut checks);
            signatures::check(&config, &mut checks);
            adyen::check(&config, &mut checks);
            vault::check(&config, &mut checks);
            feeds::check(&config, &mut checks);
            let running = store::check(&config, &mut checks).await;
            machine::open_files(&config, &mut checks);
            machine::listener(&config, running, &mut checks);
            let bundled = match &self.reference {
                Some(file) => read(file).map(Some),
                None => bundled::reference(),
            };
            match bundled {
                Ok(bundled) => Box::pin(plugins::check(&config, bundled, &mut checks)).await,
                Err(failure) => checks.fail(
                    "plugins",
                    format!("the bundled component could not be built or read: {}", failure.0),
                    "give its file with --reference",
                ),
            }
        }
        checks.print(self.json);
        ExitCode::from(u8::from(checks.has_failures()))
    }
}

fn read(reference: &Path) -> Result<FallbackPlugin, CommandError> {
    bundled::shop_with_component(std::fs::read(reference)?)
}
