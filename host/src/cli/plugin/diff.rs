//! `tillhouse plugin diff`: compares two releases of a plugin.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::error::{VerbError, finish};
use tillhouse_console::output::Printer;
use tillhouse_plugin_tools::{Artifact, check};
use tillhouse_runtime::inspect::{Change, ComponentInfo, ReleaseDiff};

/// Show what one release of a plugin may do that another may not.
///
/// Compares exports, imports, what the manifests ask for, and size. A release that asks for more than the previous one needs an
/// operator's approval (`needs_approval` in the JSON document); that does not change the exit code.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tillhouse plugin diff releases/1.3/acme_tax.wasm acme_tax.wasm
  tillhouse plugin diff releases/1.3/acme_tax.wasm . --json

Exit codes: 0 compared, whether or not they differ, 1 one of them does not compile or is not a component, 2 usage error or no
plugin found, 3 the toolchain is missing.")]
pub(in crate::cli) struct Diff {
    /// Previous release: a component with its manifest beside it, or the folder of a plugin.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// New release, given like OLD.
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(super) fn run(self) -> ExitCode {
        finish(self.compare(), self.json)
    }

    fn compare(&self) -> Result<Value, VerbError> {
        let (old, old_anatomy) = read(&self.old)?;
        let (new, new_anatomy) = read(&self.new)?;
        let (old_manifest, new_manifest) = (old.manifest(), new.manifest());
        let difference = ReleaseDiff::between(
            (&old_anatomy, old_manifest.as_ref()),
            (&new_anatomy, new_manifest.as_ref()),
        );
        let bytes = (old.bytes.len(), new.bytes.len());
        print(&Printer::new(self.json), (&old.name(), &new.name()), &difference, bytes);
        let change = |change: &Change| json!({"added": change.added, "removed": change.removed});
        Ok(json!({
            "ok": true,
            "exports": change(&difference.exports),
            "imports": change(&difference.imports),
            "authority": difference.authority.as_ref().map(change),
            "needs_approval": difference.needs_approval,
            "bytes": {"old": bytes.0, "new": bytes.1},
        }))
    }
}

fn read(path: &Path) -> Result<(Artifact, ComponentInfo), VerbError> {
    let artifact = Artifact::at(path)?;
    let invalid = |error| VerbError::Plugin(format!("{}: {error}", path.display()));
    let component_info = artifact.component_info().map_err(invalid)?;
    if artifact.manifest_text.is_some() && artifact.manifest().is_none() {
        return Err(VerbError::Diagnostics(check::loading(&artifact)));
    }
    Ok((artifact, component_info))
}

fn print(printer: &Printer, names: (&str, &str), difference: &ReleaseDiff, bytes: (usize, usize)) {
    printer.line(&printer.bold(&format!("{} -> {}", names.0, names.1)));
    print_change(printer, "exports", Some(&difference.exports));
    print_change(printer, "imports", Some(&difference.imports));
    print_change(printer, "authority", difference.authority.as_ref());
    printer.line(&format!("  size       {} -> {} bytes", bytes.0, bytes.1));
    printer.line(if difference.needs_approval {
        "the new release asks for more than the old one: an operator has to approve it"
    } else {
        "the new release asks for no more than the old one"
    });
}

fn print_change(printer: &Printer, what: &str, change: Option<&Change>) {
    let Some(change) = change else {
        return printer.line(&format!(
            "  {what:<9}  unknown: a component that may send requests has no manifest beside it"
        ));
    };
    if change.is_nothing() {
        return printer.line(&format!("  {what:<9}  the same"));
    }
    for name in &change.added {
        printer.line(&format!("  {what:<9}  + {name}"));
    }
    for name in &change.removed {
        printer.line(&format!("  {what:<9}  - {name}"));
    }
}
