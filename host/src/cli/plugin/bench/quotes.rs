//! What a whole quote costs: in one call of `quoting.quote`, and with a call for each decision.

use std::time::{Duration, Instant};

use super::SIZES;
use super::series::{WARM_UP, median};
use crate::cli::plugin::sample_carts::SampleCarts;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::ports::{PhaseKind, PhaseScope};
use tillhouse_checkout::session::Agent;
use tillhouse_checkout::time::Timestamp;
use tillhouse_runtime::trial::{MERCHANT, QuoteCalls, QuoteReport, Trial};
use tillhouse_runtime::{Capabilities, Capability};

/// Cost of quoting carts of one size in one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct QuoteCost {
    /// Median time of a quote, with the host's arithmetic and everything around its calls.
    pub(super) elapsed: Duration,
    /// Instructions of all its calls; counted in a second run.
    pub(super) instructions: Option<u64>,
}

/// Cost of quoting carts of one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct QuoteRow {
    pub(super) lines: usize,
    /// In one call; `None` if the plugin does not export `quoting`.
    pub(super) whole: Option<QuoteCost>,
    /// With a call for each decision.
    pub(super) one_by_one: QuoteCost,
}

/// A size that was not quoted, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NoQuote {
    pub(super) lines: usize,
    pub(super) why: String,
}

/// Costs of whole quotes, by increasing cart size.
#[derive(Debug)]
pub(super) struct QuoteCosts {
    exports_quoting: bool,
    pub(super) rows: Vec<QuoteRow>,
    pub(super) no_quote: Option<NoQuote>,
}

impl QuoteCosts {
    /// `None` for a plugin that leaves a decision of a quote to another one.
    pub(super) fn of(exported: Capabilities) -> Option<Self> {
        let decides_all = Capability::QUOTED
            .iter()
            .all(|capability| exported.contains(*capability));
        decides_all.then(|| Self {
            exports_quoting: exported.contains(Capability::Quoting),
            rows: Vec::new(),
            no_quote: None,
        })
    }

    /// Measure the time of both ways, up to the first size that is not quoted.
    pub(super) async fn measure(&mut self, trial: &Trial, carts: &SampleCarts, samples: u16) {
        for lines in SIZES {
            match self.measure_size(trial, carts, lines, samples).await {
                Ok(row) => self.rows.push(row),
                Err(why) => {
                    self.no_quote = Some(NoQuote { lines, why });
                    break;
                }
            }
        }
    }

    async fn measure_size(
        &self,
        trial: &Trial,
        carts: &SampleCarts,
        lines: usize,
        samples: u16,
    ) -> Result<QuoteRow, String> {
        let whole = match self.exports_quoting {
            true => Some(measured(trial, carts, lines, samples, QuoteCalls::Whole).await?),
            false => None,
        };
        let one_by_one = measured(trial, carts, lines, samples, QuoteCalls::OneByOne).await?;
        Ok(QuoteRow {
            lines,
            whole,
            one_by_one,
        })
    }

    /// Count the instructions of both ways, on an engine with instruction counting.
    pub(super) async fn count_instructions(&mut self, trial: &Trial, carts: &SampleCarts) {
        for row in &mut self.rows {
            if let Some(whole) = &mut row.whole {
                whole.instructions = counted(trial, carts, row.lines, QuoteCalls::Whole).await;
            }
            row.one_by_one.instructions = counted(trial, carts, row.lines, QuoteCalls::OneByOne).await;
        }
    }
}

async fn measured(
    trial: &Trial,
    carts: &SampleCarts,
    lines: usize,
    samples: u16,
    calls: QuoteCalls,
) -> Result<QuoteCost, String> {
    let mut times = Vec::new();
    for round in 0..samples.saturating_add(WARM_UP) {
        let began = Instant::now();
        let quoted = quote(trial, carts, lines, calls).await;
        let elapsed = began.elapsed();
        quoted.quote.map_err(|error| error.to_string())?;
        if round >= WARM_UP {
            times.push(elapsed);
        }
    }
    Ok(QuoteCost {
        elapsed: median(times),
        instructions: None,
    })
}

async fn counted(trial: &Trial, carts: &SampleCarts, lines: usize, calls: QuoteCalls) -> Option<u64> {
    let quoted = quote(trial, carts, lines, calls).await;
    quoted.quote.is_ok().then_some(quoted.record.instructions)
}

async fn quote(trial: &Trial, carts: &SampleCarts, lines: usize, calls: QuoteCalls) -> QuoteReport {
    let scope = PhaseScope {
        merchant: MerchantId::new(MERCHANT),
        session: SessionId::new("cs_bench"),
        kind: PhaseKind::Quote,
        now: Timestamp(0),
        currency: carts.currency,
        locale: None,
        time_zone: None,
        agent: Agent::default(),
        catalog: None,
        deadline: None,
    };
    trial.quote(scope, &carts.cart(lines), calls).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_that_leaves_a_decision_to_another_has_no_quote_of_its_own() {
        let quoted: Capabilities = Capability::QUOTED.into_iter().collect();
        assert!(QuoteCosts::of(quoted).is_some_and(|costs| !costs.exports_quoting));
        let mut whole = quoted;
        whole.insert(Capability::Quoting);
        assert!(QuoteCosts::of(whole).is_some_and(|costs| costs.exports_quoting));
        for missing in Capability::QUOTED {
            let rest = whole.without([missing].into_iter().collect());
            assert!(QuoteCosts::of(rest).is_none(), "{missing}");
        }
    }
}
