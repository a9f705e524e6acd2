//! `tillhouse catalog check`.

use std::io::{IsTerminal, stderr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::super::store_access::StoreAccessError;
use super::file_options::FileOptions;
use super::problems::{print_file, print_problem};
use super::progress_bar::Bar;
use tillhouse_catalog::{FeedFile, FileCheck, ImportProgress, ReadOptions, check_file};
use tillhouse_console::output;
use tillhouse_console::table::print_line;
use tillhouse_payments::operator::catalogs::{CatalogProblem, ImportProgressView};
use tillhouse_server::catalog_documents::{file_view, problem_view};

/// How often the progress is shown.
const INTERVAL: Duration = Duration::from_millis(250);

#[derive(Debug, Args)]
pub(in crate::cli) struct Check {
    /// File that is to be checked.
    file: PathBuf,
    #[command(flatten)]
    options: FileOptions,
    /// Write every row that would be refused into this file, with the reason in its first column.
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Largest size of the file, in megabytes.
    #[arg(long, value_name = "NUMBER", default_value_t = 8192)]
    max_mb: u64,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) async fn run(self) -> ExitCode {
        let json = self.json;
        let file = match self.feed_file() {
            Ok(file) => file,
            Err(problem) => return StoreAccessError::Usage(problem).report(json),
        };
        let progress = Arc::<ImportProgress>::default();
        let bar = (!json && stderr().is_terminal()).then(Bar::new);
        let found = |problem: &tillhouse_catalog::Problem| {
            let print = || print_problem(&problem_view(problem));
            match &bar {
                Some(bar) => bar.print_before(print),
                None if json => {}
                None => print(),
            }
        };
        let checking = check_file(&file, &progress, found);
        let checked = tokio::select! {
            checked = checking => checked,
            () = show(&progress, bar.as_ref()) => return ExitCode::FAILURE,
        };
        drop(bar);
        match checked {
            Ok(check) => report(&check, json),
            Err(error) => StoreAccessError::Refused(error.to_string(), Vec::new()).report(json),
        }
    }

    fn feed_file(&self) -> Result<FeedFile, String> {
        let mut read = ReadOptions::new(self.options.feed.into());
        read.strict = self.options.strict;
        read.encoding = parsed("--encoding", self.options.encoding.as_deref())?;
        read.separator = parsed("--separator", self.options.separator.as_deref())?;
        Ok(FeedFile {
            path: self.file.clone(),
            read,
            max_bytes: self.max_mb.saturating_mul(1024 * 1024),
            errors: self.errors.clone(),
        })
    }
}

fn parsed<T: FromStr<Err: std::fmt::Display>>(name: &str, text: Option<&str>) -> Result<Option<T>, String> {
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|error| format!("{name}: {error}"))
}

/// Shows the progress, for as long as it is polled.
async fn show(progress: &ImportProgress, bar: Option<&Bar>) {
    let Some(bar) = bar else {
        return std::future::pending().await;
    };
    loop {
        tokio::time::sleep(INTERVAL).await;
        bar.show(ImportProgressView {
            bytes: progress.bytes(),
            of: progress.of(),
            rows: progress.rows(),
            refused: progress.refused(),
        });
    }
}

fn report(check: &FileCheck, json: bool) -> ExitCode {
    let file = file_view(&check.file);
    let counts = check.counts;
    if json {
        let problems: Vec<CatalogProblem> = check.problems.iter().map(problem_view).collect();
        output::print_json(&json!({
            "ok": !check.is_refused,
            "file": file,
            "rows": {"read": counts.read, "items": counts.imported, "deletes": counts.deletes, "refused": counts.refused},
            "problems": problems,
            "more_problems": check.more_problems,
            "errors": check.errors,
        }));
    } else {
        print_file(&file);
        print_line(&format!(
            "rows: {} read, {} items, {} deletes, {} refused",
            counts.read, counts.imported, counts.deletes, counts.refused
        ));
        if let Some(errors) = &check.errors {
            print_line(&format!("refused rows: {}", errors.display()));
        }
        print_line(if check.is_refused {
            "the file would be refused"
        } else {
            "the file can be imported"
        });
    }
    ExitCode::from(u8::from(check.is_refused))
}
