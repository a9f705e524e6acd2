//! Increments: rows of inventory and prices, merged into the items that are there.

use super::error::ImportError;
use crate::{Problem, ReadOptions, Scope, column, merge};
use tillhouse_checkout::catalog::{CatalogRow, CatalogWrite};
use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::ports::CatalogImport;

/// Rows of a batch, merged.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub(super) writes: Vec<CatalogWrite>,
    /// Lines of rows that are refused, with what is wrong.
    pub(super) refused: Vec<(u64, Vec<Problem>)>,
    /// What is not fit for Stripe of rows that are not refused.
    pub(super) problems: Vec<Problem>,
}

/// Merge changes into what the import has of their items so far.
pub(super) async fn merge_all(
    import: &mut dyn CatalogImport,
    read: &ReadOptions,
    changes: Vec<CatalogWrite>,
) -> Result<Merged, ImportError> {
    let ids: Vec<ItemId> = changes.iter().map(CatalogWrite::id).cloned().collect();
    let current = import.current(&ids).await?;
    let read = read.clone();
    let merged = tokio::task::spawn_blocking(move || merge_each(&read, changes, current)).await;
    merged.map_err(|error| ImportError::Unreadable(format!("the rows could not be merged: {error}")))
}

fn is_of(feed: &FeedType, problem: &Problem) -> bool {
    column(&problem.column).is_some_and(|column| column.feeds.has(feed))
}

/// Whether a strict import does without the row, whose item could be sold, and not uploaded.
fn is_unfit(read: &ReadOptions, problems: &[Problem]) -> bool {
    read.strict && problems.iter().any(|problem| problem.scope == Scope::Feed)
}

fn merge_each(read: &ReadOptions, changes: Vec<CatalogWrite>, current: Vec<Option<CatalogRow>>) -> Merged {
    let mut merged = Merged::default();
    for (change, current) in changes.into_iter().zip(current) {
        match (change, current) {
            (CatalogWrite::Item(change), Some(current)) => match merge(&current, &change) {
                Ok((row, mut problems)) => {
                    // Of what else is not fit for Stripe, the import of the product has told.
                    problems.retain(|problem| is_of(&read.feed, problem));
                    if is_unfit(read, &problems) {
                        merged.refused.push((change.line, problems));
                        continue;
                    }
                    merged.writes.push(CatalogWrite::Item(row));
                    merged.problems.extend(problems);
                }
                Err(problems) => merged.refused.push((change.line, problems)),
            },
            (CatalogWrite::Item(change), None) => {
                let problem = Problem::unknown_item(&change.id, change.line);
                merged.refused.push((change.line, vec![problem]));
            }
            (delete @ CatalogWrite::Delete { .. }, _) => merged.writes.push(delete),
        }
    }
    merged
}
