//! What an attempt waits for while the buyer authenticates.

use serde::{Deserialize, Serialize};

use crate::authentication::ThreeDSecure;
use crate::time::Timestamp;

/// The authentication that an attempt waits for, or has waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticationWait {
    /// What the agent needs to authenticate the buyer.
    pub requirements: Box<ThreeDSecure>,
    /// The attempt ends then, unless the agent has completed again.
    pub until: Timestamp,
    /// The processor asked for it, so that the token is resolved already: it is resolved again under the same key. Otherwise
    /// nothing was done with the token.
    pub token_resolved: bool,
}
