//! `[admin]`: the socket for operators.

use std::path::PathBuf;

use super::section::Section;
use super::store::StoreConfig;

/// The socket on which a running host serves operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminConfig {
    /// `socket`: path of a Unix socket. Default: `admin.sock` in the folder of the store; `None` with PostgreSQL.
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
