//! Copies of a server's data, and standbys: how a database goes back in time.

use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use super::{PASSWORD, PostgresServer, Shutdown, USER, free_port, other_user};
use crate::TestFolder;

/// A copy of what a server had on disk; removed when dropped.
#[derive(Debug)]
pub struct DataCopy(TestFolder);

impl PostgresServer {
    /// Copies what the server has on disk, as a snapshot or a replica that lags would have it.
    ///
    /// # Panics
    /// When it cannot be copied.
    #[must_use]
    pub fn copy(&mut self) -> DataCopy {
        self.shut_down(Shutdown::Fast);
        let copy = TestFolder::new();
        copy_data(&self.data(), &copy.path().join("data"));
        self.start_again();
        DataCopy(copy)
    }

    /// Lets the server come back from a copy, at the same port: everything since then is lost.
    ///
    /// # Panics
    /// When it does not start.
    pub fn come_back_from(&mut self, copy: &DataCopy) {
        self.shut_down(Shutdown::Immediate);
        fs::remove_dir_all(self.data()).expect("the data folder can be removed");
        copy_data(&copy.0.path().join("data"), &self.data());
        self.start_again();
    }

    /// Starts a standby of this server, at a port of its own: a copy of its data that follows it.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn standby(&mut self) -> Self {
        let DataCopy(folder) = self.copy();
        let signal = folder.write("data/standby.signal", "");
        if let Some((user, group)) = other_user() {
            chown(signal, Some(user), Some(group)).expect("the owner can be changed");
        }
        let primary = format!(
            "primary_conninfo=host=127.0.0.1 port={} user={USER} password='{PASSWORD}'",
            self.port
        );
        let mut standby = Self {
            folder,
            binaries: self.binaries.clone(),
            port: free_port(),
            settings: [self.settings.as_slice(), &[primary]].concat(),
            watch: None,
            databases: AtomicU32::new(0),
            free: Arc::default(),
        };
        standby.start_again();
        standby
    }

    /// Makes this standby a primary, as a fail-over does.
    pub async fn promote(&self) {
        self.sql("postgres", "SELECT pg_promote(true, 30)").await;
    }

    /// The answer of a query with one truth value, for instance of a standby.
    pub async fn holds(&self, database: &str, query: &str) -> bool {
        let connected = tokio_postgres::connect(&self.url(database), tokio_postgres::NoTls).await;
        let Ok((client, connection)) = connected else {
            return false;
        };
        let connection = tokio::spawn(connection);
        let answer = client.query_one(query, &[]).await;
        drop(client);
        let _ = connection.await;
        answer.is_ok_and(|row| row.get(0))
    }

    /// The URL of a database on this server or on its standby, whichever accepts writes.
    #[must_use]
    pub fn url_with_standby(&self, standby: &Self, database: &str) -> String {
        let own = format!("127.0.0.1:{}", self.port);
        let url = self.url(database);
        url.replace(&own, &format!("{own},127.0.0.1:{}", standby.port))
    }
}

fn copy_data(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status();
    assert!(copied.is_ok_and(|status| status.success()), "the data can be copied");
}
