//! When goods arrive (schema `EstimatedDelivery`).

use serde::Serialize;

use crate::rendering::rfc3339;
use tillhouse_checkout::quote::{Quote, QuoteOption};
use tillhouse_checkout::time::Timestamp;

#[derive(Debug, Serialize)]
pub(crate) struct EstimatedDelivery {
    earliest: String,
    latest: String,
}

impl EstimatedDelivery {
    pub(crate) fn new(earliest: Timestamp, latest: Timestamp) -> Self {
        Self {
            earliest: rfc3339(earliest),
            latest: rfc3339(latest),
        }
    }

    /// When an option arrives; `None` if its plugin did not say.
    pub(crate) fn of_option(option: &QuoteOption) -> Option<Self> {
        window(option).map(|(earliest, latest)| Self::new(earliest, latest))
    }

    /// When everything arrives: from the first to the last arrival of all options that apply.
    pub(crate) fn of_quote(quote: &Quote) -> Option<Self> {
        let windows = quote.selected_options().filter_map(window);
        let whole = windows.reduce(|(first, last), (earliest, latest)| (first.min(earliest), last.max(latest)));
        whole.map(|(earliest, latest)| Self::new(earliest, latest))
    }
}

fn window(option: &QuoteOption) -> Option<(Timestamp, Timestamp)> {
    option.earliest.zip(option.latest)
}
