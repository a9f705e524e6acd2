//! Hosts that must refuse to start.

use std::sync::Arc;

use tillhouse_server::config::{Config, Sources};
use tillhouse_server::host::{Host, HostParts};

use super::Builder;
use crate::clock::TestClock;
use crate::code;
use crate::folder::TestFolder;

impl Builder {
    /// Tries to start the host, which must refuse; returns the error message.
    ///
    /// # Panics
    /// When the host starts.
    pub async fn expect_start_error(mut self) -> String {
        self = self.with_demo_merchant();
        let clock = self.clock.get_or_insert_with(TestClock::running).clone();
        let (folder, sandbox) = (TestFolder::new(), self.start_sandbox(&clock).await);
        let text = self.configuration(&folder, &sandbox).to_string();
        let sources = Sources::new(folder.path(), |_| None, |path| std::fs::read_to_string(path));
        let config = match Config::parse(&text, &sources) {
            Ok(config) => config,
            Err(errors) => return errors.to_string(),
        };
        let parts = HostParts {
            clock: Arc::new(clock),
            code: code::shared(&self.settings),
            ..HostParts::default()
        };
        match Host::start(&config, parts).await {
            Ok(_) => panic!("expected the host to refuse to start, but it started\n{text}"),
            Err(error) => error.to_string(),
        }
    }
}
