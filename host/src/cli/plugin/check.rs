//! `tillhouse plugin check`: reports the problems of a plugin.

mod both_ways;
mod difference;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::diagnostics::{self, has_no_errors};
use super::error::{VerbError, finish};
use super::options::PluginOptions;
use super::target_plugin::{BuiltPlugin, PluginPath};
use both_ways::Comparison;
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_console::output::{self, Printer};
use tillhouse_plugin_tools::{Artifact, check};

/// Report every problem of a plugin that can be found without a merchant.
///
/// Builds the plugin, or takes a component with its manifest beside it. Checks the component (imports, exports, contract version,
/// size, memory limits), `plugin.toml`, both together (capabilities, upstreams, credential slots), and the schema of the
/// configuration with the default configuration. A plugin that exports `quoting` also quotes some carts, in one call and decision
/// by decision, which must give the same. Each problem is reported with its place and its fix.
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
    #[command(flatten)]
    options: PluginOptions,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) async fn run(self) -> ExitCode {
        let done = Box::pin(self.check()).await;
        finish(done, self.json)
    }

    async fn check(&self) -> Result<Value, VerbError> {
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
        let mut found = check::everything(&artifact);
        let component_info = artifact.component_info().ok();
        printer.line(&printer.bold(&artifact.name()));
        if let Some(component_info) = &component_info {
            let decides: Vec<&str> = component_info.capabilities().iter().map(|it| it.name()).collect();
            if !decides.is_empty() {
                printer.line(&format!("  decides {}", decides.join(", ")));
            }
            printer.line(&format!("  {}", diagnostics::size(&component_info.sizes)));
        }
        let compared = self.compare_quotes(&artifact, &found).await?;
        let quoted = compared.as_ref().map(|comparison| comparison.quoted);
        if let Some(quoted) = quoted.filter(|quoted| *quoted > 0) {
            printer.line(&format!("  quotes {quoted} carts at once and decision by decision"));
        }
        found.extend(compared.into_iter().flat_map(|comparison| comparison.diagnostics));
        diagnostics::print(&printer, &found);
        printer.line(&diagnostics::summary(&found));
        let mut document = diagnostics::document(&artifact, component_info.as_ref(), &found);
        if let Some(document) = document.as_object_mut() {
            document.insert("quoted_both_ways".to_owned(), json!(quoted));
        }
        Ok(document)
    }

    /// Quote carts in one call and decision by decision, if the plugin exports `quoting` and a host would load it.
    async fn compare_quotes(&self, artifact: &Artifact, found: &[Diagnostic]) -> Result<Option<Comparison>, VerbError> {
        let Some(manifest) = artifact.manifest().filter(|_| has_no_errors(found)) else {
            return Ok(None);
        };
        let path = PluginPath {
            path: self.path.clone(),
            manifest: None,
        };
        let plugin = BuiltPlugin {
            artifact: artifact.clone(),
            manifest,
        };
        both_ways::compare(&path.find()?, &plugin, &self.options).await
    }
}
