//! What is wrong with a path, and the command that mends it.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Another user than that of this process, or root, could change or read what is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The file or folder that is exposed: the path that was asked about, or a folder on the way to it.
    pub path: PathBuf,
    /// How it is exposed.
    pub kind: ExposureKind,
    /// User id of this process.
    pub our_user: u32,
}

/// How a path is exposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExposureKind {
    /// It belongs to another user, who may change it whatever its mode is.
    ForeignOwner {
        /// User id of the owner.
        owner: u32,
    },
    /// Others than its owner may write to it.
    Writable {
        /// Permission bits of the file or folder.
        mode: u32,
        /// Whether it is a folder on the way to what was asked about.
        is_on_the_way: bool,
    },
    /// Others than its owner may read it, or what is in it.
    Readable {
        /// Permission bits of the file or folder.
        mode: u32,
    },
    /// Others may read or write a folder that root made for this process, such as the mount of a volume. Its mode is not this
    /// process's to change.
    SharedMount {
        /// Permission bits of the folder.
        mode: u32,
    },
    /// It is a symbolic link where none is followed.
    Link,
    /// It cannot be examined.
    Unexamined {
        /// Kind of the operating system's error.
        error: io::ErrorKind,
    },
}

impl Exposure {
    /// The command that mends it, for a shell.
    #[must_use]
    pub fn remedy(&self) -> String {
        let path = self.path.display();
        match &self.kind {
            ExposureKind::ForeignOwner { owner } => format!(
                "run: chown {} {path}, or start the host as the user with the id {owner}",
                self.our_user
            ),
            ExposureKind::Writable {
                is_on_the_way: true, ..
            } => format!("run: chmod go-w {path}, or use a path without it"),
            ExposureKind::Writable { .. } | ExposureKind::Readable { .. } => format!("run: chmod go= {path}"),
            ExposureKind::SharedMount { .. } => {
                format!("name a folder below it, such as {path}/tillhouse: the host makes it, for itself alone")
            }
            ExposureKind::Link => format!("remove the link {path}, or name the file that it leads to"),
            ExposureKind::Unexamined { .. } => format!("let the user with the id {} read {path}", self.our_user),
        }
    }
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, us) = (self.path.display(), self.our_user);
        match &self.kind {
            ExposureKind::ForeignOwner { owner } => write!(
                f,
                "{path} belongs to the user with the id {owner}, and this process is the user {us}: that user may replace what is there"
            ),
            ExposureKind::Writable { mode, .. } => write!(f, "{path} is writable by others (mode {mode:o})"),
            ExposureKind::Readable { mode } | ExposureKind::SharedMount { mode } => {
                write!(f, "{path} is accessible to others (mode {mode:o})")
            }
            ExposureKind::Link => write!(f, "{path} is a symbolic link"),
            ExposureKind::Unexamined { error } => write!(f, "{path} cannot be examined: {error}"),
        }
    }
}

impl std::error::Error for Exposure {}

impl From<Exposure> for io::Error {
    fn from(exposure: Exposure) -> Self {
        Self::new(
            io::ErrorKind::PermissionDenied,
            format!("{exposure}; {}", exposure.remedy()),
        )
    }
}
