//! The first request.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Who speaks. Nothing else is answered before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The version that the client speaks: [`VERSION`](crate::VERSION).
    pub protocol: u32,
    /// The client and its version, for messages.
    pub client: String,
}

/// Who answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {
    /// The version that the program speaks.
    pub protocol: u32,
    /// The program's own version.
    pub program: String,
    /// The contract of its plugins: `tillhouse:merchant@0.1`.
    pub contract: String,
    /// Longest id of an item and longest code that come as far as a plugin, in bytes.
    pub id_bytes: usize,
}

impl Operation for Hello {
    const NAME: &'static str = "hello";
    type Answer = Greeting;
}
