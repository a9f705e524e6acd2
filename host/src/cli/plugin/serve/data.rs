//! Operations on plugin data: read it, replace it, set a counter.

use tillhouse_plugin_protocol::data::{DataSnapshot, PutData, ReadData, SetCounter};
use tillhouse_plugin_protocol::{Done, RequestError, RequestErrorKind};

use super::perform::{Perform, problem};
use super::server_state::ServerState;
use tillhouse_checkout::ids::{MerchantId, PluginId};
use tillhouse_checkout::plugin_data::{Namespace, StagedChanges, StagedWrite};
use tillhouse_runtime::trial::{MERCHANT, MemoryData};

fn namespace(plugin: String) -> Namespace {
    Namespace {
        merchant: MerchantId::new(MERCHANT),
        plugin: PluginId::new(plugin),
    }
}

impl Perform for ReadData {
    async fn perform(self, state: &ServerState) -> Result<DataSnapshot, RequestError> {
        let open_trial = state.trials.get(self.trial.0)?;
        let (data, own) = (open_trial.trial.data(), namespace(self.plugin));
        Ok(DataSnapshot {
            values: data.values(&own),
            counters: data.counters(&own),
        })
    }
}

impl Perform for PutData {
    async fn perform(self, state: &ServerState) -> Result<Done, RequestError> {
        let open_trial = state.trials.get(self.trial.0)?;
        put(open_trial.trial.data(), &namespace(self.plugin), self.snapshot)?;
        Ok(Done {})
    }
}

fn put(data: &MemoryData, own: &Namespace, kept: DataSnapshot) -> Result<(), RequestError> {
    let write = |key: String, value: Option<Vec<u8>>| StagedWrite::Put {
        namespace: own.clone(),
        key,
        value,
    };
    let gone = data.values(own).into_iter().map(|(key, _)| write(key, None));
    let back = kept.values.into_iter().map(|(key, value)| write(key, Some(value)));
    let staged = StagedChanges {
        reads: Vec::new(),
        writes: gone.chain(back).collect(),
    };
    data.commit(&staged)
        .map_err(|error| problem(RequestErrorKind::Commit)(&error))?;
    // A counter that was never set is 0, so counters that are not in the new data are reset to 0.
    let moved = data.counters(own).into_iter().map(|(key, _)| (key, 0));
    for (key, value) in moved.chain(kept.counters) {
        data.set_counter(own.clone(), &key, value);
    }
    Ok(())
}

impl Perform for SetCounter {
    async fn perform(self, state: &ServerState) -> Result<Done, RequestError> {
        let open_trial = state.trials.get(self.trial.0)?;
        open_trial
            .trial
            .data()
            .set_counter(namespace(self.plugin), &self.key, self.value);
        Ok(Done {})
    }
}
