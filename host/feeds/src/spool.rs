//! Files without a name: gone with the process, and readable by this process only.

use std::fs::File;
use std::io::{self, Seek};
use std::path::Path;

/// A file that was rendered or downloaded.
#[derive(Debug)]
pub struct SpooledFile(File);

impl SpooledFile {
    /// An empty file in a folder, or in that of the system.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn create(folder: Option<&Path>) -> io::Result<Self> {
        let file = match folder {
            Some(folder) => tempfile::tempfile_in(folder)?,
            None => tempfile::tempfile()?,
        };
        Ok(Self(file))
    }

    /// The file, to be read or written from its beginning. One at a time: all have one position.
    ///
    /// # Errors
    /// When the operating system has no handle left.
    pub fn from_start(&self) -> io::Result<File> {
        let mut file = self.0.try_clone()?;
        file.rewind()?;
        Ok(file)
    }
}
