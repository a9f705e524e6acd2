//! `tillhouse plugin build`: builds components and reports their sizes.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::diagnostics::{self, has_no_errors};
use super::error::{VerbError, finish};
use tillhouse_console::output::{self, Printer};
use tillhouse_plugin_tools::{Artifact, BuildError, Package, check};

/// Build plugins into WebAssembly components.
///
/// Installs the target wasm32-wasip2 if it is missing, builds with the profile `guest`, and reports the size of each component
/// and of its parts. What every host would reject is an error: unsupported imports, no capability, requests without an upstream
/// in the manifest. `tillhouse plugin check` finds more.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tillhouse plugin build                       # the plugin of this folder
  tillhouse plugin build plugins/acme-tax --out releases/1.4
  tillhouse plugin build acme-tax acme-prices  # packages of this workspace

Exit codes: 0 built, 1 it does not compile or hosts would reject it, 2 usage error or no plugin found, 3 the toolchain is
missing, or the files cannot be written.")]
pub(in crate::cli) struct Build {
    /// Folders of plugins, or packages of the workspace.
    #[arg(value_name = "PATH|PACKAGE", default_value = ".")]
    plugins: Vec<String>,
    /// Folder of the workspace that holds the packages.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    path: PathBuf,
    /// Copy the component and the files that operators need beside it into this folder, unless hosts would reject it.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Build {
    pub(super) fn run(self) -> ExitCode {
        finish(self.build(), self.json)
    }

    fn build(&self) -> Result<Value, VerbError> {
        if self.out.is_some() && self.plugins.len() > 1 {
            return Err(VerbError::Usage("--out takes one plugin at a time".to_owned()));
        }
        let printer = Printer::new(self.json);
        let mut plugins = Vec::new();
        let mut all_pass = true;
        for plugin in &self.plugins {
            let mut artifact = self.artifact(plugin)?;
            let found = check::built(&artifact);
            if let Some(folder) = &self.out
                && has_no_errors(&found)
            {
                artifact.component = artifact.copy_to(folder)?;
            }
            all_pass &= has_no_errors(&found);
            let component_info = artifact.component_info().ok();
            printer.line(&printer.bold(&artifact.name()));
            printer.line(&format!("  {}", artifact.component.display()));
            if let Some(component_info) = &component_info {
                printer.line(&format!("  {}", diagnostics::size(&component_info.sizes)));
            }
            diagnostics::print(&printer, &found);
            plugins.push(diagnostics::document(&artifact, component_info.as_ref(), &found));
        }
        Ok(json!({"ok": all_pass, "plugins": plugins}))
    }

    /// A folder with a Cargo.toml is a plugin; anything else is the name of a package of the workspace.
    fn artifact(&self, plugin: &str) -> Result<Artifact, BuildError> {
        let folder = Path::new(plugin);
        output::print_progress(&format!("building {plugin} for {}", tillhouse_plugin_tools::TARGET));
        if folder.join("Cargo.toml").is_file() {
            return Artifact::at(folder);
        }
        let built = tillhouse_plugin_tools::build(&self.path, &[plugin])?;
        let built = built
            .first()
            .ok_or_else(|| BuildError::NoComponent(plugin.to_owned()))?;
        Artifact::of_package(Package::named(&self.path, plugin)?, built)
    }
}
