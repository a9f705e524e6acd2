//! The socket as a file.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};

/// Longest path that an address of a socket has room for (`sun_path`, with its zero).
const PATH_MAX: usize = 107;

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The path is too long.
    #[error("{} has {} bytes and a socket's path may have {PATH_MAX}; set admin.socket to a shorter one", .0.display(), .0.as_os_str().len())]
    TooLong(PathBuf),
    /// Another host listens there.
    #[error("{} belongs to another host that is running; set admin.socket to another path", .0.display())]
    Taken(PathBuf),
    /// Something that is no socket is there.
    #[error("{} is there and is no socket; move it away or set admin.socket to another path", .0.display())]
    NoSocket(PathBuf),
    /// The file cannot be had.
    #[error("{}: {source}", path.display())]
    File {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The socket's file; it goes when this is dropped.
#[derive(Debug)]
pub(super) struct Place(PathBuf);

impl Place {
    /// Listen at a path, for the owner of this process only. What a host that was killed left there is replaced.
    pub(super) async fn take(path: &Path) -> Result<(Self, UnixListener), PlaceError> {
        let failed = |source| PlaceError::File {
            path: path.to_owned(),
            source,
        };
        // Room for the suffix of the name that it is bound under at first.
        if path.as_os_str().len() + 4 > PATH_MAX {
            return Err(PlaceError::TooLong(path.to_owned()));
        }
        match fs::symlink_metadata(path) {
            Ok(found) if !found.file_type().is_socket() => return Err(PlaceError::NoSocket(path.to_owned())),
            Ok(_) if UnixStream::connect(path).await.is_ok() => return Err(PlaceError::Taken(path.to_owned())),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        // Under another name until nobody else may connect.
        let mut early = path.as_os_str().to_owned();
        early.push(".new");
        let early = PathBuf::from(early);
        fs::remove_file(&early).ok();
        let listener = UnixListener::bind(&early).map_err(failed)?;
        fs::set_permissions(&early, Permissions::from_mode(0o600)).map_err(failed)?;
        fs::rename(&early, path).map_err(failed)?;
        Ok((Self(path.to_owned()), listener))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // One that stays is replaced by the next host.
        fs::remove_file(&self.0).ok();
    }
}
