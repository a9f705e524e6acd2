//! `tillhouse serve`: runs the host.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use tracing::{info, warn};

use tillhouse_console::local_host::LocalHost;
use tillhouse_console::signals::{Signals, StopSignal};
use tillhouse_console::{CommandError, bundled, command};
use tillhouse_server::config::{Config, TelemetryConfig};
use tillhouse_server::file_limit;
use tillhouse_server::hardening;
use tillhouse_server::host::assembly::Assembly;
use tillhouse_server::host::{Host, HostParts};
use tillhouse_server::telemetry;

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Configuration file. Without it, the reference shop is served on embedded defaults, against the sandbox.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Component of the reference shop, which decides what a merchant's own plugins do not. Default: the bundled one.
    #[arg(long)]
    reference: Option<PathBuf>,
    /// Address to listen on with the embedded defaults.
    #[arg(long, default_value = "127.0.0.1:8080", conflicts_with = "config")]
    listen: String,
    /// Data folder for the embedded defaults.
    #[arg(long, default_value = "data", conflicts_with = "config")]
    data: PathBuf,
}

/// Serve until a signal says to stop.
pub(super) fn run(serve: Serve) -> ExitCode {
    hardening::create_private_files();
    let runtime = match hardening::disable_core_dumps().and_then(|()| command::runtime()) {
        Ok(runtime) => runtime,
        Err(error) => return command::exit_code(Err(error.into())),
    };
    let code = runtime.block_on(command::exit_code_of(serve.run()));
    // Remaining tasks end with the process: dropping the runtime would drop futures of guest calls half-way.
    std::mem::forget(runtime);
    code
}

impl Serve {
    async fn run(self) -> Result<(), CommandError> {
        match &self.config {
            Some(file) => self.serve_configuration(Config::load(file)?).await,
            None => self.serve_defaults().await,
        }
    }

    async fn serve_configuration(&self, mut config: Config) -> Result<(), CommandError> {
        let _flush = telemetry::init(&config.telemetry)?;
        config.server.max_connections = file_limit::raise_file_limit(config.server.max_connections);
        let config = &config;
        let bundled = match &self.reference {
            Some(file) => Some(bundled::shop_with_component(std::fs::read(file)?)?),
            None => bundled::reference()?,
        };
        let parts = HostParts {
            bundled,
            ..HostParts::default()
        };
        let assembly = Assembly::open_to_serve(config, &parts).await?;
        assembly.load(config, parts.bundled.as_ref()).await?;
        hardening::protect_memory()?;
        // Until here a signal ends the process at once: there is nothing to shut down gracefully.
        let mut signals = Signals::new()?;
        let host = Box::pin(Host::serve(assembly, config, &parts)).await?;
        info!(address = %host.address, "serving");
        let wait = match signals.next().await {
            StopSignal::Terminate => config.server.drain_delay,
            // Ctrl-C in a terminal: there is no load balancer that needs time to notice.
            StopSignal::Interrupt => Duration::ZERO,
        };
        info!("stopping; a second signal stops the process at once");
        host.unready();
        let drain = async {
            tokio::time::sleep(wait).await;
            host.stop().await
        };
        tokio::select! {
            all = drain => info!(all, "stopped"),
            _ = signals.next() => warn!("stopped at once, without draining"),
        }
        Ok(())
    }

    async fn serve_defaults(&self) -> Result<(), CommandError> {
        let _flush = telemetry::init(&TelemetryConfig::default())?;
        let mut signals = Signals::new()?;
        let plugins = bundled::plugins()?;
        let local = LocalHost::start(&plugins, self.data.clone(), &self.listen, None).await?;
        hardening::protect_memory()?;
        info!(
            address = %local.host.address,
            stripe = local.sandbox.stripe.url(),
            acquirer = local.sandbox.acquirer.url(),
            receiver = local.sandbox.receiver.url(),
            "serving the reference shop on embedded defaults"
        );
        signals.next().await;
        info!("stopping");
        tokio::select! {
            () = local.stop() => {}
            _ = signals.next() => {}
        }
        Ok(())
    }
}
