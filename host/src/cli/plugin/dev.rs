//! `tillhouse plugin dev`: a host on this machine that rebuilds and reloads a plugin when its sources change.

mod buyer;
mod commands;
mod own;
mod show;
mod sources;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use tillhouse_sandbox::{Sandbox, SandboxConfig};
use tokio::sync::mpsc;

use super::given::Given;
use super::subject::{Found, Place, Subject};
use super::wrong::Wrong;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_console::Failure;
use tillhouse_console::folder::DataFolder;
use tillhouse_console::local::{Local, MERCHANT};
use tillhouse_console::signals::Signals;
use tillhouse_console::{bundled, command};
use tillhouse_runtime::{Code, EngineSettings, UpstreamWish};
use tillhouse_server::config::{Config, Sources, TelemetryConfig};
use tillhouse_server::host::error::StartError;
use tillhouse_server::host::swap::Release;
use tillhouse_server::host::{Host, Parts};
use tillhouse_server::telemetry;

use buyer::Buyer;
use show::Show;
use sources::Change;

/// Log filter: warnings and errors of the host, and everything that plugins log.
const FILTER: &str = "warn,tillhouse::plugin=debug";

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
    place: Place,
    /// Address that the host listens on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: String,
    #[command(flatten)]
    given: Given,
    /// Have the built-in agent buy once the host is ready.
    #[arg(long)]
    buy: bool,
    /// Item that the agent buys. Default: the first item of the catalog that is in stock.
    #[arg(long, value_name = "ID")]
    item: Option<String>,
    /// Format of calls, requests and other events: text, or json for one object per line.
    #[arg(long, value_enum, default_value = "text")]
    calls: Calls,
    /// The same as --calls json.
    #[arg(long)]
    json: bool,
    /// Data folder. Default: a temporary directory that is removed afterwards.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Calls {
    /// Text, for people to read.
    Text,
    /// One JSON object per line.
    Json,
}

/// Serve until a signal says to stop.
pub(super) fn run(dev: Dev) -> ExitCode {
    let runtime = match command::runtime() {
        Ok(runtime) => runtime,
        Err(error) => return Wrong::Machine(error.to_string()).told(false),
    };
    let as_json = dev.json || dev.calls == Calls::Json;
    let done = runtime.block_on(Box::pin(dev.run()));
    // Do not wait for a build in progress; remaining guest calls end with the process.
    std::mem::forget(runtime);
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(wrong) => wrong.told(as_json),
    }
}

/// A running development host, with its agent and its output.
struct Session {
    local: Local,
    buyer: Buyer,
    show: Arc<Show>,
    /// Upstreams that the manifest asked for when the host started.
    upstreams: BTreeSet<String>,
    data: DataFolder,
}

fn names(wishes: &[UpstreamWish]) -> BTreeSet<String> {
    wishes.iter().map(|wish| wish.name.clone()).collect()
}

impl Dev {
    async fn run(self) -> Result<(), Wrong> {
        let telemetry = TelemetryConfig {
            filter: FILTER.to_owned(),
            ..TelemetryConfig::default()
        };
        let _flush = telemetry::init(&telemetry).map_err(|error| Wrong::Machine(error.to_string()))?;
        let found = self.place.find()?;
        let watched = sources::Watched::of(&found, self.given.config_file(&found));
        let began = Instant::now();
        let subject = found.build()?;
        self.given.judge(&found, &subject)?;
        own::grantable(&self.given, &subject.manifest.upstreams)?;
        let session = self.start(&found, &subject).await?;
        // Until here a signal ends the process at once: there is nothing to shut down gracefully.
        let mut signals = Signals::of_a_terminal().map_err(machine)?;
        session.show.serving(&subject, &session.local, began.elapsed());
        if !session.show.is_json() {
            commands::print(&session.local, session.buyer.item(), self.given.currency);
        }
        let (changes, mut changed) = mpsc::channel(1);
        tokio::spawn(sources::follow(watched, found, self.given.clone(), changes));
        let mut keys = sources::keys();
        if self.buy {
            session.buyer.buy(&session.local, &session.show).await;
        }
        loop {
            tokio::select! {
                _ = signals.next() => break,
                Some(change) = changed.recv() => session.take(change).await,
                Some(()) = keys.recv() => tokio::select! {
                    () = session.buyer.buy(&session.local, &session.show) => {}
                    _ = signals.next() => break,
                },
            }
        }
        session.stop().await
    }

