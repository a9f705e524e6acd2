//! What the file system says of a file without its content being read.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// State of a file. One that is replaced under its name has another inode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    /// It can be opened.
    Present {
        /// Device and inode: another file under the same name has another inode.
        file: (u64, u64),
        /// Size of the content, in bytes.
        size: u64,
        /// Modification time, in seconds and nanoseconds.
        modified: (i64, i64),
        /// Time of the last change of content or attributes: it changes even where the modification time is set back.
        changed: (i64, i64),
    },
    /// It cannot be opened.
    Absent(io::ErrorKind),
}

impl FileState {
    /// The state at this moment. Follows symbolic links.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        match std::fs::metadata(path) {
            Ok(metadata) => Self::from(&metadata),
            Err(error) => Self::Absent(error.kind()),
        }
    }

    /// Size of the content in bytes; 0 if the file cannot be opened.
    #[must_use]
    pub const fn size(&self) -> u64 {
        match self {
            Self::Present { size, .. } => *size,
            Self::Absent(_) => 0,
        }
    }
}

impl From<&Metadata> for FileState {
    fn from(metadata: &Metadata) -> Self {
        Self::Present {
            file: (metadata.dev(), metadata.ino()),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}
