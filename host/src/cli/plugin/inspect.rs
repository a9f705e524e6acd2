//! `tillhouse plugin inspect`: shows what a component is and may do.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::diagnostics;
use super::wrong::{Wrong, ended};
use tillhouse_console::output::{self, Story};
use tillhouse_plugin_tools::Candidate;
use tillhouse_runtime::Manifest;
use tillhouse_runtime::inspect::{Anatomy, STUB, given, wished};

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
        ended(self.inspect(), self.json)
    }

    fn inspect(&self) -> Result<Value, Wrong> {
        if self.path.is_dir() {
            output::progress(&format!(
                "building {} for {}",
                self.path.display(),
                tillhouse_plugin_tools::TARGET
            ));
        }
        let candidate = Candidate::at(&self.path)?;
        let anatomy = candidate.anatomy().map_err(|error| Wrong::Plugin(error.to_string()))?;
        let manifest = candidate.manifest();
        tell(&Story::new(self.json), &candidate, &anatomy, manifest.as_ref());
        let mut document = diagnostics::document(&candidate, Some(&anatomy), &[]);
        let imports: Vec<Value> = anatomy
            .imports
            .iter()
            .map(|import| json!({"import": import, "gives": given(import)}))
            .collect();
        if let Some(document) = document.as_object_mut() {
            document.remove("problems");
            document.insert("contract".to_owned(), json!(anatomy.contract()));
            document.insert("exports".to_owned(), json!(anatomy.exports));
            document.insert("imports".to_owned(), json!(imports));
            document.insert("asks_for".to_owned(), json!(manifest.as_ref().map(wished)));
        }
        Ok(document)
    }
}

fn tell(story: &Story, candidate: &Candidate, anatomy: &Anatomy, manifest: Option<&Manifest>) {
    story.line(&story.bold(&candidate.name()));
    story.line(&format!("  file      {}", candidate.component.display()));
    story.line(&format!("  sha256    {}", anatomy.digest));
    story.line(&format!("  size      {}", diagnostics::size(&anatomy.parts)));
    let contract = anatomy.contract();
    story.line(&format!("  contract  {}", contract.as_deref().unwrap_or("none")));
    story.heading("Exports");
    anatomy
        .exports
        .iter()
        .for_each(|export| story.line(&format!("  {export}")));
    story.heading("Imports");
    let (stubs, real): (Vec<&String>, Vec<&String>) = anatomy.imports.iter().partition(|import| given(import) == STUB);
    let width = real.iter().map(|import| import.len()).max().unwrap_or(0);
    for import in real {
        story.line(&format!("  {import:<width$}  {}", given(import)));
    }
    if let Some(first) = stubs.first() {
        story.line(&format!("  {} of wasi: {}", stubs.len(), given(first)));
    }
    story.heading("Asks the operator for");
    match manifest.map(wished) {
        None => story.line("  unknown: its manifest is missing or invalid"),
        Some(wishes) if wishes.is_empty() => story.line("  nothing"),
        Some(wishes) => wishes.iter().for_each(|wish| story.line(&format!("  {wish}"))),
    }
}