    async fn start(&self, found: &Found, subject: &Subject) -> Result<Session, Wrong> {
        let plugins = bundled::plugins().map_err(machine)?;
        let code = Code::new(&EngineSettings::default()).map_err(|error| Wrong::Machine(error.to_string()))?;
        let charges = own::charges(&code, subject).await?;
        let data = DataFolder::new(self.data.clone(), "dev").map_err(|error| Wrong::Machine(error.to_string()))?;
        let catalog = own::catalog(&self.given, found, data.path(), &plugins.processor)?;
        let sandbox = Sandbox::start(SandboxConfig::default()).await;
        let sandbox = sandbox.map_err(|error| Wrong::Machine(error.to_string()))?;
        let terms = own::Terms {
            listen: &self.listen,
            given: &self.given,
            found,
            subject,
            charges,
        };
        let text = terms.configuration(&sandbox)?;
        let config =
            Config::parse(&text, &Sources::process(data.path())).map_err(|error| Wrong::Usage(error.to_string()))?;
        let show = Arc::new(Show::new(self.json || self.calls == Calls::Json));
        let bundled = bundled::shop_of(plugins.shop.component.into_owned()).map_err(machine)?;
        let parts = Parts {
            bundled: Some(bundled),
            observer: Some(Arc::clone(&show) as _),
            watch: Some(Arc::clone(&show) as _),
            code: Some(code),
            ..Parts::default()
        };
        let host = Box::pin(Host::start(&config, parts))
            .await
            .map_err(|error| match error {
                StartError::Wrong(problems) => Wrong::Plugin(problems.join("\n")),
                StartError::Machine(problem) if problem.contains(&self.listen) => {
                    Wrong::Machine(format!("{problem}; give another --listen ADDRESS"))
                }
                other => Wrong::Machine(other.to_string()),
            })?;
        Ok(Session {
            local: Local {
                host,
                sandbox,
                data: data.path().to_owned(),
            },
            buyer: Buyer::of(self.item.clone(), &catalog, self.given.currency),
            show,
            upstreams: names(&subject.manifest.upstreams),
            data,
        })
    }
}

impl Session {
    /// Swap in a new build, or report why it was not swapped in.
    async fn take(&self, change: Change) {
        let (subject, config, built_in) = match change {
            Change::Built(subject, config, built_in) => (subject, config, built_in),
            Change::Refused(why) => return self.show.refused(&why),
        };
        let asked = names(&subject.manifest.upstreams);
        if let Some(new) = asked.difference(&self.upstreams).next() {
            let why = format!(
                "the manifest now asks for upstream {new}; stop this and start again with --upstream {new}=URL"
            );
            return self.show.refused(&why);
        }
        let began = Instant::now();
        let release = Release {
            component: subject.candidate.bytes,
            manifest: subject.candidate.manifest_text.unwrap_or_default(),
            config: Some(config),
        };
        match self.local.host.swap(&MerchantId::new(MERCHANT), release).await {
            Ok(swapped) => self.show.swapped(&swapped, built_in, began.elapsed()),
            Err(error) => self.show.refused(&error.to_string()),
        }
    }

    async fn stop(self) -> Result<(), Wrong> {
        self.show.stopping();
        // After the timeout only guest calls that wait for an upstream are still in progress.
        let _ = tokio::time::timeout(DRAIN, self.local.stop()).await;
        drop(self.data);
        Ok(())
    }
}

/// Timeout for stopping the host.
const DRAIN: Duration = Duration::from_secs(10);

fn machine(failure: Failure) -> Wrong {
    let Failure(problem) = failure;
    Wrong::Machine(problem)
}
