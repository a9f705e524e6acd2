//! One upload on its way: its products in batches, and which of them the agent refused.

use tillhouse_checkout::feed::{FeedStatus, FeedUpload};
use tillhouse_checkout::ids::FeedUploadId;
use tillhouse_checkout::ports::StoreError;

use super::api::{FeedApi, Upserted};
use super::collecting::Collector;
use super::products::{ProductScope, Products, RenderedProduct};
use crate::feed_file::FeedFile;
use crate::transport::{Ended, Progress, RefusedRow, RefusedRows, TransportError};
use crate::upload_rows::UploadRows;

/// What became of the next batch.
#[derive(Debug)]
pub(super) enum Batch {
    /// The agent has it, but for what it refused; and the id of its last update.
    Sent(Option<String>),
    /// The agent does not know the feed.
    UnknownFeed,
    /// There is nothing left to send.
    End,
}

/// An upload on its way.
#[derive(Debug)]
pub(super) struct Sending {
    upload: FeedUploadId,
    products: Products,
    /// Products that were sent before the batch.
    position: u64,
    /// The batch that is sent next, if it was tried already.
    batch: Vec<RenderedProduct>,
    /// First product of the batch after it.
    ahead: Option<RenderedProduct>,
    refused: Vec<RefusedRow>,
    refused_products: u64,
}

impl Sending {
    /// Collects the products, and passes over those that were sent before.
    pub(super) async fn begin(collector: &Collector, upload: &FeedUpload, file: &FeedFile) -> Result<Self, StoreError> {
        let rows = UploadRows::of(upload).map_err(StoreError::caused_by)?;
        let scope = ProductScope {
            merchant: upload.merchant.clone(),
            destination: upload.destination.clone(),
            version: upload.version,
            at: upload.asked,
        };
        let mut products = collector.collect(&scope, rows, file.rows()).await?;
        let has_refusals = upload.remote.errors.is_some();
        let position = if has_refusals { 0 } else { upload.counts.sent };
        products.skip(position).await?;
        Ok(Self {
            upload: upload.id.clone(),
            products,
            position,
            batch: Vec::new(),
            ahead: None,
            refused: Vec::new(),
            refused_products: 0,
        })
    }

    /// Whether this is the upload, as far as it was committed.
    pub(super) fn continues(&self, upload: &FeedUpload) -> bool {
        self.upload == upload.id && self.position == upload.counts.sent
    }

    pub(super) const fn position(&self) -> u64 {
        self.position
    }

    pub(super) const fn has_refusals(&self) -> bool {
        self.refused_products > 0
    }

    pub(super) async fn send_batch(&mut self, api: &FeedApi, feed: &str) -> Result<Batch, TransportError> {
        let filled = self
            .fill_batch(api.settings.batch_products, api.settings.batch_bytes)
            .await;
        filled.map_err(|error| TransportError::temporary(error.to_string()))?;
        if self.batch.is_empty() {
            return Ok(Batch::End);
        }
        // A batch of which the agent refuses a product is sent in halves, until it is that product alone.
        let mut update = None;
        let mut refused: Vec<(usize, RefusedProduct)> = Vec::new();
        let mut parts = vec![(0, self.batch.len())];
        while let Some((from, until)) = parts.pop() {
            let products = self.batch.get(from..until).unwrap_or_default();
            let json: Vec<&[u8]> = products.iter().filter_map(|product| product.json.as_deref()).collect();
            if json.is_empty() {
                continue;
            }
            let key = self.key(from, products.len());
            match api.upsert(feed, &json, key).await? {
                Upserted::Taken(id) => update = id.or(update),
                Upserted::UnknownFeed => return Ok(Batch::UnknownFeed),
                Upserted::Unfit { param, message } if products.len() == 1 => {
                    refused.push((from, RefusedProduct { param, message }));
                }
                Upserted::Unfit { .. } => {
                    let middle = from.midpoint(until);
                    parts.extend([(middle, until), (from, middle)]);
                }
            }
        }
        self.refused_products += u64::try_from(refused.len()).unwrap_or_default();
        for (at, refused) in refused {
            if let Some(product) = self.batch.get(at) {
                self.refused.extend(refused.rows(product));
            }
        }
        self.position += u64::try_from(self.batch.len()).unwrap_or_default();
        self.batch.clear();
        Ok(Batch::Sent(update))
    }

    /// The key of a request is made of the upload and of which products it has, which are the same whenever it is sent.
    fn key(&self, from: usize, count: usize) -> String {
        let first = self.position + u64::try_from(from).unwrap_or_default();
        format!("{}-{first}-{count}", self.upload)
    }

    async fn fill_batch(&mut self, most: usize, most_bytes: usize) -> Result<(), StoreError> {
        if !self.batch.is_empty() {
            return Ok(());
        }
        let mut bytes = 0;
        while self.batch.len() < most {
            let next = match self.ahead.take() {
                Some(next) => Some(next),
                None => self.products.next().await?,
            };
            let Some(next) = next else { break };
            bytes += next.json.as_ref().map_or(0, Vec::len);
            if bytes > most_bytes && !self.batch.is_empty() {
                self.ahead = Some(next);
                break;
            }
            self.batch.push(next);
        }
        Ok(())
    }

    /// What became of the upload.
    pub(super) fn end(self) -> Progress {
        let (sent, refused) = (self.position, self.refused_products);
        let status = match refused {
            0 => FeedStatus::Succeeded,
            all if all == sent => FeedStatus::Failed,
            _ => FeedStatus::SucceededWithErrors,
        };
        let problem = (status == FeedStatus::Failed).then(|| "the agent refused every product".to_owned());
        Progress::Ended(Box::new(Ended {
            status,
            taken: Some(sent - refused),
            refused: Some(refused),
            problem,
            rows: match self.refused.is_empty() {
                true => RefusedRows::None,
                false => RefusedRows::Listed(self.refused),
            },
            errors: None,
        }))
    }
}

#[derive(Debug)]
struct RefusedProduct {
    param: Option<String>,
    message: String,
}

impl RefusedProduct {
    /// A row for each item: the agent refuses products as a whole.
    fn rows(self, product: &RenderedProduct) -> Vec<RefusedRow> {
        let message = match product.items.len() {
            1 => self.message,
            count => format!("{} (product {} of {count} variants)", self.message, product.id),
        };
        let rows = product.items.iter().map(|item| RefusedRow {
            id: Some(item.clone()),
            column: self.param.clone(),
            message: message.clone(),
        });
        rows.collect()
    }
}
