//! The environment and the files that a configuration may read.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::privacy::read_trusted;

type Variables<'a> = Box<dyn Fn(&str) -> Option<String> + 'a>;
type Files<'a> = Box<dyn Fn(&Path) -> io::Result<String> + 'a>;

/// The environment, the files, and the folder that relative paths start from.
pub struct Sources<'a> {
    base: PathBuf,
    variable: Variables<'a>,
    file: Files<'a>,
}

impl<'a> Sources<'a> {
    /// Custom sources, for tests: variables by name, files by path.
    pub fn new(
        base: impl Into<PathBuf>,
        variable: impl Fn(&str) -> Option<String> + 'a,
        file: impl Fn(&Path) -> io::Result<String> + 'a,
    ) -> Self {
        Self {
            base: base.into(),
            variable: Box::new(variable),
            file: Box::new(file),
        }
    }

    /// The environment and the files of this process. A file that others could have written is not read.
    #[must_use]
    pub fn process(base: impl Into<PathBuf>) -> Self {
        Self::new(base, |name| std::env::var(name).ok(), read_trusted)
    }

    /// The same sources; `note` is called with each file that is read.
    #[must_use]
    pub fn noting(self, note: impl Fn(&Path) + 'a) -> Self {
        let file = self.file;
        Self {
            file: Box::new(move |path| {
                note(path);
                file(path)
            }),
            ..self
        }
    }

    /// The value of an environment variable; `None` if it is not set or empty.
    pub fn variable(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// Name and value of the environment variable that overrides a key, by its path; `None` if it is not set.
    pub(super) fn overriding(&self, path: &str) -> Option<(String, String)> {
        let mut name = String::from("TILLHOUSE_");
        name.extend(path.chars().filter(|letter| *letter != ']').map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_uppercase()
            } else {
                '_'
            }
        }));
        self.variable(&name).map(|value| (name, value))
    }

    pub(super) fn file(&self, path: &Path) -> io::Result<String> {
        (self.file)(path)
    }

    pub(super) fn resolve(&self, path: &str) -> PathBuf {
        self.base.join(path)
    }
}

impl fmt::Debug for Sources<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}
