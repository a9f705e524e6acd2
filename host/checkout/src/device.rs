//! The device of the buyer, as the agent reports it. Nothing here is verified.

use serde::{Deserialize, Serialize};

/// Facts of the buyer's device. A field is `None` if the agent left it out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// IP address as text.
    pub ip: Option<String>,
    /// User agent of the browser or app.
    pub user_agent: Option<String>,
    /// Languages that the browser accepts, as in the header `Accept-Language`.
    pub accept_language: Option<String>,
    /// Fingerprint of the device.
    pub fingerprint: Option<String>,
    /// Id of the buyer's session with the agent.
    pub session: Option<String>,
}
