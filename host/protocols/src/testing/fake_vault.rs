//! A vault that remembers what it was asked.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;

use super::scripted::ScriptedCheckouts;
use tillhouse_checkout::idempotency::{IdempotencyRecord, Reply};
use tillhouse_checkout::ids::{MerchantId, TokenId};
use tillhouse_checkout::operation::CheckoutOperations;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::vault::{CardVault, DelegatedPayment, DelegationError, DelegationRecorder, DelegationRequest};

/// The token of every card.
pub(crate) const TOKEN: &str = "vt_0123456789";
/// The time of every request: 2026-11-30T10:00:00Z.
const NOW: Timestamp = Timestamp(1_796_032_800_000);

/// Seals by turning bytes around; refuses as the test says.
pub(crate) struct FakeVault {
    service: Arc<ScriptedCheckouts>,
    asked: Mutex<Vec<DelegationRequest>>,
    refuses: Option<DelegationError>,
}

impl FakeVault {
    /// A vault that refuses every card that can be charged with this error, if there is one.
    pub(crate) fn refusing(service: Arc<ScriptedCheckouts>, refuses: Option<DelegationError>) -> Arc<Self> {
        Arc::new(Self {
            service,
            asked: Mutex::default(),
            refuses,
        })
    }

    /// How often it was asked to keep a card.
    pub(crate) fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// The last card that it was asked to keep.
    pub(crate) fn last(&self) -> DelegationRequest {
        self.asked.lock().unwrap().pop().unwrap()
    }
}

impl fmt::Debug for FakeVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FakeVault")
    }
}

fn turned(body: &[u8]) -> Vec<u8> {
    body.iter().rev().copied().collect()
}

#[async_trait]
impl CardVault for FakeVault {
    async fn delegate(
        &self,
        request: DelegationRequest,
        recorder: DelegationRecorder,
    ) -> Result<Reply, DelegationError> {
        let checked = request.card.check(NOW);
        self.asked.lock().unwrap().push(request);
        checked?;
        if let Some(refusal) = &self.refuses {
            return Err(refusal.clone());
        }
        let reply = (recorder.render)(&DelegatedPayment {
            token: TokenId::new(TOKEN),
            created: NOW,
            expires: NOW.after(Duration::from_secs(7200)),
        });
        if let Some(key) = recorder.key {
            let sealed = Reply {
                status: reply.status,
                body: turned(&reply.body),
            };
            self.service.record_response(key.record(sealed)).await.unwrap();
        }
        Ok(reply)
    }

    fn fingerprint(&self, _: &MerchantId, plain: [u8; 32]) -> [u8; 32] {
        plain.map(|byte| byte ^ 0xff)
    }

    fn open_answer(&self, record: &IdempotencyRecord) -> Result<Reply, DelegationError> {
        Ok(Reply {
            status: record.reply.status,
            body: turned(&record.reply.body),
        })
    }
}
