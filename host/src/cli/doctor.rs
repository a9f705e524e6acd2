//! `tillhouse doctor`: everything that can be looked at before it goes wrong.

mod configuration;
mod findings;
mod machine;
mod plugins;
mod store;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::local;
use findings::Findings;

/// `tillhouse doctor`.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// The configuration file. Without one only the machine is looked at.
    #[arg(long)]
    config: Option<PathBuf>,
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
        if let Some(file) = &self.config
            && let Some(config) = configuration::look(file, &mut findings)
        {
            let running = store::look(&config, &mut findings).await;
            machine::listener(&config, running, &mut findings);
            let bundled = match &self.reference {
                Some(file) => local::bundled(file).map(Some),
                None => local::reference(),
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
