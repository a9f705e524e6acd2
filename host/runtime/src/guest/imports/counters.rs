//! Host import `tillhouse:host/counters`: counters in the plugin's data, staged until the phase is committed.

use crate::api::bindings::tillhouse::host::counters::{Error, Host};
use crate::api::function::Access;
use crate::guest::staging::StagingError;
use crate::guest::state::GuestState;

impl Host for GuestState {
    async fn add(&mut self, key: String, delta: i64, floor: Option<i64>) -> wasmtime::Result<Result<(), Error>> {
        let (staging, namespace) = match self.data("counters.add", Access::Write) {
            Ok(data) => data,
            Err(denied) => return Ok(Err(Error::Denied(denied))),
        };
        let answer = staging.add(namespace, key, delta, floor).await?;
        Ok(answer.map_err(refused))
    }

    async fn peek(&mut self, key: String) -> wasmtime::Result<Result<i64, Error>> {
        let (staging, namespace) = match self.data("counters.peek", Access::Read) {
            Ok(data) => data,
            Err(denied) => return Ok(Err(Error::Denied(denied))),
        };
        let answer = staging.peek(namespace, &key).await?;
        Ok(answer.map_err(refused))
    }
}

fn refused(refused: StagingError) -> Error {
    match refused {
        StagingError::Insufficient => Error::Insufficient,
        StagingError::Limit(limit) => Error::Limit(limit),
        // Unreachable: counters have no conditional writes.
        StagingError::Conflict(_) => Error::Limit("version".to_owned()),
    }
}
