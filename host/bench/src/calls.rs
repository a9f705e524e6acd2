//! Part 1: a pricing call and a whole quote, through the component, as native Rust, and over HTTP.

use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::aside::aside;
use super::callout::{Callout, OneTrip, Service};
use super::figures::{Samples, median, micros, ratio};
use super::native::{self, Native};
use super::plan::{LINES, Plan};
use super::rivals::Rival;
use super::shop;
use tillhouse_catalog::Catalog;
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::ports::{Decisions, PhaseKind, PhaseScope};
use tillhouse_checkout::quote::Quote;
use tillhouse_checkout::quoting;
use tillhouse_checkout::time::Clock as _;
use tillhouse_console::Failure;
use tillhouse_console::bundled;
use tillhouse_console::local::MERCHANT;
use tillhouse_runtime::{Observer, PluginCall, Plugins};
use tillhouse_server::system::SystemClock;

/// Number of quotes before the first measured call.
const WARM_UP: usize = 20;

/// Number of quotes whose calls are timed one by one.
const TAKEN_APART: usize = 200;

/// Results for carts of one size.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) lines: usize,
    pub(super) price: Figures,
    pub(super) quote: Figures,
    /// Plugin calls of a quote by the component, in their order.
    pub(super) quote_calls: Vec<Part>,
}

/// One call of a quote, as the host timed it.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    pub(super) function: &'static str,
    /// Median time, in microseconds.
    pub(super) us: f64,
}

/// Observer that collects the plugin calls of a quote.
#[derive(Debug, Default)]
struct Taken(Mutex<Vec<PluginCall>>);

impl Taken {
    fn take(&self) -> Vec<PluginCall> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Observer for Taken {
    fn called(&self, _: &SessionId, call: &PluginCall) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(call.clone());
    }
}

/// Medians in microseconds, and their ratios.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    pub(super) wasm_us: f64,
    pub(super) native_us: f64,
    /// One round trip for each function.
    pub(super) http_us: f64,
    /// One round trip for all of them; quotes only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) http_one_trip_us: Option<f64>,
    pub(super) wasm_vs_native: f64,
    pub(super) http_vs_wasm: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) http_one_trip_vs_wasm: Option<f64>,
}

impl Figures {
    fn new([wasm, native, http]: [f64; 3], one_trip: Option<f64>) -> Self {
        Self {
            wasm_us: wasm,
            native_us: native,
            http_us: http,
            http_one_trip_us: one_trip,
            wasm_vs_native: ratio(wasm, native),
            http_vs_wasm: ratio(http, wasm),
            http_one_trip_vs_wasm: one_trip.map(|trip| ratio(trip, wasm)),
        }
    }
}

