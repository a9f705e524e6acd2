//! The buyer's device in the made-up release: an object inside the signals.

use serde::Deserialize;

use tillhouse_checkout::device;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct RiskSignals {
    device: Device,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Device {
    ip: String,
}

impl From<RiskSignals> for device::Device {
    fn from(signals: RiskSignals) -> Self {
        Self {
            ip: Some(signals.device.ip),
            ..Self::default()
        }
    }
}
