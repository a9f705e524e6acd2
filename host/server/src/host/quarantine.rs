//! A store that went back in time is put into quarantine before it is served, or as soon as a running host notices it.

use std::time::Duration;

use tracing::{error, warn};

use tillhouse_checkout::ids::HostId;
use tillhouse_checkout::ports::{StoreError, StoreMaintenance};
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_payments::operator::quarantine::{QuarantineCause, Quarantined, quarantine};
use tillhouse_payments::operator::reconcile::Reconcile;
use tillhouse_payments::operator::{Operator, OperatorRequest, timestamp};
use tillhouse_store::StoreEngine;

/// How far the clocks of host and processors may be apart, and how coarse the times in their lists are.
const CLOCKS: Duration = Duration::from_secs(60);

/// What a quarantine did, and since when charges may have no attempt in the store.
#[derive(Clone, Debug)]
pub(super) struct StoreQuarantine {
    done: Quarantined,
    /// When the store was certainly whole: its last audit entry, which was written before it went back.
    whole_until: Option<Timestamp>,
    at: Timestamp,
}

/// Puts the store into quarantine if it went back in time. Until this succeeds nothing is served from it.
pub(super) async fn quarantine_if_rewound(
    engine: &StoreEngine,
    clock: &dyn Clock,
    host: &HostId,
) -> Result<Option<StoreQuarantine>, StoreError> {
    let Some(found) = engine.rewound() else {
        return Ok(None);
    };
    let whole_until = last_audit(engine.maintenance().as_ref()).await;
    let behind = engine.begin_quarantine().await?;
    let at = clock.now();
    let cause = QuarantineCause::Rewound {
        host: host.clone(),
        found,
    };
    let done = quarantine(behind.store().as_ref(), behind.feeds().as_ref(), at, &cause).await?;
    engine.end_quarantine().await?;
    let quarantined = StoreQuarantine { done, whole_until, at };
    error!(notice = quarantined.notice(), "store: in quarantine, and served again");
    Ok(Some(quarantined))
}

/// Not essential: without it the last day is compared.
async fn last_audit(store: &dyn StoreMaintenance) -> Option<Timestamp> {
    let last = store.health().await.ok()?.last_audit?;
    Some(Timestamp(last).before(CLOCKS))
}

impl StoreQuarantine {
    /// What happened, and what an operator has to do. Public: `/readyz` shows it.
    pub(super) fn notice(&self) -> String {
        format!(
            "quarantine: the store went back in time, noticed at {}: {} attempts are looked up at their processors, {} open checkouts \
             were ended; charges since {} may have no attempt: compare with tillhouse reconcile --since, then restart the host to clear \
             this notice",
            timestamp::text(self.at),
            self.done.attempts.len(),
            self.done.sessions,
            self.whole_until.map_or_else(|| "then".to_owned(), timestamp::text),
        )
    }

    /// Compares with the processors' lists what was charged since the store was whole: a charge whose attempt is lost is found there
    /// only. What disagrees is kept as a discrepancy, for an operator.
    pub(super) async fn reconcile(self, operator: Operator) {
        let request = Reconcile {
            since: self.whole_until.filter(|since| *since < self.at),
            ..Reconcile::default()
        };
        match Box::pin(request.answer(&operator)).await {
            Ok(result) => {
                for found in &result.discrepancies {
                    error!(merchant.id = %found.merchant, subject = found.subject, detail = found.detail,
                        "a charge or an attempt since the store went back in time has no counterpart");
                }
                for skipped in &result.skipped {
                    warn!(merchant.id = %skipped.merchant, reason = skipped.reason,
                        "charges since the store went back in time could not be compared");
                }
            }
            Err(error) => warn!(
                error = error.message,
                "charges since the store went back in time could not be compared"
            ),
        }
    }
}
