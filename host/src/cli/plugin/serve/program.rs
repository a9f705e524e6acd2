//! What the requests of a client share.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tillhouse_plugin_protocol::component::ComponentId;
use tokio::sync::Mutex;

use super::engine::Engines;
use super::numbered::Numbered;
use super::shops::Shop;
use super::trials::Running;
use crate::plugin::Component;

/// Everything that lasts beyond a request.
#[derive(Debug)]
pub(super) struct Program {
    /// The folder for compiled code, when the client has said hello.
    greeted: OnceLock<Option<PathBuf>>,
    pub(super) engines: Engines,
    pub(super) components: Numbered<Component>,
    /// Held while a component is compiled: whoever asks for the same one waits for it.
    pub(super) files: Mutex<HashMap<PathBuf, ComponentId>>,
    pub(super) trials: Numbered<Running>,
    pub(super) shops: Numbered<Mutex<Option<Shop>>>,
}

impl Default for Program {
    fn default() -> Self {
        Self {
            greeted: OnceLock::new(),
            engines: Engines::default(),
            components: Numbered::of("component"),
            files: Mutex::default(),
            trials: Numbered::of("trial"),
            shops: Numbered::of("shop"),
        }
    }
}

impl Program {
    /// The first greeting says where compiled code is kept.
    pub(super) fn greet(&self, code_folder: Option<PathBuf>) {
        self.greeted.get_or_init(|| code_folder);
    }

    pub(super) fn is_greeted(&self) -> bool {
        self.greeted.get().is_some()
    }

    pub(super) fn code_folder(&self) -> Option<&Path> {
        self.greeted.get().and_then(Option::as_deref)
    }
}
