//! `tillhouse plugin dev`: a host on this machine that rebuilds and reloads a plugin when its sources change.

mod buyer;
mod commands;
mod event_printer;
mod merchant;
mod watcher;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use tillhouse_sandbox::{Sandbox, SandboxConfig};
use tokio::sync::mpsc;

use super::error::VerbError;
use super::options::PluginOptions;
use super::target_plugin::{BuiltPlugin, PluginPath, PluginSource};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_console::CommandError;
use tillhouse_console::folder::DataFolder;
use tillhouse_console::local_host::{LocalHost, MERCHANT};
use tillhouse_console::signals::Signals;
use tillhouse_console::{bundled, command};
use tillhouse_runtime::{EngineSettings, RequestedUpstream, SharedEngine};
use tillhouse_server::config::{Config, Sources, TelemetryConfig};
use tillhouse_server::host::error::StartError;
use tillhouse_server::host::swap::Release;
use tillhouse_server::host::{Host, HostParts};
use tillhouse_server::telemetry;

use buyer::Buyer;
use event_printer::EventPrinter;
use watcher::SourceChange;

/// Log filter: warnings and errors of the host, and everything that plugins log.
const LOG_FILTER: &str = "warn,tillhouse::plugin=debug";

#[derive(Debug, Args)]
#[command(after_help = "\
The bundled reference shop decides what the plugin does not, and the sandbox's processor charges the cards unless the plugin
does. Stripe, the card acquirer and the receiver of order events are simulated on this machine.

Whenever a file below PATH, the manifest or the configuration changes, the plugin is rebuilt and replaces the active release;
requests in progress finish with the release that they started with. A release that does not build, load or validate changes
nothing. The catalog is read once, at the start.

Type b and Enter to have the built-in agent buy once over each protocol. Ctrl-C stops the host.

An installed tillhouse has the bundled plugins embedded; one from a clone of Tillhouse takes them from its target folder.

Examples:
  tillhouse plugin dev
  tillhouse plugin dev plugins/reference-shop --listen 127.0.0.1:8080 --buy
  tillhouse plugin dev my-carrier --upstream rates=http://127.0.0.1:9000 --calls json

Exit codes: 0 stopped by a signal, 1 the plugin does not build, load or validate at the start, 2 usage error,
3 the host cannot run on this machine.")]
pub(in crate::cli) struct Dev {
    #[command(flatten)]
    plugin_path: PluginPath,
    /// Address that the host listens on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: String,
    #[command(flatten)]
    options: PluginOptions,
    /// Have the built-in agent buy once the host is ready.
    #[arg(long)]
    buy: bool,
    /// Item that the agent buys. Default: the first item of the catalog that is in stock.
    #[arg(long, value_name = "ID")]
    item: Option<String>,
    /// Format of calls, requests and other events: text, or json for one object per line.
    #[arg(long, value_enum, default_value = "text")]
    calls: EventFormat,
    /// The same as --calls json.
    #[arg(long)]
    json: bool,
    /// Data folder. Default: a temporary directory that is removed afterwards.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EventFormat {
    /// Text, for people to read.
    Text,
    /// One JSON object per line.
    Json,
}

/// Serve until a signal says to stop.
pub(super) fn run(dev: Dev) -> ExitCode {
    let runtime = match command::runtime() {
        Ok(runtime) => runtime,
        Err(error) => return VerbError::Machine(error.to_string()).report(false),
    };
    let as_json = dev.json || dev.calls == EventFormat::Json;
    let done = runtime.block_on(Box::pin(dev.run()));
    // Do not wait for a build in progress; remaining guest calls end with the process.
    std::mem::forget(runtime);
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(as_json),
    }
}

/// A running development host, with its agent and its output.
struct DevHost {
    local: LocalHost,
    buyer: Buyer,
    printer: Arc<EventPrinter>,
    /// Upstreams that the manifest asked for when the host started.
    upstreams: BTreeSet<String>,
    data: DataFolder,
}

fn upstream_names(requested_upstreams: &[RequestedUpstream]) -> BTreeSet<String> {
    requested_upstreams
        .iter()
        .map(|requested| requested.name.clone())
        .collect()
}

