//! `tillhouse plugin new`: creates a plugin from the template.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::error::{VerbError, finish};
use tillhouse_console::output::Printer;
use tillhouse_plugin_tools::template::{Name, Source, Template, TemplateError};
use tillhouse_runtime::Capability;

/// Create a plugin that compiles, passes its tests and works in a shop.
///
/// Creates a folder of that name, with the decision in `src/lib.rs`, unit tests beside it, tests of the component, the manifest
/// `plugin.toml`, a schema of its configuration, and the usual files of a repository.
///
/// A plugin decides one or more capabilities; the bundled reference shop decides the others.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tillhouse plugin new acme-prices
  tillhouse plugin new acme-shop --capability pricing --capability tax
  tillhouse plugin new acme-processor --capability payments --path ../tillhouse

Exit codes: 0 created, 2 the name, a capability or --path is invalid, or the folder already exists, 3 the folder cannot be
written.")]
pub(in crate::cli) struct New {
    /// Name of the folder, the package and the plugin: lower-case letters, digits and dashes.
    name: String,
    /// Capability that it decides: pricing, pricing-redemption, inventory, fulfillment, tax, risk, orders, orders-notices,
    /// presentation, quoting, sessions, payments, payments-authentication, payments-void, payments-refund, payments-capture,
    /// payments-cancel-by-reference, payments-list, payments-notices, lifecycle. May be repeated. Default: pricing.
    #[arg(short, long = "capability", value_name = "CAPABILITY", value_delimiter = ',')]
    capabilities: Vec<String>,
    /// Create only Cargo.toml, plugin.toml and src/lib.rs; with --path also the Cargo.lock of the checkout.
    #[arg(long)]
    minimal: bool,
    /// Checkout of Tillhouse to take SDK and harness from, instead of the release with this program's version.
    #[arg(long, value_name = "REPO")]
    path: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl New {
    pub(super) fn run(self) -> ExitCode {
        finish(self.write(), self.json)
    }

    fn write(&self) -> Result<Value, VerbError> {
        let name = Name::parse(&self.name).map_err(|error| VerbError::Usage(error.to_string()))?;
        let source = match &self.path {
            None => Source::Release,
            Some(folder) => Source::checkout(folder)?,
        };
        let template = Template::new(name, &self.chosen_capabilities()?, self.minimal, source)?;
        let folder = Path::new(template.name.as_str());
        let files = template.write(folder)?;
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let decides: Vec<&str> = template.capabilities.iter().map(Capability::name).collect();
        print(&Printer::new(self.json), folder, &paths, &decides);
        Ok(json!({"ok": true, "folder": folder, "capabilities": decides, "files": paths}))
    }

    fn chosen_capabilities(&self) -> Result<Vec<Capability>, VerbError> {
        if self.capabilities.is_empty() {
            return Ok(vec![Capability::Pricing]);
        }
        let named = |name: &String| {
            Capability::named(name).ok_or_else(|| {
                let names = Capability::names();
                VerbError::Usage(format!("unknown capability `{name}`; expected one of: {names}"))
            })
        };
        self.capabilities.iter().map(named).collect()
    }
}

fn print(printer: &Printer, folder: &Path, paths: &[&str], decides: &[&str]) {
    let folder = folder.display();
    printer.line(&printer.bold(&format!("{folder} decides {}", decides.join(", "))));
    for path in paths {
        printer.line(&printer.dim(&format!("  {folder}/{path}")));
    }
    printer.line("\nNext:");
    printer.line(&format!("  cd {folder}"));
    printer.line("  tillhouse plugin test     # run its tests");
    printer.line("  tillhouse plugin check    # find what a host would reject");
}

impl From<TemplateError> for VerbError {
    fn from(error: TemplateError) -> Self {
        match error {
            TemplateError::Write { .. } => Self::Machine(error.to_string()),
            other => Self::Usage(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        _new: New,
    }

    #[test]
    fn the_help_names_every_capability() {
        let command = Command::command();
        let mut arguments = command.get_arguments();
        let option = arguments.find(|argument| argument.get_id() == "capabilities").unwrap();
        let help = option.get_help().unwrap().to_string();
        assert!(
            help.contains(&format!(": {}. May be repeated", Capability::names())),
            "{help}"
        );
    }
}
