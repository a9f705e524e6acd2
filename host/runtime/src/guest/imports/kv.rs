//! Host import `tillhouse:host/kv`: versioned values in the plugin's data, staged until the phase is committed.

use crate::api::bindings::tillhouse::host::kv::{Error, Expectation as WitExpectation, Host, Versioned};
use crate::api::function::Access;
use crate::guest::staging::{Expectation, StagingError};
use crate::guest::state::GuestState;

impl Host for GuestState {
    async fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<Versioned>, Error>> {
        let (staging, namespace) = match self.data("kv.get", Access::Read) {
            Ok(data) => data,
            Err(denied) => return Ok(Err(Error::Denied(denied))),
        };
        let answer = staging.get(namespace, &key).await?;
        Ok(answer
            .map(|value| {
                value.map(|value| Versioned {
                    value: value.value,
                    version: value.version,
                })
            })
            .map_err(refused))
    }

    async fn set(
        &mut self,
        key: String,
        value: Vec<u8>,
        expect: WitExpectation,
    ) -> wasmtime::Result<Result<(), Error>> {
        self.put("kv.set", key, Some(value), expect).await
    }

    async fn delete(&mut self, key: String, expect: WitExpectation) -> wasmtime::Result<Result<(), Error>> {
        self.put("kv.delete", key, None, expect).await
    }
}

impl GuestState {
    async fn put(
        &mut self,
        import: &str,
        key: String,
        value: Option<Vec<u8>>,
        expect: WitExpectation,
    ) -> wasmtime::Result<Result<(), Error>> {
        let expect = match expect {
            WitExpectation::Any => Expectation::Any,
            WitExpectation::Absent => Expectation::Absent,
            WitExpectation::Version(version) => Expectation::Version(version),
        };
        let (staging, namespace) = match self.data(import, Access::Write) {
            Ok(data) => data,
            Err(denied) => return Ok(Err(Error::Denied(denied))),
        };
        let answer = staging.put(namespace, key, value, expect).await?;
        Ok(answer.map_err(refused))
    }
}

fn refused(refused: StagingError) -> Error {
    match refused {
        StagingError::Conflict(version) => Error::Conflict(version),
        StagingError::Limit(limit) => Error::Limit(limit),
        // Unreachable: `kv` stages no counters.
        StagingError::Insufficient => Error::Limit("floor".to_owned()),
    }
}
