//! The file of one upload, rendered when it is first asked for.

use std::path::PathBuf;

use tokio::sync::OnceCell;

use tillhouse_catalog::Separator;
use tillhouse_checkout::feed::FeedUpload;

use super::feed_rows::RowSource;
use super::hooks::UploadedRows;
use super::rendering::{RenderError, RenderedFile, render};

/// The file of one upload, for as long as a task works on it.
#[derive(Debug)]
pub struct FeedFile {
    source: RowSource,
    separator: Separator,
    spool: Option<PathBuf>,
    /// What it was when the upload was begun.
    sha256: Option<String>,
    rendered: OnceCell<RenderedFile>,
}

impl FeedFile {
    pub(crate) fn new(source: RowSource, separator: Separator, spool: Option<PathBuf>, upload: &FeedUpload) -> Self {
        Self {
            source,
            separator,
            spool,
            sha256: upload.sha256.clone(),
            rendered: OnceCell::new(),
        }
    }

    /// The rendered file.
    ///
    /// # Errors
    /// When it cannot be rendered, or is not what it was before.
    pub async fn rendered(&self) -> Result<&RenderedFile, RenderError> {
        let rendering = || async {
            let rendered = render(&self.source, self.separator, self.spool.as_deref(), |_| ()).await?;
            match &self.sha256 {
                Some(before) if *before != rendered.facts.sha256 => Err(RenderError::Changed),
                _ => Ok(rendered),
            }
        };
        self.rendered.get_or_try_init(rendering).await
    }

    /// Its rows, for a transport that sends no files.
    #[must_use]
    pub fn rows(&self) -> &dyn UploadedRows {
        &self.source
    }

    /// Character between its cells.
    #[must_use]
    pub const fn separator(&self) -> Separator {
        self.separator
    }

    pub(crate) const fn source(&self) -> &RowSource {
        &self.source
    }
}
