//! State that the requests of a client share.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex as StdMutex, OnceLock, PoisonError};

use tempfile::TempDir;
use tillhouse_console::folder::temporary;
use tillhouse_plugin_protocol::component::ComponentId;
use tokio::sync::Mutex;

use super::engine::Engines;
use super::registry::Registry;
use super::shops::Shop;
use super::trials::OpenTrial;
use tillhouse_runtime::Component;

/// State that outlives a request.
#[derive(Debug)]
pub(super) struct ServerState {
    greeted: AtomicBool,
    /// Cache folder for compiled code; `None` until a client gives one.
    code_folder: OnceLock<PathBuf>,
    own_folder: StdMutex<Option<TempDir>>,
    pub(super) engines: Engines,
    pub(super) components: Registry<Component>,
    /// Locked while a component is compiled, so that concurrent requests for the same one wait.
    pub(super) files: Mutex<HashMap<PathBuf, ComponentId>>,
    pub(super) trials: Registry<OpenTrial>,
    pub(super) shops: Registry<Mutex<Option<Shop>>>,
}

impl Default for ServerState {
    fn default() -> Self {
        Self {
            greeted: AtomicBool::new(false),
            code_folder: OnceLock::new(),
            own_folder: StdMutex::default(),
            engines: Engines::default(),
            components: Registry::of("component"),
            files: Mutex::default(),
            trials: Registry::of("trial"),
            shops: Registry::of("shop"),
        }
    }
}

impl ServerState {
    /// Record that the client has sent `hello`.
    pub(super) fn greet(&self) {
        self.greeted.store(true, Ordering::Release);
    }

    pub(super) fn is_greeted(&self) -> bool {
        self.greeted.load(Ordering::Acquire)
    }

    /// Set the cache folder for compiled code. Only the first call has an effect.
    pub(super) fn keep_code(&self, folder: PathBuf) {
        self.code_folder.get_or_init(|| folder);
    }

    pub(super) fn code_folder(&self) -> Option<&Path> {
        self.code_folder.get().map(PathBuf::as_path)
    }

    /// Temporary directory (mode 0700) for the plugins that are embedded in the program; removed when standard input ends.
    pub(super) fn own_folder(&self) -> io::Result<PathBuf> {
        let mut folder = self.own_folder.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = folder.as_ref() {
            return Ok(folder.path().to_owned());
        }
        Ok(folder.insert(temporary("plugin-serve")?).path().to_owned())
    }

    /// Remove [`own_folder`](Self::own_folder), if it was created.
    pub(super) fn remove_folder(&self) {
        drop(self.own_folder.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
