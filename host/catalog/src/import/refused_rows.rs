//! The file with the rows that an import refused: the message, then the row as it was written.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::FeedFile;
use super::error::ImportError;
use super::source_file::open_without_waiting;
use crate::{ErrorWriter, Problem, Separator};

/// First column of such a file, as Stripe names it.
const FIRST_COLUMN: &[u8] = b"stripe_error_message";

/// The file, made when the first row is refused.
#[derive(Debug)]
pub(super) struct RefusedRows {
    path: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    header: Vec<String>,
    separator: Option<Separator>,
    writer: Option<ErrorWriter<BufWriter<File>>>,
}

impl RefusedRows {
    /// Nothing is written without a path. A file of an earlier import is removed, so that it is not taken for one of this import; any
    /// other file is left alone.
    pub(super) fn new(file: &FeedFile) -> Result<Arc<Self>, ImportError> {
        if let Some(path) = &file.errors {
            remove_earlier(path, &file.path).map_err(|source| failed(path, source))?;
        }
        Ok(Arc::new(Self {
            path: file.errors.clone(),
            state: Mutex::default(),
        }))
    }

    /// Whether rows are written at all.
    pub(super) const fn is_wanted(&self) -> bool {
        self.path.is_some()
    }

    /// The columns of the imported file, and what separates them.
    pub(super) fn header(&self, header: &[String], separator: Separator) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.header = header.to_vec();
        state.separator = Some(separator);
    }

    /// Write a row with what is wrong with it.
    pub(super) fn row(
        &self,
        problems: &[Problem],
        cells: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<(), ImportError> {
        let Some(path) = &self.path else { return Ok(()) };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let write = |state: &mut State| -> io::Result<()> {
            if state.writer.is_none() {
                let file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
                let separator = state.separator.unwrap_or(Separator::Comma);
                state.writer = Some(ErrorWriter::new(BufWriter::new(file), separator, &state.header)?);
            }
            match &mut state.writer {
                Some(writer) => writer.row(problems, cells),
                None => Ok(()),
            }
        };
        write(&mut state).map_err(|source| failed(path, source))
    }

    /// Write everything out. Returns the path of the file, if there is one.
    pub(super) fn finish(&self) -> Result<Option<PathBuf>, ImportError> {
        let Some(path) = &self.path else { return Ok(None) };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(writer) = state.writer.take() else {
            return Ok(None);
        };
        let written = writer.finish().and_then(|mut file| file.flush());
        written.map_err(|source| failed(path, source))?;
        Ok(Some(path.clone()))
    }
}

fn remove_earlier(path: &Path, imported: &Path) -> io::Result<()> {
    let file = match open_without_waiting(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let found = file.metadata()?;
    let mut start = Vec::new();
    if found.is_file() {
        file.take(FIRST_COLUMN.len() as u64).read_to_end(&mut start)?;
    }
    // By another name it is the same file.
    let is_imported =
        fs::metadata(imported).is_ok_and(|other| (other.dev(), other.ino()) == (found.dev(), found.ino()));
    if start != FIRST_COLUMN || is_imported {
        return Err(io::Error::other(
            "is there already, and is not a file of refused rows; name another file",
        ));
    }
    fs::remove_file(path)
}

fn failed(path: &Path, source: io::Error) -> ImportError {
    ImportError::Errors {
        path: path.to_owned(),
        source,
    }
}
