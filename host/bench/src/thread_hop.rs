//! The thread switch in every plugin call: guest code has its own runtime, and a call goes there and back.

use std::time::Instant;

use tokio::runtime::Builder;

use super::figures::{Samples, micros};
use tillhouse_console::CommandError;

/// Number of thread switches that are measured.
const HOPS: usize = 2_000;

/// Median round trip, in microseconds, of an empty task on a runtime that is configured like that of the plugins.
pub(super) async fn measure() -> Result<f64, CommandError> {
    let plugin_runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .event_interval(1)
        .global_queue_interval(1)
        .build()?;
    let mut samples = Samples::default();
    for _ in 0..HOPS {
        let began = Instant::now();
        plugin_runtime.spawn(async {}).await?;
        samples.push(began.elapsed());
    }
    plugin_runtime.shutdown_background();
    Ok(micros(samples.quantile(0.5)))
}
