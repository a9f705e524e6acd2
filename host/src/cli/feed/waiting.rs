//! Waiting until an upload is over.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::ProgressBar;

use crate::cli::store_access::{Answerer, StoreAccessError};
use tillhouse_payments::operator::feeds::{FeedView, ShowFeeds};

/// How often it is asked how far the upload is.
const INTERVAL: Duration = Duration::from_millis(300);

/// Asks the host again and again, and shows on a terminal how far the upload is.
pub(super) async fn until_over(
    answerer: Answerer<'_>,
    mut upload: FeedView,
    silent: bool,
) -> Result<FeedView, StoreAccessError> {
    let shown = (!silent && stderr().is_terminal()).then(ProgressBar::new_spinner);
    while upload.open {
        if let Some(shown) = &shown {
            shown.set_message(text(&upload));
            shown.tick();
        }
        tokio::time::sleep(INTERVAL).await;
        let asked = ShowFeeds {
            upload: Some(upload.id.clone()),
            ..ShowFeeds::default()
        };
        let found = answerer.answer(asked).await?.uploads.pop();
        upload = found.ok_or_else(|| {
            StoreAccessError::Refused(format!("upload {} is not there any more", upload.id), Vec::new())
        })?;
    }
    if let Some(shown) = shown {
        shown.finish_and_clear();
    }
    Ok(upload)
}

fn text(upload: &FeedView) -> String {
    let problem = upload
        .problem
        .as_ref()
        .map(|problem| format!("; {problem}"))
        .unwrap_or_default();
    format!("{} is {}, {} rows{problem}", upload.id, upload.status, upload.sent)
}
