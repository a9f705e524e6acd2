//! The trait that performs the operations of the protocol.

use tillhouse_plugin_protocol::hello::{Hello, HelloAnswer};
use tillhouse_plugin_protocol::{Operation, RequestError, RequestErrorKind, VERSION};

use super::server_state::ServerState;
use tillhouse_checkout::cart::MAX_ID_BYTES;
use tillhouse_plugin_tools::toolchain::VERSIONS;

/// An operation of the protocol that this program performs.
pub(super) trait Perform: Operation + Send {
    /// Perform the operation and return its answer.
    fn perform(self, state: &ServerState) -> impl Future<Output = Result<Self::Answer, RequestError>> + Send;
}

impl Perform for Hello {
    async fn perform(self, state: &ServerState) -> Result<HelloAnswer, RequestError> {
        if self.protocol != VERSION {
            let message = format!(
                "{} speaks version {} of the protocol of `tillhouse plugin serve`, and tillhouse {} speaks {VERSION}",
                self.client, self.protocol, VERSIONS.host
            );
            return Err(RequestError::new(RequestErrorKind::Version, message));
        }
        state.greet();
        Ok(HelloAnswer {
            protocol: VERSION,
            program: VERSIONS.host.to_owned(),
            contract: VERSIONS.contract.to_owned(),
            id_bytes: MAX_ID_BYTES,
        })
    }
}

/// Convert errors to protocol problems of this kind.
pub(super) fn problem(kind: RequestErrorKind) -> impl Fn(&dyn std::fmt::Display) -> RequestError {
    move |error| RequestError::new(kind, error.to_string())
}
