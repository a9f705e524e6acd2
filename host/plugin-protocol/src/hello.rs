//! Handshake: the first request of a client.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Handshake of the client. The program rejects every other request before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Protocol version of the client: [`VERSION`](crate::VERSION).
    pub protocol: u32,
    /// Name and version of the client, used in error messages.
    pub client: String,
}

/// Answer of the program to the handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelloAnswer {
    /// Protocol version of the program.
    pub protocol: u32,
    /// Release version of the program, such as `0.2.0`.
    pub program: String,
    /// Plugin contract that the program supports, such as `tillhouse:merchant@0.2`.
    pub contract: String,
    /// Maximum length of an item id or discount code that the host passes to a plugin, in bytes.
    pub id_bytes: usize,
}

impl Operation for Hello {
    const NAME: &'static str = "hello";
    type Answer = HelloAnswer;
}
