//! Part 1: a pricing call and a whole quote, through the component, as native Rust, and over HTTP.

use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::baselines::Baseline;
use super::callout::{Callout, Service};
use super::figures::{Samples, median, micros, ratio};
use super::isolated_runtime::on_own_runtime;
use super::native::{self, Native};
use super::one_by_one::OneByOne;
use super::plan::{LINES, Plan};
use super::shop;
use tillhouse_catalog::Catalog;
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::ports::{Decisions, PhaseKind, PhaseScope};
use tillhouse_checkout::quote::Quote;
use tillhouse_checkout::quoting;
use tillhouse_checkout::session::Agent;
use tillhouse_checkout::time::Clock as _;
use tillhouse_console::CommandError;
use tillhouse_console::bundled;
use tillhouse_console::local_host::MERCHANT;
use tillhouse_runtime::{Observer, PluginCall, Plugins};
use tillhouse_server::clock_and_ids::SystemClock;

/// Number of quotes before the first measured call.
const WARM_UP: usize = 20;

/// Number of quotes whose calls are timed one by one.
const TIMED_QUOTES: usize = 200;

/// Results for carts of one size.
#[derive(Debug, Serialize)]
pub(super) struct CallRow {
    pub(super) lines: usize,
    pub(super) price: CallFigures,
    pub(super) quote: CallFigures,
    /// Plugin calls of a quote by the component, in their order.
    pub(super) quote_calls: Vec<CallTime>,
    /// The same with a call for each decision.
    pub(super) quote_calls_one_by_one: Vec<CallTime>,
}

/// One call of a quote, as the host timed it.
#[derive(Debug, Serialize)]
pub(super) struct CallTime {
    pub(super) function: &'static str,
    /// Median time, in microseconds.
    pub(super) us: f64,
}

/// Observer that collects the plugin calls of a quote.
#[derive(Debug, Default)]
struct CallCollector(Mutex<Vec<PluginCall>>);

impl CallCollector {
    fn take(&self) -> Vec<PluginCall> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Observer for CallCollector {
    fn called(&self, _: &SessionId, call: &PluginCall) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(call.clone());
    }
}

/// Medians in microseconds, and their ratios.
#[derive(Debug, Serialize)]
pub(super) struct CallFigures {
    pub(super) wasm_us: f64,
    /// The component with a call for each decision; quotes only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) wasm_one_by_one_us: Option<f64>,
    pub(super) native_us: f64,
    /// One round trip for each function.
    pub(super) http_us: f64,
    /// One round trip for all of them; quotes only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) http_one_trip_us: Option<f64>,
    pub(super) wasm_vs_native: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) wasm_one_by_one_vs_wasm: Option<f64>,
    pub(super) http_vs_wasm: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) http_one_trip_vs_wasm: Option<f64>,
}

impl CallFigures {
    /// Figures of one function, which is called alike in every way.
    fn of_function([wasm, native, http]: [f64; 3]) -> Self {
        Self {
            wasm_us: wasm,
            wasm_one_by_one_us: None,
            native_us: native,
            http_us: http,
            http_one_trip_us: None,
            wasm_vs_native: ratio(wasm, native),
            wasm_one_by_one_vs_wasm: None,
            http_vs_wasm: ratio(http, wasm),
            http_one_trip_vs_wasm: None,
        }
    }

    /// Figures of a whole quote, which may be asked at once or decision by decision.
    fn of_quote([wasm, native, http, one_trip, one_by_one]: [f64; 5]) -> Self {
        Self {
            wasm_one_by_one_us: Some(one_by_one),
            http_one_trip_us: Some(one_trip),
            wasm_one_by_one_vs_wasm: Some(ratio(one_by_one, wasm)),
            http_one_trip_vs_wasm: Some(ratio(one_trip, wasm)),
            ..Self::of_function([wasm, native, http])
        }
    }
}

