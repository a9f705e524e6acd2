//! `tillhouse catalog export`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::super::store_access::{Answerer, Needs, StoreAccessError};
use super::Of;
use tillhouse_catalog::{ColumnNames, FeedWriter, Separator};
use tillhouse_checkout::catalog::CatalogRow;
use tillhouse_console::output;
use tillhouse_payments::operator::catalogs::{CatalogColumns, ListCatalogColumns, ReadCatalogRows, StoredItem};

/// Rows that are asked for at a time.
const PAGE: usize = 500;

/// What separates the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Tsv,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    /// Where to write; must not exist yet. Default: standard output.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    #[command(flatten)]
    of: Of,
}

impl Export {
    pub(super) async fn run(self) -> ExitCode {
        let access = &self.of.store_access;
        let exported = access.with(Needs::Store, async |answerer: Answerer<'_>| self.write(answerer).await);
        match Box::pin(exported).await {
            Ok(items) => {
                if self.to.is_some() {
                    output::print_progress(&format!("{items} rows"));
                }
                ExitCode::SUCCESS
            }
            Err(problem) => problem.report(access.json),
        }
    }

    async fn write(&self, answerer: Answerer<'_>) -> Result<u64, StoreAccessError> {
        let request = ListCatalogColumns {
            merchant: self.of.merchant(),
            kind: self.of.kind(),
            version: self.of.version(),
        };
        let columns = answerer.answer(request).await?;
        let place = match &self.to {
            Some(path) => path.display().to_string(),
            None => "standard output".to_owned(),
        };
        let failed = |error: io::Error| StoreAccessError::Refused(format!("{place}: {error}"), Vec::new());
        let out: Box<dyn Write> = match &self.to {
            Some(path) => Box::new(File::create_new(path).map_err(failed)?),
            None => Box::new(io::stdout().lock()),
        };
        let mut names = ColumnNames::default();
        columns.columns.iter().for_each(|column| names.add_name(column));
        let separator = match self.format {
            Format::Csv => Separator::Comma,
            Format::Tsv => Separator::Tab,
        };
        let mut writer = FeedWriter::new(BufWriter::new(out), separator, &names).map_err(failed)?;
        let written = write_rows(answerer, &columns, &mut writer).await?;
        let finished = writer.finish().and_then(|mut out| out.flush());
        finished.map_err(failed)?;
        written.map_err(failed)
    }
}

/// All rows, page by page.
async fn write_rows<W: Write>(
    answerer: Answerer<'_>,
    columns: &CatalogColumns,
    writer: &mut FeedWriter<W>,
) -> Result<io::Result<u64>, StoreAccessError> {
    let (mut after, mut written) = (None, 0);
    loop {
        let request = ReadCatalogRows {
            merchant: columns.merchant.clone(),
            kind: columns.kind,
            version: columns.version,
            after,
            limit: PAGE,
        };
        let page = answerer.answer(request).await?;
        let Some(last) = page.rows.last() else {
            return Ok(Ok(written));
        };
        after = Some(last.id.clone());
        for item in &page.rows {
            if let Err(error) = write_row(item, writer) {
                return Ok(Err(error));
            }
            written += 1;
        }
    }
}

fn write_row<W: Write>(item: &StoredItem, writer: &mut FeedWriter<W>) -> io::Result<()> {
    let row = CatalogRow {
        id: item.id.clone(),
        line: item.line,
        content: Vec::new(),
    };
    let cells: Vec<(&str, &str)> = item
        .cells
        .iter()
        .map(|cell| (cell.column.as_str(), cell.value.as_str()))
        .collect();
    writer.row_with(&row, &cells)
}
