//! `tillhouse serve`: the host, for real use.

use std::path::PathBuf;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

use super::Failure;
use super::local::{self, Local};
use crate::config::{Config, TelemetryConfig};
use crate::host::{Host, Parts};
use crate::telemetry;

/// `tillhouse serve`.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The configuration file. Without one, the reference shop is served on embedded defaults, against the sandbox.
    #[arg(long)]
    config: Option<PathBuf>,
    /// The bundled reference component, for capabilities that a merchant's own plugins do not have. Without it, and with the
    /// source of the plugins at hand, it is built.
    #[arg(long)]
    reference: Option<PathBuf>,
    /// Address of the embedded defaults.
    #[arg(long, default_value = "127.0.0.1:8080", conflicts_with = "config")]
    listen: String,
    /// Data folder of the embedded defaults.
    #[arg(long, default_value = "data", conflicts_with = "config")]
    data: PathBuf,
}

impl Serve {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match &self.config {
            Some(file) => self.configured(&Config::load(file)?).await,
            None => self.embedded().await,
        }
    }

    async fn configured(&self, config: &Config) -> Result<(), Failure> {
        telemetry::init(&config.telemetry)?;
        let component = match &self.reference {
            Some(file) => Some(file.clone()),
            None if local::workspace().is_ok() => {
                let built = local::build()?;
                built.into_iter().next().map(|plugin| plugin.component)
            }
            None => None,
        };
        let bundled = component.map(|file| local::bundled(&file)).transpose()?;
        let host = Host::start(
            config,
            Parts {
                bundled,
                ..Parts::default()
            },
        )
        .await?;
        info!(address = %host.address, "serving");
        asked_to_stop().await?;
        info!("stopping");
        host.stop().await;
        Ok(())
    }

    async fn embedded(&self) -> Result<(), Failure> {
        telemetry::init(&TelemetryConfig::default())?;
        let plugins = local::build()?;
        let local = Local::start(&plugins, self.data.clone(), &self.listen, None).await?;
        info!(
            address = %local.host.address,
            stripe = local.sandbox.stripe.url(),
            acquirer = local.sandbox.acquirer.url(),
            receiver = local.sandbox.receiver.url(),
            "serving the reference shop on embedded defaults"
        );
        asked_to_stop().await?;
        info!("stopping");
        local.stop().await;
        Ok(())
    }
}

/// Ctrl-C, or what a supervisor sends.
async fn asked_to_stop() -> Result<(), Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        done = tokio::signal::ctrl_c() => done?,
        _ = terminate.recv() => {}
    }
    Ok(())
}
