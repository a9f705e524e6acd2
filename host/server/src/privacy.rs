//! What a host refuses to start with, because others than its user could read or change it. `doctor` reports the same.

use std::io;
use std::path::Path;

use tillhouse_private_files::{Exposure, Secrecy, check, check_folder_of};

use crate::config::{Config, StoreUrl};
use tillhouse_runtime::check_code_folder;
use tillhouse_store::sqlite;

/// Every exposed folder and file that this configuration names.
///
/// They are store, memory of the store, compiled code and its key, loaded
/// releases, admin socket, keys of the vault. Other files with secrets are checked when they are read ([`read_trusted`]).
#[must_use]
pub fn exposures(config: &Config) -> Vec<Exposure> {
    let store = match &config.store.url {
        StoreUrl::Sqlite { folder } => sqlite::check_privacy(folder),
        StoreUrl::Postgres { memory, .. } => check(memory, Secrecy::Public),
    };
    let code = config.plugins.code_folder.as_deref().map(check_code_folder);
    let releases = config.plugins.release_folder.as_deref();
    let socket = config.admin.socket.as_deref();
    let keys = config.vault.iter().flat_map(|vault| &vault.files);
    [
        Some(store),
        code,
        releases.map(|folder| check(folder, Secrecy::Public)),
        socket.map(check_folder_of),
        socket.map(|socket| check(socket, Secrecy::Private)),
    ]
    .into_iter()
    .flatten()
    .chain(keys.map(|key| check(key, Secrecy::Private)))
    .filter_map(Result::err)
    .fold(Vec::new(), |mut found, exposure| {
        if !found.contains(&exposure) {
            found.push(exposure);
        }
        found
    })
}

/// Reads a file that decides about money: only this user, or root, could have written it.
///
/// Others may be able to read
/// it, as with the secrets that an orchestrator mounts; `doctor` warns of that.
///
/// # Errors
/// The operating system's error, or how the file is exposed and what to do.
pub fn read_trusted(file: &Path) -> io::Result<String> {
    check(file, Secrecy::Public)?;
    std::fs::read_to_string(file)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, chown};

    use tempfile::TempDir;

    use super::*;
    use crate::config::Sources;

    const OTHER_USER: u32 = 65_534;

    fn config(folder: &Path, more: &str) -> Config {
        let text = format!("[store]\nurl = \"sqlite:store\"\n{more}\n[merchants.shop]\ncurrency = \"usd\"\n");
        Config::parse(&text, &Sources::process(folder)).unwrap()
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn each_folder_that_others_may_write_to_is_named_once() {
        let folder = TempDir::with_prefix("tillhouse-privacy-").unwrap();
        for name in ["store", "code", "releases", "run"] {
            tillhouse_private_files::create_folder(&folder.path().join(name)).unwrap();
        }
        let config = config(
            folder.path(),
            "[plugins]\ncode_folder = \"code\"\nrelease_folder = \"releases\"\n[admin]\nsocket = \"run/admin.sock\"",
        );
        assert_eq!(exposures(&config), []);
        for name in ["store", "code", "releases", "run"] {
            let path = folder.path().join(name);
            set_mode(&path, 0o777);
            let found = exposures(&config);
            assert_eq!(found.len(), 1, "{name}: {found:#?}");
            assert!(
                found[0].path.ends_with(name) && found[0].remedy().contains("chmod"),
                "{found:#?}"
            );
            set_mode(&path, 0o700);
        }
    }

    #[test]
    fn the_folders_of_another_user_are_refused_by_name() {
        let folder = TempDir::with_prefix("tillhouse-privacy-").unwrap();
        let store = folder.path().join("store");
        tillhouse_private_files::create_folder(&store).unwrap();
        if let Err(error) = chown(&store, Some(OTHER_USER), None) {
            eprintln!("skipped, because only root can give a folder to another user: {error}");
            return;
        }
        let found = exposures(&config(folder.path(), ""));
        assert!(
            found[0].to_string().contains("belongs to the user with the id 65534"),
            "{found:#?}"
        );
        assert!(found[0].remedy().contains("chown 0 "), "{found:#?}");
    }

    #[test]
    fn a_secret_that_others_could_have_written_is_not_read() {
        let folder = TempDir::with_prefix("tillhouse-privacy-").unwrap();
        let secret = folder.path().join("key");
        fs::write(&secret, "sk_1").unwrap();
        for (mode, is_read) in [(0o600, true), (0o644, true), (0o664, false), (0o646, false)] {
            set_mode(&secret, mode);
            let read = read_trusted(&secret);
            assert_eq!(read.is_ok(), is_read, "{mode:o}");
            if let Err(error) = read {
                assert!(error.to_string().contains("chmod go= "), "{error}");
            }
        }
    }
}
