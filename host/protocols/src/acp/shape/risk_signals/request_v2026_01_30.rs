//! The device of the buyer (schema `RiskSignals`).

use serde::Deserialize;

use tillhouse_checkout::device::Device;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct RiskSignals {
    ip_address: Option<String>,
    user_agent: Option<String>,
    accept_language: Option<String>,
    session_id: Option<String>,
    device_fingerprint: Option<String>,
}

impl From<RiskSignals> for Device {
    fn from(signals: RiskSignals) -> Self {
        Self {
            ip: signals.ip_address,
            user_agent: signals.user_agent,
            accept_language: signals.accept_language,
            fingerprint: signals.device_fingerprint,
            session: signals.session_id,
        }
    }
}
