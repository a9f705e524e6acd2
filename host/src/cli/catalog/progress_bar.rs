//! The progress of an import, on a terminal.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::super::store_access::Answerer;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_payments::operator::catalogs::{AskImportProgress, ImportProgressView};

/// How often the progress is asked for.
const INTERVAL: Duration = Duration::from_millis(250);

/// Within 60 columns; a narrower terminal has less of the message, and no second line.
const TEMPLATE: &str = "{bar:16} {percent:>3}% of {total_bytes}, {eta} left, {wide_msg}";

/// Shows how far the import of this merchant is, until it is dropped. Without a terminal it shows nothing.
pub(super) fn of(merchant: MerchantId, silent: bool) -> impl AsyncFnOnce(Answerer<'_>) {
    async move |answerer: Answerer<'_>| {
        if silent || !stderr().is_terminal() {
            return std::future::pending().await;
        }
        let bar = Bar::new();
        loop {
            tokio::time::sleep(INTERVAL).await;
            let asked = AskImportProgress {
                merchant: merchant.clone(),
            };
            if let Ok(Some(progress)) = answerer.answer(asked).await {
                bar.show(progress);
            }
        }
    }
}

/// A progress bar on standard error; it is removed when dropped.
#[derive(Debug)]
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Print lines, with the bar after them.
    pub(super) fn print_before(&self, print: impl FnOnce()) {
        self.0.suspend(print);
    }

    pub(super) fn show(&self, progress: ImportProgressView) {
        self.0.set_length(progress.of);
        self.0.set_position(progress.bytes);
        let refused = match progress.refused {
            0 => String::new(),
            refused => format!(", {refused} refused"),
        };
        self.0.set_message(format!("{} rows{refused}", progress.rows));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
