//! `[admin]`.

use std::path::PathBuf;

use super::section::Section;
use super::store::StoreConfig;

/// Where operators reach a running host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminConfig {
    /// `socket`: a path on this machine. `admin.sock` in the folder of the store, where the store has one.
    pub socket: Option<PathBuf>,
}

impl AdminConfig {
    pub(super) fn read(mut section: Section<'_>, store: Option<&StoreConfig>) -> Self {
        let beside = store.and_then(|store| store.beside("admin.sock"));
        let socket = section.path("socket").or(beside);
        section.finish();
        Self { socket }
    }
}
