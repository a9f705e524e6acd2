//! `tillhouse plugin check`: reports the problems of a plugin.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use super::diagnostics;
use super::error::{VerbError, finish};
use tillhouse_console::output::{self, Printer};
use tillhouse_plugin_tools::{Artifact, check};

/// Report every problem of a plugin that can be found without a merchant.
///
/// Builds the plugin, or takes a component with its manifest beside it. Checks the component (imports, exports, contract version,
/// size, memory limits), `plugin.toml`, both together (capabilities, upstreams, credential slots), and the schema of the
/// configuration with the default configuration. Each problem is reported with its place and its fix.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tillhouse plugin check
  tillhouse plugin check plugins/acme-tax --json
  tillhouse plugin check acme_tax.wasm         # with plugin.toml or acme_tax.toml beside it

Exit codes: 0 no problems (there may be advice), 1 problems, 2 usage error or no plugin found, 3 the toolchain is missing.")]
pub(in crate::cli) struct Check {
    /// Folder of the plugin, or a component.
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(self) -> ExitCode {
        finish(self.check(), self.json)
    }

    fn check(&self) -> Result<Value, VerbError> {
        let printer = Printer::new(self.json);
        if self.path.is_dir() {
            output::print_progress(&format!(
                "building {} for {}",
                self.path.display(),
                tillhouse_plugin_tools::TARGET
            ));
        }
        let artifact = Artifact::at(&self.path)?;
        output::print_progress("checking the plugin");
        let found = check::everything(&artifact);
        let component_info = artifact.component_info().ok();
        printer.line(&printer.bold(&artifact.name()));
        if let Some(component_info) = &component_info {
            let decides: Vec<&str> = component_info.capabilities().iter().map(|it| it.name()).collect();
            if !decides.is_empty() {
                printer.line(&format!("  decides {}", decides.join(", ")));
            }
            printer.line(&format!("  {}", diagnostics::size(&component_info.sizes)));
        }
        diagnostics::print(&printer, &found);
        printer.line(&diagnostics::summary(&found));
        Ok(diagnostics::document(&artifact, component_info.as_ref(), &found))
    }
}
