//! Readiness follows the store: while a host cannot write durably, it reports not ready, so that load balancers skip it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;

use tillhouse_checkout::ids::{MerchantId, PluginId};
use tillhouse_checkout::plugin_data::{Namespace, StagedChanges, StagedWrite};
use tillhouse_checkout::ports::{Store, StoreError};
use tillhouse_checkout::time::Clock;
use tillhouse_checkout::unit_of_work::UnitOfWork;
use tillhouse_protocols::AppState;

/// Interval between two probes.
const INTERVAL: Duration = Duration::from_secs(1);

/// Timeout of a probe. A disk that is merely slow answers sooner.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Probes the store until the host stops.
pub(super) async fn watch(store: Arc<dyn Store>, clock: Arc<dyn Clock>, app_state: AppState, stop: CancellationToken) {
    let mut ticks = interval(INTERVAL);
    let mut is_writable = true;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let probed = probe(store.as_ref(), clock.as_ref()).await;
        match &probed {
            Err(error) if is_writable => tracing::error!(%error, "store is not writable; reporting not ready"),
            Ok(()) if !is_writable => tracing::info!("store is writable again; reporting ready"),
            _ => {}
        }
        is_writable = probed.is_ok();
        app_state.set_store_writable(is_writable);
    }
}

/// One durable write, in a namespace that no merchant and no plugin can have: theirs have names.
async fn probe(store: &dyn Store, clock: &dyn Clock) -> Result<(), StoreError> {
    let write = StagedWrite::Put {
        namespace: Namespace {
            merchant: MerchantId::new(""),
            plugin: PluginId::new(""),
        },
        key: "probe".to_owned(),
        value: Some(clock.now().0.to_string().into_bytes()),
    };
    let unit = UnitOfWork {
        staged: StagedChanges {
            reads: Vec::new(),
            writes: vec![write],
        },
        ..UnitOfWork::default()
    };
    match timeout(TIMEOUT, store.commit(unit)).await {
        Ok(done) => done.map_err(StoreError::caused_by),
        Err(_) => Err(StoreError::new(format!("the write timed out after {TIMEOUT:?}"))),
    }
}