/// Measure every size of cart.
pub(super) async fn measure(plan: &Plan, plugins: Plugins) -> Result<Vec<CallRow>, CommandError> {
    let plan = *plan;
    let catalog = Catalog::from_csv(shop::catalog().as_bytes())
        .map_err(|errors| CommandError(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
    let config = bundled::shop_config()?;
    let scope = PhaseScope {
        merchant: MerchantId::new(MERCHANT),
        session: SessionId::new("cs_bench"),
        kind: PhaseKind::Quote,
        now: SystemClock.now(),
        currency: Currency::new("usd")?,
        locale: None,
        time_zone: None,
        agent: Agent::default(),
        catalog: None,
        deadline: None,
    };
    let service = Service::start(native::imports(&config, &catalog, scope.now)).await?;
    let address = service.address;
    let imports = native::imports(&config, &catalog, scope.now);
    let rows = on_own_runtime("bench-calls", move || async move {
        // Native calls run on this thread and find the imports here.
        let _imports = imports.install();
        let callout = Callout::to(address).await?;
        let mut rows = Vec::new();
        for lines in LINES {
            let comparison = Comparison::new(&plugins, &callout, scope.clone(), shop::cart(lines));
            comparison.check_quotes_agree().await?;
            rows.push(comparison.row(&plan).await?);
        }
        Ok(rows)
    });
    let rows = rows.await;
    drop(service);
    rows
}

/// The variants that are compared, and the cart that they quote.
struct Comparison {
    wasm: Plugins,
    native: Baseline<Native>,
    http: Baseline<Callout>,
    one_trip: Baseline<Callout>,
    one_by_one: OneByOne,
    scope: PhaseScope,
    cart: Cart,
}

impl Comparison {
    fn new(plugins: &Plugins, callout: &Callout, scope: PhaseScope, cart: Cart) -> Self {
        Self {
            wasm: plugins.clone(),
            native: Baseline {
                functions: Native,
                plugins: plugins.clone(),
            },
            http: Baseline {
                functions: callout.clone(),
                plugins: plugins.clone(),
            },
            one_trip: Baseline {
                functions: callout.in_one_trip(),
                plugins: plugins.clone(),
            },
            one_by_one: OneByOne(plugins.clone()),
            scope,
            cart,
        }
    }

    /// Check that all variants give the same quote, field by field.
    async fn check_quotes_agree(&self) -> Result<(), CommandError> {
        let (_, expected) = self.quote(&self.wasm).await?;
        let baselines: [(&str, &dyn Decisions); 4] = [
            ("decision by decision", &self.one_by_one),
            ("as native Rust", &self.native),
            ("over HTTP", &self.http),
            ("over HTTP in one round trip", &self.one_trip),
        ];
        for (name, baseline) in baselines {
            let (_, quote) = self.quote(baseline).await?;
            if quote != expected {
                let lines = self.cart.lines.len();
                return Err(CommandError(format!(
                    "the shop {name} gives a different quote for {lines} lines"
                )));
            }
        }
        Ok(())
    }

    async fn row(&self, plan: &Plan) -> Result<CallRow, CommandError> {
        let mut price: [Vec<f64>; 3] = Default::default();
        let mut quote: [Vec<f64>; 5] = Default::default();
        for baseline in self.variants() {
            for _ in 0..WARM_UP {
                self.quote(baseline).await?;
            }
        }
        for _ in 0..plan.call_rounds {
            // Where one function is called, only the first three variants differ.
            for (baseline, rounds) in self.variants().into_iter().zip(&mut price) {
                rounds.push(self.prices(baseline, plan.call_slice).await?);
            }
            for (baseline, rounds) in self.variants().into_iter().zip(&mut quote) {
                rounds.push(self.quotes(baseline, plan.call_slice).await?);
            }
        }
        let collector = Arc::new(CallCollector::default());
        let observed = self.wasm.observed_by(Arc::clone(&collector) as _);
        Ok(CallRow {
            lines: self.cart.lines.len(),
            price: CallFigures::of_function(price.map(median)),
            quote: CallFigures::of_quote(quote.map(median)),
            quote_calls: self.call_times(&observed, &collector).await?,
            quote_calls_one_by_one: self.call_times(&OneByOne(observed), &collector).await?,
        })
    }

    /// Median time of each plugin call in a quote by these decisions, which report their calls to the collector.
    async fn call_times(
        &self,
        observed: &dyn Decisions,
        collector: &CallCollector,
    ) -> Result<Vec<CallTime>, CommandError> {
        let mut parts: Vec<(&'static str, Samples)> = Vec::new();
        for _ in 0..TIMED_QUOTES {
            self.quote(observed).await?;
            for (place, call) in collector.take().into_iter().enumerate() {
                if place == parts.len() {
                    parts.push((call.function, Samples::default()));
                }
                if let Some((_, samples)) = parts.get_mut(place) {
                    samples.push(call.elapsed);
                }
            }
        }
        let median = |(function, samples): (&'static str, Samples)| CallTime {
            function,
            us: micros(samples.quantile(0.5)),
        };
        Ok(parts.into_iter().map(median).collect())
    }

    fn variants(&self) -> [&dyn Decisions; 5] {
        [&self.wasm, &self.native, &self.http, &self.one_trip, &self.one_by_one]
    }

    /// Median of the pricing calls made within `slice`, in microseconds.
    async fn prices(&self, decisions: &dyn Decisions, slice: Duration) -> Result<f64, CommandError> {
        let (began, mut samples) = (Instant::now(), Samples::default());
        while began.elapsed() < slice {
            samples.push(self.price(decisions).await?);
        }
        Ok(micros(samples.quantile(0.5)))
    }

    /// Median of the quotes made within `slice`, in microseconds.
    async fn quotes(&self, decisions: &dyn Decisions, slice: Duration) -> Result<f64, CommandError> {
        let (began, mut samples) = (Instant::now(), Samples::default());
        while began.elapsed() < slice {
            samples.push(self.quote(decisions).await?.0);
        }
        Ok(micros(samples.quantile(0.5)))
    }

    /// Time of one pricing call, from opening a phase to its end: a fresh instance, as in production.
    async fn price(&self, decisions: &dyn Decisions) -> Result<Duration, CommandError> {
        let scope = self.scope.clone();
        let began = Instant::now();
        let mut phase = decisions.open(scope).await?;
        black_box(phase.price(black_box(&self.cart)).await?);
        black_box(phase.finish());
        Ok(began.elapsed())
    }

    /// Time of one quote through the host's own pipeline, and the quote.
    async fn quote(&self, decisions: &dyn Decisions) -> Result<(Duration, Quote), CommandError> {
        let scope = self.scope.clone();
        let began = Instant::now();
        let mut phase = decisions.open(scope).await?;
        let quote = quoting::quote(&mut *phase, &self.scope, black_box(&self.cart)).await?;
        black_box(phase.finish());
        Ok((began.elapsed(), quote))
    }
}
