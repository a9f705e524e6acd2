//! What the requests of a client share.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

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
    greeted: AtomicBool,
    /// The folder for compiled code.
    code_folder: OnceLock<PathBuf>,
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
            greeted: AtomicBool::new(false),
            code_folder: OnceLock::new(),
            engines: Engines::default(),
            components: Numbered::of("component"),
            files: Mutex::default(),
            trials: Numbered::of("trial"),
            shops: Numbered::of("shop"),
        }
    }
}

impl Program {
    /// The client has said hello.
    pub(super) fn greet(&self) {
        self.greeted.store(true, Ordering::Release);
    }

    pub(super) fn is_greeted(&self) -> bool {
        self.greeted.load(Ordering::Acquire)
    }

    /// Keep compiled code there, unless another folder was given before.
    pub(super) fn keep_code(&self, folder: PathBuf) {
        self.code_folder.get_or_init(|| folder);
    }

    pub(super) fn code_folder(&self) -> Option<&Path> {
        self.code_folder.get().map(PathBuf::as_path)
    }
}
