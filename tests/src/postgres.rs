//! A PostgreSQL server for tests: runs the installed binaries on a free loopback port, and ends with the process.

mod copies;

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::TestFolder;
pub use copies::DataCopy;

const USER: &str = "tillhouse";
/// A password with characters that must be escaped in a URL.
const PASSWORD: &str = "s3cret/%&@";
/// The same password, percent-encoded.
const QUOTED_PASSWORD: &str = "s3cret%2F%25%26%40";
/// What the server logs when it accepts connections, of which those to a standby are read-only.
const READY: &str = "ready to accept ";

/// Runs the server (`$@`) for as long as standard input is open, so that it also ends when the process that holds the other end
/// is killed. A last word on standard input keeps the data folder: `fast` stops the server gracefully, any other as a crash
/// would.
const WATCHDOG: &str = r#"folder=$1; shift
"$@" &
server=$!
read -r last
if [ "$last" = fast ]; then kill -INT "$server"; else kill -QUIT "$server"; fi
wait "$server"
[ -n "$last" ] || rm -rf "$folder""#;

/// How a server that is to be started again is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// Sessions are ended and everything is written (SIGINT).
    Fast,
    /// Immediately, as a crash would (SIGQUIT); the next start recovers.
    Immediate,
}

/// The folder of the server's binaries; `None` if PostgreSQL is not installed.
#[must_use]
pub fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    debian.sort();
    let has_both = |folder: &PathBuf| ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file());
    std::env::split_paths(&path)
        .chain(debian.into_iter().rev())
        .find(has_both)
}

/// A running server; stopped when dropped.
#[derive(Debug)]
pub struct PostgresServer {
    folder: TestFolder,
    binaries: PathBuf,
    port: u16,
    /// Settings in addition to those of every server.
    settings: Vec<String>,
    watch: Option<Child>,
    databases: AtomicU32,
    free: Arc<Mutex<Vec<String>>>,
}

/// An empty database for one test at a time. It is reused by later tests: creating one takes longer than most tests.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    url: String,
    free: Arc<Mutex<Vec<String>>>,
}

impl TestDatabase {
    /// The name of the database.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The URL of the database, with the password.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Ok(mut free) = self.free.lock() {
            free.push(std::mem::take(&mut self.name));
        }
    }
}

