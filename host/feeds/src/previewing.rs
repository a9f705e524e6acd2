//! What an upload would send now.

use std::collections::BTreeMap;

use tillhouse_catalog::Scope;
use tillhouse_checkout::feed::preview::{FeedPreview, PreviewProblem};
use tillhouse_checkout::ids::FeedUploadId;

use super::feed_rows::{FeedRow, RowSource};
use super::rendering::{RenderError, in_thread, render};
use super::service::{AskFeed, AskFeedError, FeedService};
use super::spool::SpooledFile;
use super::uploading::refusal;

/// Why a preview was not made.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// An upload could not be asked for.
    #[error(transparent)]
    Ask(#[from] AskFeedError),
    /// Its file cannot be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
}

impl FeedService {
    /// What an upload of all items would send now, with its first rows.
    ///
    /// # Errors
    /// Why there would be no upload.
    pub async fn preview(&self, ask: &AskFeed, first: usize) -> Result<FeedPreview, PreviewError> {
        let destination = self.destination(&ask.merchant, &ask.destination)?;
        let draft = self
            .draft(FeedUploadId::new("preview"), destination, &ask.feed, &ask.by)
            .await?;
        let rows = self.rows_of_all(&draft).await.map_err(AskFeedError::from)?;
        let source = RowSource::of(self, &draft, rows);
        let mut problems = BTreeMap::new();
        let watch = |row: &FeedRow| count(&mut problems, row);
        let rendered = render(&source, destination.separator, self.parts.spool.as_deref(), watch).await?;
        let facts = rendered.facts.clone();
        let delimiter = destination.separator.byte();
        let mut shown = in_thread(move || first_records(&rendered.file, delimiter, first))
            .await
            .map_err(RenderError::from)?;
        let columns = if shown.is_empty() { Vec::new() } else { shown.remove(0) };
        let mut problems: Vec<PreviewProblem> = problems.into_values().collect();
        problems.sort_by_key(|problem| (!problem.withholds, std::cmp::Reverse(problem.rows)));
        Ok(FeedPreview {
            merchant: draft.merchant,
            destination: draft.destination,
            transport: draft.transport,
            feed: draft.feed,
            mode: draft.mode,
            version: draft.version,
            refused: refusal(destination, &facts),
            sent: facts.sent,
            deletes: facts.deletes,
            withheld: facts.withheld,
            bytes: facts.bytes,
            max_bytes: destination.transport.max_file().0,
            sha256: facts.sha256,
            problems,
            columns,
            first: shown,
        })
    }
}

fn count(problems: &mut BTreeMap<&'static str, PreviewProblem>, row: &FeedRow) {
    let mut counted = Vec::new();
    for problem in &row.problems {
        let rule = problem.rule.id();
        if counted.contains(&rule) {
            continue;
        }
        counted.push(rule);
        let known = problems.entry(rule).or_insert_with(|| PreviewProblem {
            rule: rule.to_owned(),
            withholds: problem.scope != Scope::Advice,
            rows: 0,
            item: row.uploaded.id.clone(),
            line: row.line.unwrap_or_default(),
            column: problem.column.to_string(),
            message: problem.message.clone(),
            help: problem.help.to_string(),
        });
        known.rows += 1;
    }
}

/// The header and the first rows of a file.
fn first_records(file: &SpooledFile, delimiter: u8, rows: usize) -> std::io::Result<Vec<Vec<String>>> {
    let mut csv = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(file.from_start()?);
    let records = csv.records().take(rows.saturating_add(1));
    let cells = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
    records
        .map(|record| record.map(cells).map_err(std::io::Error::other))
        .collect()
}
