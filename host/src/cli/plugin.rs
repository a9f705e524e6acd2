//! `tillhouse plugin …`.

mod bench;
mod dev;
mod faults;
mod given;
mod run;
mod subject;
mod trying;
mod wrong;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::Failure;
use super::output::{self, Story};
use crate::guests;

/// Work on plugins.
#[derive(Debug, Subcommand)]
pub(super) enum Plugin {
    /// Build plugins of a cargo workspace into WebAssembly components. Installs the wasm32-wasip2 target if it is missing.
    Build(Build),
    /// Measure what each decision of a plugin costs by the size of the cart, and at which size it meets a limit.
    Bench(bench::Bench),
    /// Serve a plugin on this machine: built again on every change, swapped in without dropping a request, every call shown.
    Dev(dev::Dev),
    /// Call one function of a plugin, and see its answer, what it cost, and what it logged and sent.
    Run(run::Run),
}

/// `tillhouse plugin build`.
#[derive(Debug, Args)]
pub(super) struct Build {
    /// Packages to build.
    #[arg(required = true)]
    packages: Vec<String>,
    /// Folder of the workspace.
    #[arg(long, default_value = ".")]
    path: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Plugin {
    pub(super) fn run(self) -> ExitCode {
        match self {
            Self::Build(build) => super::exit(build.run()),
            Self::Bench(bench) => super::block_on(bench.run()),
            Self::Dev(dev) => dev::run(dev),
            Self::Run(run) => super::block_on(run.run()),
        }
    }
}

impl Build {
    fn run(self) -> Result<(), Failure> {
        let packages: Vec<&str> = self.packages.iter().map(String::as_str).collect();
        let built = guests::build(&self.path, &packages)?;
        let story = Story::new(self.json);
        for plugin in &built {
            story.line(&format!(
                "{}  {} bytes  {}",
                plugin.package,
                plugin.bytes,
                plugin.component.display()
            ));
        }
        if self.json {
            let plugins: Vec<_> = built
                .iter()
                .map(|plugin| json!({"package": plugin.package, "component": plugin.component, "bytes": plugin.bytes}))
                .collect();
            output::document(&json!({"ok": true, "plugins": plugins}));
        }
        Ok(())
    }
}
