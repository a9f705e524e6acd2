//! Plugin data (key-value pairs and counters): reading and setting it from a test.

use serde::{Deserialize, Serialize};

use crate::trial::TrialId;
use crate::{Done, Operation};

/// Read all data of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadData {
    /// Trial whose merchant the data belongs to.
    pub trial: TrialId,
    /// Id of the plugin that owns the data.
    pub plugin: String,
}

/// Snapshot of a plugin's data, which [`PutData`] can restore.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DataSnapshot {
    /// Keys and values of `kv`, ordered by key; values are lists of bytes.
    pub values: Vec<(String, Vec<u8>)>,
    /// Names and values of counters, ordered by name.
    pub counters: Vec<(String, i64)>,
}

impl Operation for ReadData {
    const NAME: &'static str = "data";
    type Answer = DataSnapshot;
}

/// Replace all data of a plugin with a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutData {
    /// Trial whose merchant the data belongs to.
    pub trial: TrialId,
    /// Id of the plugin that owns the data.
    pub plugin: String,
    /// Data that the plugin has afterwards; everything else is removed.
    #[serde(rename = "kept")]
    pub snapshot: DataSnapshot,
}

impl Operation for PutData {
    const NAME: &'static str = "put_data";
    type Answer = Done;
}

/// Set one counter; other data stays unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetCounter {
    /// Trial whose merchant the data belongs to.
    pub trial: TrialId,
    /// Id of the plugin that owns the data.
    pub plugin: String,
    /// Name of the counter, such as `stock/tee`.
    pub key: String,
    /// New value of the counter.
    pub value: i64,
}

impl Operation for SetCounter {
    const NAME: &'static str = "set_counter";
    type Answer = Done;
}
