//! `tillhouse catalog import`.

use std::path::{Path, PathBuf, absolute};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::super::store_access::{Actor, Needs, StoreAccess, StoreAccessError};
use super::file_options::{Feed, FileOptions};
use super::problems::{print_file, print_problems};
use super::progress_bar;
use super::reload::print_outage;
use super::status::print_warnings;
use tillhouse_checkout::catalog::ImportMode;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_console::table::print_line;
use tillhouse_payments::operator::catalogs::{CatalogImported, ImportCatalog};

/// What an import does to items that its file does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// They are gone: the file is the whole catalog.
    Replace,
    /// They stay as they are.
    Upsert,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Import {
    /// File to import. A running host opens it itself, as its own user.
    file: PathBuf,
    /// Merchant whose catalog is imported into.
    #[arg(long, value_name = "ID")]
    merchant: String,
    #[command(flatten)]
    options: FileOptions,
    /// Default: replace for products and promotions, upsert for inventory and prices.
    #[arg(long, value_enum)]
    mode: Option<Mode>,
    /// Write every row that is refused into this file, with the reason in its first column.
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Import the good rows if others are refused. Otherwise one refused row keeps the whole file out.
    #[arg(long)]
    keep_good: bool,
    /// Import the file even if it has less than half of the items in force, as if it was cut off.
    #[arg(long)]
    incomplete: bool,
    /// The quantities are what is in stock now: what was sold before is no longer subtracted from them.
    #[arg(long)]
    stock_as_counted: bool,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Import {
    pub(super) async fn run(self) -> ExitCode {
        let access = &self.store_access;
        let request = match self.request() {
            Ok(request) => request,
            Err(problem) => return StoreAccessError::Usage(problem).report(access.json),
        };
        let watch = progress_bar::of(request.merchant.clone(), access.json);
        let answer = Box::pin(access.ask_beside(request, Needs::Plugins, watch)).await;
        access.print_answer(answer, |imported| {
            if !access.json {
                print_imported(imported);
            }
            imported.refusal.is_none() && imported.rows.refused == 0 && imported.still_out_of_service.is_empty()
        })
    }

    fn request(&self) -> Result<ImportCatalog, String> {
        let mode = self.mode.unwrap_or(match self.options.feed {
            Feed::Product | Feed::Promotion => Mode::Replace,
            Feed::Inventory | Feed::Pricing => Mode::Upsert,
        });
        Ok(ImportCatalog {
            merchant: MerchantId::new(self.merchant.clone()),
            file: whole_path(&self.file)?,
            feed: self.options.feed.into(),
            mode: match mode {
                Mode::Replace => ImportMode::Replace,
                Mode::Upsert => ImportMode::Upsert,
            },
            encoding: self.options.encoding.clone(),
            separator: self.options.separator.clone(),
            strict: self.options.strict,
            keep_good: self.keep_good,
            incomplete: self.incomplete,
            stock_as_counted: self.stock_as_counted,
            errors: self.errors.as_deref().map(whole_path).transpose()?,
            actor: self.actor.actor.clone(),
        })
    }
}

/// The path as a host sees it, whose working directory is another.
fn whole_path(path: &Path) -> Result<PathBuf, String> {
    absolute(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn print_imported(imported: &CatalogImported) {
    let (merchant, rows) = (&imported.merchant, &imported.rows);
    print_problems(&imported.problems, imported.more_problems);
    print_file(&imported.file);
    print_line(&format!(
        "rows: {} read, {} imported, {} deletes, {} refused",
        rows.read, rows.imported, rows.deletes, rows.refused
    ));
    if rows.spared > 0 {
        print_line(&format!(
            "items of refused rows that stay as they were: {}",
            rows.spared
        ));
    }
    if let Some(errors) = &imported.errors {
        print_line(&format!("refused rows: {}", errors.display()));
    }
    if let Some(refusal) = &imported.refusal {
        print_line(&format!("merchant {merchant}: {refusal}"));
        return;
    }
    let Some(now) = &imported.now else { return };
    let before = imported
        .items_before
        .map_or_else(|| "none".to_owned(), |items| items.to_string());
    print_line(&match imported.changed {
        true => format!(
            "merchant {merchant}: version {} is in force with {} items (before: {before}): {} changed or new, {} gone",
            now.version, now.items, rows.changed, rows.gone
        ),
        false => format!(
            "merchant {merchant}: nothing differs from version {}, which stays in force: {} items",
            now.version, now.items
        ),
    });
    if !imported.stock.rule.is_empty() {
        print_line(&format!("stock: {}", imported.stock.rule));
    }
    if imported.stock.reset > 0 {
        print_line(&format!(
            "stock: {} counters of sold units were reset",
            imported.stock.reset
        ));
    }
    print_warnings(merchant, now);
    print_outage(merchant, &imported.still_out_of_service);
}
