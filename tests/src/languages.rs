//! Plugins in JavaScript and Python: built by the tools of their languages, loaded under the default limits, and asked for a quote.
//!
//! The sources are in `tests/languages`. Neither tool is needed for anything else, so that a language without its tool is skipped.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use serde_json::{Value, json};

use crate::acp::Release;
use crate::fixtures;
use crate::folder::TestFolder;
use crate::host::TestHost;
use crate::merchant::Merchant;
use crate::workspace;

const MANIFEST: &str = "[plugin]\nid = \"bookshop\"\nversion = \"1.0.0\"\napi = \"tillhouse:merchant@0.2\"\n";
const CATALOG: &str = "id,title,price,availability,tax_behavior,shipping_type\n\
     book,A book,9.99 USD,in_stock,inclusive,digital\n";

/// A language that components can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// JavaScript, compiled by the tool `componentize-js`.
    JavaScript,
    /// Python, compiled by the tool `componentize-py`.
    Python,
}

/// What became of the plugin of one language.
#[derive(Debug)]
pub enum Tried {
    /// The component was loaded and its quote is right. Carries its size in bytes.
    Right(usize),
    /// The tool of the language is not installed.
    Skipped,
    /// Something else than the right quote. Carries what.
    Wrong(String),
}

impl Language {
    /// Every language that is tried.
    pub const ALL: [Self; 2] = [Self::JavaScript, Self::Python];

    const fn tool(self) -> &'static str {
        match self {
            Self::JavaScript => "componentize-js",
            Self::Python => "componentize-py",
        }
    }

    /// The command that installs the tool.
    #[must_use]
    pub const fn install(self) -> &'static str {
        match self {
            Self::JavaScript => "npm install --global @bytecodealliance/componentize-js",
            Self::Python => "pip install componentize-py",
        }
    }

    /// The tool's command line. It runs in `folder`, which has the WIT in `wit`, and writes `shop.wasm`.
    fn command(self, folder: &Path, sources: &Path) -> Command {
        let mut command = Command::new(self.tool());
        command.current_dir(folder);
        match self {
            Self::JavaScript => command
                .arg(sources.join("bookshop.js"))
                .args([
                    "--wit",
                    "wit",
                    "--world-name",
                    "shop",
                    "--out",
                    "shop.wasm",
                    "--disable",
                ])
                .args(["stdio", "random", "clocks", "http", "fetch-event"]),
            Self::Python => command
                .args(["--wit-path", "wit", "--world", "shop", "componentize", "--stub-wasi"])
                .arg("--python-path")
                .arg(sources)
                .args(["--output", "shop.wasm", "bookshop"]),
        };
        command
    }

    /// Builds the plugin of this language, sells with it, and compares the quote.
    pub async fn try_plugin(self) -> Tried {
        let folder = TestFolder::new();
        match self.build(folder.path()) {
            Ok(Some(component)) => sell_with(component).await,
            Ok(None) => Tried::Skipped,
            Err(error) => Tried::Wrong(error.to_string()),
        }
    }

    /// The component; `None` without the tool.
    fn build(self, folder: &Path) -> io::Result<Option<PathBuf>> {
        let sources = workspace().join("tests/languages");
        let wit = folder.join("wit");
        for package in ["host", "merchant"] {
            copy_files(&workspace().join("wit").join(package), &wit.join("deps").join(package))?;
        }
        fs::copy(sources.join("world.wit"), wit.join("world.wit"))?;
        match self.command(folder, &sources).output() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
            Ok(output) if output.status.success() => Ok(Some(folder.join("shop.wasm"))),
            Ok(output) => Err(io::Error::other(format!(
                "{} failed: {}",
                self.tool(),
                String::from_utf8_lossy(&output.stderr)
            ))),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::JavaScript => "JavaScript",
            Self::Python => "Python",
        })
    }
}

fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Three books at 9.99 with 19 % tax in it, ten percent off: 26.97, of which 4.31 is tax.
async fn sell_with(component: PathBuf) -> Tried {
    let size = fs::metadata(&component).map_or(0, |file| usize::try_from(file.len()).unwrap_or(usize::MAX));
    let merchant = Merchant::named("languages")
        .without_shop()
        .catalog(CATALOG)
        .component(component, MANIFEST, "");
    let host = TestHost::builder().bundled().merchant(merchant).start().await;
    let release = Release::V2026_04_17;
    let codes = json!({ "discounts": { "codes": ["TEN", "NONE"] } });
    let cart = fixtures::with(fixtures::cart(release, &[("book", 3)]), &codes);
    let answer = host.acp_at("languages", release).create(&cart).await;
    if answer.status != 201 {
        return Tried::Wrong(format!("{}: {}", answer.status, answer.text()));
    }
    let body = &answer.json;
    let total = |kind: &str| {
        let totals = body["totals"].as_array().into_iter().flatten();
        totals
            .filter(|total| total["type"] == kind)
            .find_map(|total| total["amount"].as_i64())
    };
    let sums = (total("tax"), total("total"));
    let rejected = body.pointer("/discounts/rejected/0/reason").and_then(Value::as_str);
    if sums == (Some(431), Some(2697)) && rejected == Some("discount_code_invalid") {
        Tried::Right(size)
    } else {
        Tried::Wrong(format!("unexpected totals: {body}"))
    }
}