/// Measure every size of cart.
pub(super) async fn measure(plan: &Plan, plugins: Plugins) -> Result<Vec<Row>, Failure> {
    let plan = *plan;
    let catalog = Catalog::from_csv(shop::catalog().as_bytes())
        .map_err(|errors| Failure(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
    let config = bundled::shop_config()?;
    let scope = PhaseScope {
        merchant: MerchantId::new(MERCHANT),
        session: SessionId::new("cs_bench"),
        kind: PhaseKind::Quote,
        now: SystemClock.now(),
        currency: Currency::new("usd")?,
        locale: None,
    };
    let service = Service::start(native::imports(&config, &catalog, scope.now)).await?;
    let address = service.address;
    let imports = native::imports(&config, &catalog, scope.now);
    let rows = aside("bench-calls", move || async move {
        // Native calls run on this thread and find the imports here.
        let _imports = imports.install();
        let callout = Callout::to(address).await?;
        let mut rows = Vec::new();
        for lines in LINES {
            let contest = Contest::new(&plugins, &callout, scope.clone(), shop::cart(lines));
            contest.answers_agree().await?;
            rows.push(contest.row(&plan).await?);
        }
        Ok(rows)
    });
    let rows = rows.await;
    drop(service);
    rows
}

/// The variants that are compared, and the cart that they quote.
struct Contest {
    wasm: Plugins,
    native: Rival<Native>,
    http: Rival<Callout>,
    one_trip: Rival<OneTrip>,
    scope: PhaseScope,
    cart: Cart,
}

impl Contest {
    fn new(plugins: &Plugins, callout: &Callout, scope: PhaseScope, cart: Cart) -> Self {
        Self {
            wasm: plugins.clone(),
            native: Rival {
                questions: Native,
                plugins: plugins.clone(),
            },
            http: Rival {
                questions: callout.clone(),
                plugins: plugins.clone(),
            },
            one_trip: Rival {
                questions: OneTrip::new(callout.clone(), cart.clone()),
                plugins: plugins.clone(),
            },
            scope,
            cart,
        }
    }

    /// Check that all variants give the same quote, field by field.
    async fn answers_agree(&self) -> Result<(), Failure> {
        let (_, expected) = self.quote(&self.wasm).await?;
        let rivals: [(&str, &dyn Decisions); 3] = [
            ("as native Rust", &self.native),
            ("over HTTP", &self.http),
            ("over HTTP in one round trip", &self.one_trip),
        ];
        for (name, rival) in rivals {
            let (_, quote) = self.quote(rival).await?;
            if quote != expected {
                let lines = self.cart.lines.len();
                return Err(Failure(format!(
                    "the shop {name} gives a different quote for {lines} lines"
                )));
            }
        }
        Ok(())
    }

    async fn row(&self, plan: &Plan) -> Result<Row, Failure> {
        let mut price: [Vec<f64>; 3] = Default::default();
        let mut quote: [Vec<f64>; 4] = Default::default();
        for rival in self.everybody() {
            for _ in 0..WARM_UP {
                self.quote(rival).await?;
            }
        }
        for _ in 0..plan.call_rounds {
            for (rival, rounds) in self.everybody().into_iter().zip(&mut price) {
                rounds.push(self.prices(rival, plan.call_slice).await?);
            }
            for (rival, rounds) in self.everybody().into_iter().zip(&mut quote) {
                rounds.push(self.quotes(rival, plan.call_slice).await?);
            }
        }
        let [wasm, native, http, one_trip] = quote.map(median);
        Ok(Row {
            lines: self.cart.lines.len(),
            price: Figures::new(price.map(median), None),
            quote: Figures::new([wasm, native, http], Some(one_trip)),
            quote_calls: self.parts().await?,
        })
    }

    /// Median time of each plugin call in a quote by the component.
    async fn parts(&self) -> Result<Vec<Part>, Failure> {
        let mut parts: Vec<(&'static str, Samples)> = Vec::new();
        let taken = Arc::new(Taken::default());
        let wasm = self.wasm.observed_by(Arc::clone(&taken) as _);
        for _ in 0..TAKEN_APART {
            let mut phase = wasm.open(self.scope.clone()).await?;
            quoting::quote(&mut *phase, &wasm, &self.scope.merchant, &self.cart).await?;
            for (place, call) in taken.take().into_iter().enumerate() {
                if place == parts.len() {
                    parts.push((call.function, Samples::default()));
                }
                if let Some((_, samples)) = parts.get_mut(place) {
                    samples.push(call.elapsed);
                }
            }
        }
        let median = |(function, samples): (&'static str, Samples)| Part {
            function,
            us: micros(samples.quantile(0.5)),
        };
        Ok(parts.into_iter().map(median).collect())
    }

    fn everybody(&self) -> [&dyn Decisions; 4] {
        [&self.wasm, &self.native, &self.http, &self.one_trip]
    }

    /// Median of the pricing calls made within `slice`, in microseconds.
    async fn prices(&self, decisions: &dyn Decisions, slice: Duration) -> Result<f64, Failure> {
        let (began, mut samples) = (Instant::now(), Samples::default());
        while began.elapsed() < slice {
            samples.push(self.price(decisions).await?);
        }
        Ok(micros(samples.quantile(0.5)))
    }

    /// Median of the quotes made within `slice`, in microseconds.
    async fn quotes(&self, decisions: &dyn Decisions, slice: Duration) -> Result<f64, Failure> {
        let (began, mut samples) = (Instant::now(), Samples::default());
        while began.elapsed() < slice {
            samples.push(self.quote(decisions).await?.0);
        }
        Ok(micros(samples.quantile(0.5)))
    }

    /// Time of one pricing call, from opening a phase to its end: a fresh instance, as in production.
    async fn price(&self, decisions: &dyn Decisions) -> Result<Duration, Failure> {
        let scope = self.scope.clone();
        let began = Instant::now();
        let mut phase = decisions.open(scope).await?;
        black_box(phase.price(black_box(&self.cart)).await?);
        black_box(phase.finish());
        Ok(began.elapsed())
    }

    /// Time of one quote through the host's own pipeline, and the quote.
    async fn quote(&self, decisions: &dyn Decisions) -> Result<(Duration, Quote), Failure> {
        let scope = self.scope.clone();
        let began = Instant::now();
        let mut phase = decisions.open(scope).await?;
        let quote = quoting::quote(&mut *phase, decisions, &self.scope.merchant, black_box(&self.cart)).await?;
        black_box(phase.finish());
        Ok((began.elapsed(), quote))
    }
}
