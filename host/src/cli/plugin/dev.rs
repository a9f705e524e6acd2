//! `tillhouse plugin dev`: a host on this machine that follows a plugin's sources.

mod buyer;
mod commands;
mod own;
mod show;
mod sources;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
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

/// What is logged: what goes wrong in the host, and everything that plugins say.
const FILTER: &str = "warn,tillhouse::plugin=debug";

/// `tillhouse plugin dev`.
#[derive(Debug, Args)]
#[command(after_help = "\
The plugin is the merchant's own; the bundled reference shop decides what it does not, and the sandbox's processor charges the
cards, unless the plugin does. Stripe, the card acquirer and the receiver of order events are simulated on this machine.

Whenever a file below PATH, the manifest or the configuration changes, the plugin is built again and takes the place of the
release in force; requests under way end with the one that they began with. A release that does not build, load or validate
changes nothing. The catalog is read once.

Type b and Enter, and the built-in agent buys once over each protocol. Ctrl-C ends it.

The bundled plugins are inside a program that was installed; one from a clone of Tillhouse takes them from its build folder.

Examples:
  tillhouse plugin dev
  tillhouse plugin dev plugins/reference-shop --listen 127.0.0.1:8080 --buy
  tillhouse plugin dev my-carrier --upstream rates=http://127.0.0.1:9000 --calls json

Exit codes: 0 it was ended, 1 the plugin does not build, load or validate at the start, 2 the command was not understood,
3 the host cannot run here.")]
pub(in crate::cli) struct Dev {
    #[command(flatten)]
    place: Place,
    /// Where the host listens.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: String,
    #[command(flatten)]
    given: Given,
    /// Let the built-in agent buy at once.
    #[arg(long)]
    buy: bool,
    /// What it buys. The first item of the catalog that is in stock, unless given.
    #[arg(long, value_name = "ID")]
    item: Option<String>,
    /// How calls, requests and everything else are shown: text, or json for one object a line.
    #[arg(long, value_enum, default_value = "text")]
    calls: Calls,
    /// The same as --calls json.
    #[arg(long)]
    json: bool,
    /// Where the data goes. A temporary folder that is removed afterwards, unless given.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Calls {
    /// For people.
    Text,
    /// For programs.
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
    // A build that is under way is not waited for, and guest calls that were left end with the process.
    std::mem::forget(runtime);
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(wrong) => wrong.told(as_json),
    }
}

/// A running session.
struct Session {
    local: Local,
    buyer: Buyer,
    show: Arc<Show>,
    /// What the plugin asked for when the host started.
    upstreams: BTreeSet<String>,
    data: Data,
}

/// The folder of the data, removed with this where it is a temporary one.
struct Data {
    folder: PathBuf,
    temporary: bool,
}

impl Data {
    fn at(given: Option<&Path>) -> Self {
        let temporary = || std::env::temp_dir().join(format!("tillhouse-dev-{}", std::process::id()));
        Self {
            folder: given.map_or_else(temporary, Path::to_owned),
            temporary: given.is_none(),
        }
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        if self.temporary {
            // What is left of it is in a folder for temporary files.
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
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
        // Until now a signal ends the process, as there is nothing to end in good order.
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
        let data = Data::at(self.data.as_deref());
        let catalog = own::catalog(&self.given, found, &data.folder, &plugins.processor)?;
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
            Config::parse(&text, &Sources::process(&data.folder)).map_err(|error| Wrong::Usage(error.to_string()))?;
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
                data: data.folder.clone(),
            },
            buyer: Buyer::of(self.item.clone(), &catalog, self.given.currency),
            show,
            upstreams: names(&subject.manifest.upstreams),
            data,
        })
    }
}

impl Session {
    /// Let what was built take its place, or say why it does not.
    async fn take(&self, change: Change) {
        let (subject, config, built_in) = match change {
            Change::Built(subject, config, built_in) => (subject, config, built_in),
            Change::Refused(why) => return self.show.refused(&why),
        };
        let asked = names(&subject.manifest.upstreams);
        if let Some(new) = asked.difference(&self.upstreams).next() {
            let why =
                format!("the manifest asks for upstream {new} now; end this and start again with --upstream {new}=URL");
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
        // What is still under way after that is a guest that waits for somebody.
        let _ = tokio::time::timeout(DRAIN, self.local.stop()).await;
        drop(self.data);
        Ok(())
    }
}

/// How long the host may take to end.
const DRAIN: Duration = Duration::from_secs(10);

fn machine(failure: Failure) -> Wrong {
    let Failure(problem) = failure;
    Wrong::Machine(problem)
}
