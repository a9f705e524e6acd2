//! Data that the host keeps for a merchant's plugin (`kv` and `counters` of the contract), and what one phase changes in it.

use super::ids::{MerchantId, PluginId};

/// The plugin data that a key belongs to. Releases of one plugin share it; merchants do not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Namespace {
    /// Merchant that the plugin serves.
    pub merchant: MerchantId,
    /// Plugin by the id in its manifest, whichever release is installed.
    pub plugin: PluginId,
}

/// A value of `kv` and its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionedValue {
    /// Bytes as the plugin wrote them.
    pub value: Vec<u8>,
    /// Grows with every committed write.
    pub version: u64,
}

/// How much a plugin keeps: values and counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DataUsage {
    /// Number of keys of values and of counters.
    pub keys: u64,
    /// Bytes of all keys and values.
    pub bytes: u64,
}

/// A staged change of plugin data, in the order in which it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StagedWrite {
    /// `kv.set`, or a removal where there is no value. `kv.expect` was checked against the staged state; what was read from
    /// the store is in [`StagedRead`].
    Put {
        /// Plugin data that is written.
        namespace: Namespace,
        /// Key within the namespace.
        key: String,
        /// New value; `None` removes the key.
        value: Option<Vec<u8>>,
    },
    /// `counters.add`.
    Add {
        /// Plugin data that is written.
        namespace: Namespace,
        /// Counter within the namespace.
        key: String,
        /// Added to the counter; negative to subtract.
        delta: i64,
        /// Smallest allowed result. A commit that would end below it fails with
        /// [`CommitError::Insufficient`](crate::ports::CommitError::Insufficient).
        floor: Option<i64>,
    },
}

/// A version of `kv` that a phase relied on; checked again at commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedRead {
    /// Plugin data that was read.
    pub namespace: Namespace,
    /// Key within the namespace.
    pub key: String,
    /// The version that was read, or `None` where there was no value.
    pub version: Option<u64>,
}

/// What one phase read and wrote in plugin data; nothing of it is stored before the commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StagedChanges {
    /// Versions that must still hold at commit.
    pub reads: Vec<StagedRead>,
    /// Changes to make, in order.
    pub writes: Vec<StagedWrite>,
}