impl Dev {
    async fn run(self) -> Result<(), VerbError> {
        let telemetry = TelemetryConfig {
            filter: LOG_FILTER.to_owned(),
            ..TelemetryConfig::default()
        };
        let _flush = telemetry::init(&telemetry).map_err(|error| VerbError::Machine(error.to_string()))?;
        let source = self.plugin_path.find()?;
        let files = watcher::WatchedFiles::of(&source, self.options.config_file(&source));
        let began = Instant::now();
        let plugin = source.build()?;
        self.options.validate_config(&source, &plugin)?;
        merchant::check_upstreams(&self.options, &plugin.manifest.upstreams)?;
        let dev_host = self.start(&source, &plugin).await?;
        // Until here a signal ends the process at once: there is nothing to shut down gracefully.
        let mut signals = Signals::of_a_terminal().map_err(machine_error)?;
        dev_host.printer.serving(&plugin, &dev_host.local, began.elapsed());
        if !dev_host.printer.is_json() {
            commands::print(&dev_host.local, dev_host.buyer.item(), self.options.currency);
        }
        let (changes, mut changed) = mpsc::channel(1);
        tokio::spawn(watcher::watch(files, source, self.options.clone(), changes));
        let mut keys = watcher::buy_keys();
        if self.buy {
            dev_host.buyer.buy(&dev_host.local, &dev_host.printer).await;
        }
        loop {
            tokio::select! {
                _ = signals.next() => break,
                Some(change) = changed.recv() => dev_host.swap_in(change).await,
                Some(()) = keys.recv() => tokio::select! {
                    () = dev_host.buyer.buy(&dev_host.local, &dev_host.printer) => {}
                    _ = signals.next() => break,
                },
            }
        }
        dev_host.stop().await
    }

    async fn start(&self, source: &PluginSource, plugin: &BuiltPlugin) -> Result<DevHost, VerbError> {
        let plugins = bundled::plugins().map_err(machine_error)?;
        let code =
            SharedEngine::new(&EngineSettings::default()).map_err(|error| VerbError::Machine(error.to_string()))?;
        let charges = merchant::charges_cards(&code, plugin).await?;
        let data = DataFolder::new(self.data.clone(), "dev").map_err(|error| VerbError::Machine(error.to_string()))?;
        let catalog = merchant::prepare_catalog(&self.options, source, data.path(), &plugins.processor)?;
        let sandbox = Sandbox::start(SandboxConfig::default()).await;
        let sandbox = sandbox.map_err(|error| VerbError::Machine(error.to_string()))?;
        let inputs = merchant::MerchantInputs {
            listen: &self.listen,
            options: &self.options,
            source,
            plugin,
            charges,
        };
        let text = inputs.configuration(&sandbox)?;
        let config = Config::parse(&text, &Sources::process(data.path()))
            .map_err(|error| VerbError::Usage(error.to_string()))?;
        let printer = Arc::new(EventPrinter::new(self.json || self.calls == EventFormat::Json));
        let bundled = bundled::shop_with_component(plugins.shop.component.into_owned()).map_err(machine_error)?;
        let parts = HostParts {
            bundled: Some(bundled),
            observer: Some(Arc::clone(&printer) as _),
            watch: Some(Arc::clone(&printer) as _),
            code: Some(code),
            ..HostParts::default()
        };
        let host = Box::pin(Host::start(&config, parts))
            .await
            .map_err(|error| match error {
                StartError::Invalid(problems) => VerbError::Plugin(problems.join("\n")),
                StartError::Resource(problem) if problem.contains(&self.listen) => {
                    VerbError::Machine(format!("{problem}; give another --listen ADDRESS"))
                }
                other => VerbError::Machine(other.to_string()),
            })?;
        Ok(DevHost {
            local: LocalHost {
                host,
                sandbox,
                data: data.path().to_owned(),
            },
            buyer: Buyer::of(self.item.clone(), &catalog, self.options.currency),
            printer,
            upstreams: upstream_names(&plugin.manifest.upstreams),
            data,
        })
    }
}

impl DevHost {
    /// Swap in a new build, or report why it was not swapped in.
    async fn swap_in(&self, change: SourceChange) {
        let (plugin, config, built_in) = match change {
            SourceChange::Built(plugin, config, built_in) => (plugin, config, built_in),
            SourceChange::Failed(why) => return self.printer.refused(&why),
        };
        let asked = upstream_names(&plugin.manifest.upstreams);
        if let Some(new) = asked.difference(&self.upstreams).next() {
            let why = format!(
                "the manifest now asks for upstream {new}; stop this and start again with --upstream {new}=URL"
            );
            return self.printer.refused(&why);
        }
        let began = Instant::now();
        let release = Release {
            component: plugin.artifact.bytes,
            manifest: plugin.artifact.manifest_text.unwrap_or_default(),
            config: Some(config),
        };
        match self.local.host.swap(&MerchantId::new(MERCHANT), release).await {
            Ok(swapped) => self.printer.swapped(&swapped, built_in, began.elapsed()),
            Err(error) => self.printer.refused(&error.to_string()),
        }
    }

    async fn stop(self) -> Result<(), VerbError> {
        self.printer.stopping();
        // After the timeout only guest calls that wait for an upstream are still in progress.
        let _ = tokio::time::timeout(DRAIN_TIMEOUT, self.local.stop()).await;
        drop(self.data);
        Ok(())
    }
}

/// Timeout for stopping the host.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

fn machine_error(failure: CommandError) -> VerbError {
    let CommandError(problem) = failure;
    VerbError::Machine(problem)
}
