//! `tillhouse doctor`: everything that can be looked at before it goes wrong.

mod configuration;
mod findings;
mod machine;
mod plugins;
mod store;
mod toolchain;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use findings::Findings;
use tillhouse_console::{Failure, bundled};
use tillhouse_server::host::bindings::Bundled;

/// Look at configuration, store, plugins and machine, and say what is wrong and what to do about it.
///
/// Without a configuration the tools that plugins are built with are looked at: Rust, the target wasm32-wasip2, and the SDK that
/// the current folder's plugin was locked to.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tillhouse doctor                              # this machine, for writing plugins
  tillhouse doctor --config tillhouse.toml      # a host, before it is started or while it runs

Exit codes: 0 nothing fails (there may be warnings), 1 something does, 2 the command was not understood.")]
pub(super) struct Doctor {
    /// The configuration file. Without one only the machine and its toolchain are looked at.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Look at the toolchain as well, where there is a configuration.
    #[arg(long)]
    toolchain: bool,
    /// The bundled reference component, as for `tillhouse serve`.
    #[arg(long)]
    reference: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Exit code 1 where something fails; warnings are no failure.
    pub(super) async fn run(self) -> ExitCode {
        let mut findings = Findings::default();
        machine::clock(&mut findings);
        machine::core_dumps(&mut findings);
        if self.toolchain || self.config.is_none() {
            toolchain::look(Path::new("."), &mut findings);
        }
        if let Some(file) = &self.config
            && let Some(config) = configuration::look(file, &mut findings)
        {
            let running = store::look(&config, &mut findings).await;
            machine::open_files(&config, &mut findings);
            machine::listener(&config, running, &mut findings);
            let bundled = match &self.reference {
                Some(file) => read(file).map(Some),
                None => bundled::reference(),
            };
            match bundled {
                Ok(bundled) => Box::pin(plugins::look(&config, bundled, &mut findings)).await,
                Err(failure) => findings.fail(
                    "plugins",
                    format!("the bundled component cannot be had: {}", failure.0),
                    "give its file with --reference",
                ),
            }
        }
        findings.print(self.json);
        ExitCode::from(u8::from(findings.has_failures()))
    }
}

fn read(reference: &Path) -> Result<Bundled, Failure> {
    bundled::shop_of(std::fs::read(reference)?)
}
