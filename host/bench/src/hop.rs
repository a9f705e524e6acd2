//! The change of threads in every plugin call: guest code has a runtime of its own, and a call goes there and comes back.

use std::time::Instant;

use tokio::runtime::Builder;

use super::figures::{Samples, micros};
use tillhouse_console::Failure;

/// Changes that are measured.
const HOPS: usize = 2_000;

/// The median of going to a runtime like that of the guests and back, with nothing to do there; in microseconds.
pub(super) async fn measure() -> Result<f64, Failure> {
    let guests = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .event_interval(1)
        .global_queue_interval(1)
        .build()?;
    let mut samples = Samples::default();
    for _ in 0..HOPS {
        let began = Instant::now();
        guests.spawn(async {}).await?;
        samples.push(began.elapsed());
    }
    guests.shutdown_background();
    Ok(micros(samples.quantile(0.5)))
}