impl PostgresServer {
    /// Starts a new, empty server.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(binaries: PathBuf) -> Self {
        Self::start_in(TestFolder::new(), binaries, Vec::new())
    }

    /// Starts a new, empty server that offers TLS with this certificate.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_with_tls(binaries: PathBuf, certificate: &[u8], key: &[u8]) -> Self {
        let folder = TestFolder::new();
        let mut settings = vec!["ssl=on".to_owned()];
        for (setting, contents) in [("ssl_cert_file", certificate), ("ssl_key_file", key)] {
            let file = folder.write(setting, contents);
            // The server refuses a key file that others can read.
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("permissions can be set");
            if let Some((user, group)) = other_user() {
                chown(&file, Some(user), Some(group)).expect("the owner can be changed");
            }
            settings.push(format!("{setting}={}", file.display()));
        }
        Self::start_in(folder, binaries, settings)
    }

    fn start_in(folder: TestFolder, binaries: PathBuf, settings: Vec<String>) -> Self {
        let data = folder.path().join("data");
        fs::create_dir(&data).expect("the data folder can be created");
        let password = folder.write("password", PASSWORD);
        if let Some((user, group)) = other_user() {
            for path in [&data, &password] {
                chown(path, Some(user), Some(group)).expect("the owner can be changed");
            }
        }
        let initialized = as_other_user(Command::new(binaries.join("initdb")).arg("--pgdata").arg(&data))
            .args([
                "--username",
                USER,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
            ])
            .args(["--no-sync", "--pwfile"])
            .arg(&password)
            .current_dir(&data)
            .output()
            .expect("initdb can be run");
        assert!(
            initialized.status.success(),
            "initdb: {}",
            String::from_utf8_lossy(&initialized.stderr)
        );
        let mut server = Self {
            folder,
            binaries,
            port: 0,
            settings,
            watch: None,
            databases: AtomicU32::new(0),
            free: Arc::default(),
        };
        // Another process may take the free port first.
        let started = (0..5).any(|_| {
            server.port = free_port();
            server.run().is_ok()
        });
        assert!(started, "the server did not start");
        server
    }

    /// An empty database on this server; returned when dropped.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn database(&self) -> TestDatabase {
        let used = self.free.lock().expect("the lock is not poisoned").pop();
        let name = match used {
            Some(name) => {
                self.empty(&name).await;
                name
            }
            None => {
                let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
                self.sql("postgres", &format!("CREATE DATABASE {name}")).await;
                name
            }
        };
        TestDatabase {
            url: self.url(&name),
            name,
            free: Arc::clone(&self.free),
        }
    }

    async fn empty(&self, database: &str) {
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let empty = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
        self.sql(
            database,
            &format!("{end}; {empty}; ALTER DATABASE {database} RESET ALL"),
        )
        .await;
    }

    /// The URL of a database on this server, with the password.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}:{QUOTED_PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs SQL statements.
    ///
    /// # Panics
    /// When a statement fails.
    pub async fn sql(&self, database: &str, statements: &str) {
        self.try_sql(database, statements)
            .await
            .expect("the statements succeed");
    }

    /// Runs SQL statements that may fail.
    ///
    /// # Errors
    /// The server's error.
    pub async fn try_sql(&self, database: &str, statements: &str) -> Result<(), tokio_postgres::Error> {
        let (client, connection) = tokio_postgres::connect(&self.url(database), tokio_postgres::NoTls).await?;
        let connection = tokio::spawn(connection);
        let done = client.batch_execute(statements).await;
        drop(client);
        let _ = connection.await;
        done
    }

    /// Stops the server as a crash would, and starts it again with what it has on disk.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&mut self) {
        self.shut_down(Shutdown::Immediate);
        self.start_again();
    }

    /// Stops the server and keeps what it has on disk.
    pub fn shut_down(&mut self, how: Shutdown) {
        self.stop(match how {
            Shutdown::Fast => "fast",
            Shutdown::Immediate => "keep",
        });
    }

    /// Starts the server again, at the same port.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&mut self) {
        // A client's outgoing connection may have been given this port for a moment.
        let mut said = String::new();
        let started = (0..50).any(|_| match self.run() {
            Ok(()) => true,
            Err(error) => {
                said = error;
                std::thread::sleep(Duration::from_millis(100));
                false
            }
        });
        assert!(started, "the server did not start again: {said}");
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder of the write-ahead log.
    #[must_use]
    pub fn wal(&self) -> PathBuf {
        self.data().join("pg_wal")
    }

    fn run(&mut self) -> Result<(), String> {
        let data = self.folder.path().join("data");
        let mut command = Command::new("sh");
        command
            .args(["-c", WATCHDOG, "watch"])
            .arg(&data)
            .arg(self.binaries.join("postgres"));
        let mut watch = as_other_user(&mut command)
            .arg("-D")
            .arg(&data)
            .args(options(self.port, &self.settings))
            .env("LC_ALL", "C")
            .current_dir(&data)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| error.to_string())?;
        let log = watch.stderr.take().expect("standard error is piped");
        self.watch = Some(watch);
        let mut lines = BufReader::new(log).lines();
        let mut said = String::new();
        while let Some(Ok(line)) = lines.next() {
            said.push_str(&line);
            said.push('\n');
            if line.contains(READY) {
                // Keep reading, so that the server never blocks on a full pipe.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(());
            }
            if line.contains("shut down") && line.contains("FATAL") || line.contains("could not bind") {
                break;
            }
        }
        self.stop("keep");
        Err(said)
    }

    fn stop(&mut self, last: &str) {
        if let Some(mut watch) = self.watch.take() {
            if let Some(mut input) = watch.stdin.take() {
                // The server may be gone already.
                let _ = writeln!(input, "{last}");
            }
            let _ = watch.wait();
        }
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.stop("");
    }
}

fn options(port: u16, more: &[String]) -> Vec<OsString> {
    let settings = [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=200",
        "shared_buffers=32MB",
        "log_min_messages=log",
        // Deadlocks between two units of work are reported sooner.
        "deadlock_timeout=100ms",
    ];
    let pairs = settings
        .into_iter()
        .chain(more.iter().map(String::as_str))
        .flat_map(|setting| ["-c".into(), OsString::from(setting)]);
    pairs.chain(["-p".into(), OsString::from(port.to_string())]).collect()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port can be bound");
    listener.local_addr().expect("the listener has an address").port()
}

/// The user and group that the server runs as: it refuses to run as root.
fn other_user() -> Option<(u32, u32)> {
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let id_of = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    is_root.then(|| {
        id_of("postgres")
            .or_else(|| id_of("nobody"))
            .expect("/etc/passwd has another user than root")
    })
}

fn as_other_user(command: &mut Command) -> &mut Command {
    match other_user() {
        Some((user, group)) => command.uid(user).gid(group),
        None => command,
    }
}
