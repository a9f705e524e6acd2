//! Plugin data: what plugins keep, and what a test gives them.

use serde::{Deserialize, Serialize};

use crate::merchant::TrialId;
use crate::{Done, Operation};

/// Everything that a plugin keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data {
    /// The trial.
    pub trial: TrialId,
    /// The plugin's id.
    pub plugin: String,
}

/// What a plugin keeps: a snapshot, which can be put back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// Keys and values of `kv`, in the order of the keys; values are lists of bytes.
    pub values: Vec<(String, Vec<u8>)>,
    /// Counters, in the order of their names.
    pub counters: Vec<(String, i64)>,
}

impl Operation for Data {
    const NAME: &'static str = "data";
    type Answer = Kept;
}

/// Have a plugin keep this, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutData {
    /// The trial.
    pub trial: TrialId,
    /// The plugin's id.
    pub plugin: String,
    /// What it is to keep.
    pub kept: Kept,
}

impl Operation for PutData {
    const NAME: &'static str = "put_data";
    type Answer = Done;
}

/// Set one counter, and leave the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetCounter {
    /// The trial.
    pub trial: TrialId,
    /// The plugin's id.
    pub plugin: String,
    /// The counter.
    pub key: String,
    /// Its value.
    pub value: i64,
}

impl Operation for SetCounter {
    const NAME: &'static str = "set_counter";
    type Answer = Done;
}
