//! `tillhouse plugin inspect`: shows what a component is and may do.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::diagnostics;
use super::error::{VerbError, finish};
use tillhouse_console::output::{self, Printer};
use tillhouse_plugin_tools::Artifact;
use tillhouse_runtime::Manifest;
use tillhouse_runtime::inspect::{ComponentInfo, STUB, describe_import, requested_authority};

/// Show what a plugin is and what it may do.
///
/// Reads a component, or builds that of a folder, and shows its id, digest and size, what it decides, what each import allows it
/// to do, and what its manifest asks the operator for. The component is not run.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tillhouse plugin inspect
  tillhouse plugin inspect acme_tax.wasm --json

Exit codes: 0 shown, 1 it does not compile or is not a component, 2 usage error or no plugin found, 3 the toolchain is
missing.")]
pub(in crate::cli) struct Inspect {
    /// A component, or the folder of a plugin.
    #[arg(value_name = "FILE|PATH", default_value = ".")]
    path: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Inspect {
    pub(super) fn run(self) -> ExitCode {
        finish(self.inspect(), self.json)
    }

    fn inspect(&self) -> Result<Value, VerbError> {
        if self.path.is_dir() {
            output::print_progress(&format!(
                "building {} for {}",
                self.path.display(),
                tillhouse_plugin_tools::TARGET
            ));
        }
        let artifact = Artifact::at(&self.path)?;
        let component_info = artifact
            .component_info()
            .map_err(|error| VerbError::Plugin(error.to_string()))?;
        let manifest = artifact.manifest();
        print(&Printer::new(self.json), &artifact, &component_info, manifest.as_ref());
        let mut document = diagnostics::document(&artifact, Some(&component_info), &[]);
        let imports: Vec<Value> = component_info
            .imports
            .iter()
            .map(|import| json!({"import": import, "gives": describe_import(import)}))
            .collect();
        if let Some(document) = document.as_object_mut() {
            document.remove("problems");
            document.insert("contract".to_owned(), json!(component_info.contract()));
            document.insert("exports".to_owned(), json!(component_info.exports));
            document.insert("imports".to_owned(), json!(imports));
            document.insert("asks_for".to_owned(), json!(manifest.as_ref().map(requested_authority)));
        }
        Ok(document)
    }
}

fn print(printer: &Printer, artifact: &Artifact, component_info: &ComponentInfo, manifest: Option<&Manifest>) {
    printer.line(&printer.bold(&artifact.name()));
    printer.line(&format!("  file      {}", artifact.component.display()));
    printer.line(&format!("  sha256    {}", component_info.digest));
    printer.line(&format!("  size      {}", diagnostics::size(&component_info.sizes)));
    let contract = component_info.contract();
    printer.line(&format!("  contract  {}", contract.as_deref().unwrap_or("none")));
    printer.heading("Exports");
    component_info
        .exports
        .iter()
        .for_each(|export| printer.line(&format!("  {export}")));
    printer.heading("Imports");
    let (stubs, real): (Vec<&String>, Vec<&String>) = component_info
        .imports
        .iter()
        .partition(|import| describe_import(import) == STUB);
    let width = real.iter().map(|import| import.len()).max().unwrap_or(0);
    for import in real {
        printer.line(&format!("  {import:<width$}  {}", describe_import(import)));
    }
    if let Some(first) = stubs.first() {
        printer.line(&format!("  {} of wasi: {}", stubs.len(), describe_import(first)));
    }
    printer.heading("Asks the operator for");
    match manifest.map(requested_authority) {
        None => printer.line("  unknown: its manifest is missing or invalid"),
        Some(requested_upstreams) if requested_upstreams.is_empty() => printer.line("  nothing"),
        Some(requested_upstreams) => requested_upstreams
            .iter()
            .for_each(|requested| printer.line(&format!("  {requested}"))),
    }
}
