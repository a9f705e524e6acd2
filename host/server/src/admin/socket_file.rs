//! The admin socket as a file.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tillhouse_private_files::{Exposure, check_folder_of};
use tokio::net::{UnixListener, UnixStream};

/// Maximum length of a socket path (`sun_path`, without the terminating zero).
const PATH_MAX: usize = 107;

/// Why the admin socket could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// The path does not fit into a socket address.
    #[error("{} is {} bytes long, and a socket path can have at most {PATH_MAX}; set admin.socket to a shorter path", .0.display(), .0.as_os_str().len())]
    TooLong(PathBuf),
    /// Another running host listens at the path.
    #[error("{} is in use by another running host; set admin.socket to another path", .0.display())]
    InUse(PathBuf),
    /// The path exists and is not a socket.
    #[error("{} exists and is not a socket; remove it or set admin.socket to another path", .0.display())]
    NotASocket(PathBuf),
    /// Others could put a socket of their own in its place, and answer operators.
    #[error("{exposure}; {}", exposure.remedy())]
    Exposed {
        /// The folder of the socket, or one on the way to it.
        #[from]
        exposure: Exposure,
    },
    /// The file cannot be created or replaced.
    #[error("{}: {source}", path.display())]
    File {
        /// Path of the socket.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
}

/// The socket file; removed when dropped.
#[derive(Debug)]
pub(super) struct SocketFile(PathBuf);

impl SocketFile {
    /// Listens at a path that only the owner of this process can open. Replaces a socket that a killed host left.
    pub(super) async fn bind(path: &Path) -> Result<(Self, UnixListener), SocketError> {
        let failed = |source| SocketError::File {
            path: path.to_owned(),
            source,
        };
        // Room for the suffix of the temporary name.
        if path.as_os_str().len() + 4 > PATH_MAX {
            return Err(SocketError::TooLong(path.to_owned()));
        }
        check_folder_of(path)?;
        match fs::symlink_metadata(path) {
            Ok(found) if !found.file_type().is_socket() => return Err(SocketError::NotASocket(path.to_owned())),
            Ok(_) if UnixStream::connect(path).await.is_ok() => return Err(SocketError::InUse(path.to_owned())),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        // Under another name until its permissions are set.
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".new");
        let temporary = PathBuf::from(temporary);
        fs::remove_file(&temporary).ok();
        let listener = UnixListener::bind(&temporary).map_err(failed)?;
        fs::set_permissions(&temporary, Permissions::from_mode(0o600)).map_err(failed)?;
        fs::rename(&temporary, path).map_err(failed)?;
        Ok((Self(path.to_owned()), listener))
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // A file that cannot be removed is replaced by the next host.
        fs::remove_file(&self.0).ok();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[tokio::test]
    async fn only_the_owner_can_open_the_socket_and_it_is_removed_with_the_host() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.sock");
        let (socket_file, listener) = SocketFile::bind(&path).await.unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let second = SocketFile::bind(&path).await;
        assert!(matches!(second, Err(SocketError::InUse(_))), "{second:?}");
        drop((socket_file, listener));
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_folder_in_which_others_could_replace_the_socket_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for (mode, is_refused) in [(0o755, false), (0o777, true), (0o1777, false)] {
            fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap();
            let bound = SocketFile::bind(&folder.path().join("admin.sock")).await;
            assert_eq!(
                matches!(bound, Err(SocketError::Exposed { .. })),
                is_refused,
                "{mode:o}"
            );
        }
    }

    #[tokio::test]
    async fn a_socket_that_a_killed_host_left_is_replaced_and_another_file_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists(), "a socket without a host");
        let (_socket_file, _listener) = SocketFile::bind(&path).await.unwrap();
        assert!(UnixStream::connect(&path).await.is_ok());

        let file = folder.path().join("notes.txt");
        fs::write(&file, "keep me").unwrap();
        let taken = SocketFile::bind(&file).await;
        assert!(matches!(taken, Err(SocketError::NotASocket(_))), "{taken:?}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "keep me");
        let long = folder.path().join("x".repeat(120));
        assert!(matches!(SocketFile::bind(&long).await, Err(SocketError::TooLong(_))));
    }
}
