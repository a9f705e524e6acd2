//! Readiness follows the store: while a host cannot write durably, it reports not ready, so that load balancers skip it. A store that
//! went back in time is put into quarantine here.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use super::quarantine::{StoreQuarantine, quarantine_if_rewound};
use tillhouse_checkout::ids::{MerchantId, PluginId};
use tillhouse_checkout::plugin_data::{Namespace, StagedChanges, StagedWrite};
use tillhouse_checkout::ports::{Store, StoreError};
use tillhouse_checkout::time::Clock;
use tillhouse_checkout::unit_of_work::UnitOfWork;
use tillhouse_payments::operator::Operator;
use tillhouse_protocols::{AppState, StoreCondition};
use tillhouse_store::StoreEngine;

/// Interval between two probes.
const INTERVAL: Duration = Duration::from_secs(1);

/// Timeout of a probe. A disk that is merely slow answers sooner.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Watches the store of a host that serves.
#[derive(Debug)]
pub(super) struct StoreWatch {
    engine: StoreEngine,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    operator: Operator,
    app_state: AppState,
}

impl StoreWatch {
    pub(super) fn new(engine: StoreEngine, clock: Arc<dyn Clock>, operator: Operator, app_state: AppState) -> Self {
        Self {
            store: engine.store(),
            engine,
            clock,
            operator,
            app_state,
        }
    }

    /// Probes the store until the host stops. `quarantined` is what happened to it at the start.
    pub(super) async fn run(self, quarantined: Option<StoreQuarantine>, stop: CancellationToken) {
        if let Some(quarantined) = quarantined {
            self.follow_up(quarantined);
        }
        let mut ticks = interval(INTERVAL);
        let mut before = StoreCondition::Writable;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let (condition, problem) = match self.probe().await {
                Ok(()) => (StoreCondition::Writable, None),
                Err((condition, problem)) => (condition, Some(problem)),
            };
            match problem {
                Some(error) if condition != before => error!(%error, ?condition, "store: reporting not ready"),
                None if before != StoreCondition::Writable => info!("store is writable again; reporting ready"),
                _ => {}
            }
            before = condition;
            self.app_state.set_store_condition(condition);
        }
    }

    async fn probe(&self) -> Result<(), (StoreCondition, StoreError)> {
        let verified = self.engine.maintenance().verify().await;
        verified.map_err(|error| (StoreCondition::FilesReplaced, error))?;
        self.quarantine_if_rewound().await?;
        match write(self.store.as_ref(), self.clock.as_ref()).await {
            // The write was the first to notice.
            Err(_) if self.engine.rewound().is_some() => {
                self.quarantine_if_rewound().await?;
                write(self.store.as_ref(), self.clock.as_ref()).await
            }
            written => written,
        }
        .map_err(|error| (StoreCondition::NotWritable, error))
    }

    async fn quarantine_if_rewound(&self) -> Result<(), (StoreCondition, StoreError)> {
        if self.engine.rewound().is_none() {
            return Ok(());
        }
        self.app_state.set_store_condition(StoreCondition::WentBackInTime);
        let host = &self.operator.about().host;
        let quarantined = quarantine_if_rewound(&self.engine, self.clock.as_ref(), host).await;
        match quarantined {
            Ok(Some(quarantined)) => self.follow_up(quarantined),
            Ok(None) => {}
            Err(error) => return Err((StoreCondition::WentBackInTime, error)),
        }
        Ok(())
    }

    fn follow_up(&self, quarantined: StoreQuarantine) {
        self.app_state.set_store_notice(quarantined.notice());
        // It asks processors, and readiness does not wait for it; it ends with the process.
        tokio::spawn(quarantined.reconcile(self.operator.clone()));
    }
}

/// One durable write, in a namespace that no merchant and no plugin can have: theirs have names.
async fn write(store: &dyn Store, clock: &dyn Clock) -> Result<(), StoreError> {
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
